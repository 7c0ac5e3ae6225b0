import TesseraTestSupport
import Testing

@testable import TesseraConfiguration

@Suite struct SpellingTests {
  static let keys = [
    "kernel_size", "stride", "padding", "padding_mode", "dilation", "edge",
    "transform.mean_removal",
  ]

  @Test(
    "The nearest word is found through typing errors, case, hyphens and the order of words",
    arguments: [
      ("kernal_size", "kernel_size"), ("KernelSize", "kernel_size"),
      ("kernel-size", "kernel_size"), ("size_kernel", "kernel_size"), ("kernel", "kernel_size"),
      ("strid", "stride"), ("stirde", "stride"), ("paddingMode", "padding_mode"),
      ("mode", "padding_mode"), ("dilatation", "dilation"), ("EDGE", "edge"),
      ("mean removal", "transform.mean_removal"),
    ])
  func found(_ word: String, _ meant: String) {
    #expect(Spelling.nearest(to: word, in: Self.keys) == meant)
  }

  @Test(
    "Words unlike all others, and those too long to be typing errors, have no neighbour",
    arguments: ["zoom", "x", "", "__", String(repeating: "stride", count: 50)])
  func notFound(_ word: String) {
    #expect(Spelling.nearest(to: word, in: Self.keys) == nil)
  }

  @Test(
    "Two neighbours swapped are one mistake: with two of them these would be too far away",
    arguments: [
      ("egde", "edge"), ("edeg", "edge"), ("ab", "ba"), ("abc", "bac"),
      ("abc", "acb"), ("abcde", "bacde"), ("abcde", "abced"), ("abcde", "acbde"),
      ("abcdef", "badcef"), ("abcdef", "bacdfe"), ("abcdefghi", "badcfeghi"),
    ])
  func swaps(_ word: String, _ meant: String) {
    #expect(Spelling.nearest(to: word, in: [meant]) == meant)
  }

  @Test(
    "Letters that change places over others are two mistakes",
    arguments: [("abc", "cba"), ("edge", "gde"), ("abcde", "adcbe"), ("abcd", "cdab")])
  func noSwaps(_ word: String, _ other: String) {
    #expect(Spelling.nearest(to: word, in: [other]) == nil)
  }

  @Test(
    "A third of the letters may be wrong, and of short words one, but never all",
    arguments: [
      // written, meant, whether it is near enough
      ("a", "b", false), ("a", "ab", false), ("ab", "ac", true), ("ab", "cd", false),
      ("ab", "abc", true), ("ab", "abcd", false), ("abcde", "abcdx", true),
      ("abcde", "abcxx", false),
      ("abcde", "abcd", true), ("abcde", "abc", false), ("abcde", "abcdefg", false),
      ("abcdef", "abcdxx", true), ("abcdef", "abcxxx", false), ("abcdef", "abcd", true),
      ("abcdef", "abcdefgh", true), ("abcdef", "abcdefghi", false), ("abcdef", "xabcdefy", true),
      ("abcdefgh", "abcdefxx", true), ("abcdefgh", "abcdexxx", false),
      ("abcdefghi", "abcdefxxx", true), ("abcdefghi", "abcdexxxx", false),
      ("abcdefghijkl", "abcdefghxxxx", true), ("abcdefghijkl", "abcdefgxxxxx", false),
    ])
  func limit(_ word: String, _ meant: String, _ isNear: Bool) {
    #expect(Spelling.nearest(to: word, in: [meant]) == (isNear ? meant : nil))
  }

  @Test("Bytes are counted: a letter of two bytes is two mistakes")
  func bytes() {
    #expect(Spelling.nearest(to: "strid\u{E9}", in: ["stride"]) == "stride")
    #expect(Spelling.nearest(to: "edg\u{E9}", in: ["edge"]) == nil)
  }

  @Test(
    "Of several the nearest is meant, and the first of those that are as near",
    arguments: [
      (["abcdxx", "abcdex"], "abcdex"), (["abcdex", "abcdxx"], "abcdex"),
      (["abcdex", "abcdey"], "abcdex"), (["abcdey", "abcdex"], "abcdey"),
      (["abcdefg", "abcdex", "abcde"], "abcdefg"), (["xxxxxx", "abcdef"], "abcdef"),
      // The same words in another order are nearer than anything.
      (["abcdef_", "abcdef"], "abcdef_"), (["abcdeg", "ABCDEF"], "ABCDEF"),
      (["zzzzzz", "yyyyyy"], nil), ([], nil),
    ] as [([String], String?)])
  func nearest(_ candidates: [String], _ meant: String?) {
    #expect(Spelling.nearest(to: "abcdef", in: candidates) == meant)
  }

  @Test(
    "The same words win over a nearer spelling, one of several words is the last resort",
    arguments: [
      ("size_kernel", ["size_kernal", "kernel_size"], "kernel_size"),
      ("Kernel Size", ["kernel_sise", "kernel.size"], "kernel.size"),
      ("mode", ["padding_mode", "model"], "model"),
      ("mode", ["padding_mode", "stride"], "padding_mode"),
      ("padding_mode_x", ["stride", "mode"], "mode"),
      ("mode", ["border_mode", "padding_mode"], "border_mode"),
      ("modes", ["padding_mode"], nil), ("pad_mode", ["padding_mode"], nil),
      ("size_of", ["kernel_size"], nil), ("of_size_kernel", ["kernel_size"], "kernel_size"),
    ] as [(String, [String], String?)])
  func words(_ word: String, _ candidates: [String], _ meant: String?) {
    #expect(Spelling.nearest(to: word, in: candidates) == meant)
  }

  @Test("A word of 64 letters may be mistaken, one of 65 is none")
  func longWords() {
    for (count, isRead) in [(63, true), (64, true), (65, false), (66, false)] {
      let word = String(repeating: "ab", count: count).prefix(count)
      let meant = String(word.dropLast()) + "x"
      #expect(Spelling.nearest(to: String(word), in: [meant]) == (isRead ? meant : nil), "\(count)")
    }
    // What stands between words is no letter.
    let spaced = Array(repeating: "abcd", count: 16).joined(separator: "_")
    #expect(Spelling.nearest(to: spaced, in: [spaced + "x"]) == spaced + "x")
  }

  /// Mistakes between two words, by trying everything: slow, and clearly right.
  private static func mistakes(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
    guard let x = a.first, let y = b.first else { return a.count + b.count }
    var best = mistakes(a.dropFirst(), b.dropFirst()) + (x == y ? 0 : 1)
    best = min(best, mistakes(a.dropFirst(), b) + 1, mistakes(a, b.dropFirst()) + 1)
    if a.count > 1, b.count > 1, x == b[b.startIndex + 1], y == a[a.startIndex + 1] {
      best = min(best, mistakes(a.dropFirst(2), b.dropFirst(2)) + 1)
    }
    return best
  }

  @Test("Random words find what counting every way of going wrong finds")
  func randomWords() {
    var random = SeededGenerator(seed: 64)
    func word() -> String {
      String(
        (0..<Int.random(in: 1...6, using: &random)).map { _ in
          "abc".randomElement(using: &random) ?? "a"
        })
    }
    var (found, missed) = (0, 0)
    for _ in 0..<600 {
      let written = word()
      let candidates = (0..<3).map { _ in word() }
      let distances = candidates.map {
        Self.mistakes(Array(written.utf8)[...], Array($0.utf8)[...])
      }
      let best = distances.indices.min { distances[$0] < distances[$1] } ?? 0
      let limit = min(max(1, written.count / 3), written.count - 1)
      let expected = distances[best] <= limit ? candidates[best] : nil
      // The same word is itself, wherever it stands.
      #expect(
        Spelling.nearest(to: written, in: candidates) == expected, "\(written) in \(candidates)")
      if expected == nil { missed += 1 } else { found += 1 }
    }
    #expect(found > 100 && missed > 100, "\(found), \(missed)")
  }
}
