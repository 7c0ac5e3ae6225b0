import Testing

@testable import TesseraBatch

struct GlobTests {
  @Test(
    "a path that fits a pattern matches",
    arguments: [
      ("*.png", "a.png"), ("*.png", "deep/er/a.png"), ("a?c", "abc"), ("a?c", "aéc"),
      ("[a-c]x", "bx"), ("[!a-c]x", "dx"), ("[^a-c]x", "dx"), ("[b-b]", "b"), ("[]]x", "]x"),
      ("[", "["), ("a[", "a["),
      ("**/*.png", "a.png"), ("**/*.png", "x/y/a.png"), ("x/**", "x/y/z"), ("x/**/z", "x/z"),
      ("x/**/z", "x/a/b/z"), ("**", "a/b"), ("*.{png,jpg}", "a.jpg"), ("{a,b}/{c,d}", "b/c"),
      ("{a,{b,c}}d", "cd"), ("\\*", "*"), ("a*b*c*d", "axbxbxcxd"), ("./x/*.png", "x/a.png"),
      ("*", "\u{EF80}.png"), ("***", "a"), ("a***", "a"), ("*a*", "a"), ("?*?", "ab"),
      ("[a-]", "-"), ("[-a]", "-"), ("[a-c-e]", "-"), ("[!]]", "a"), ("[c-a]", "-"), ("[a]]", "a]"),
      ("\\[a]", "[a]"), ("a\\", "a\\"), ("{a}", "{a}"), ("{a", "{a"), ("{,a}b", "b"),
      ("a{}", "a{}"),
      ("/a", "a"), ("a/", "a"), ("a//b", "a/b"), ("é", "é"), ("[à-ü]", "é"),
    ])
  func matches(pattern: String, path: String) {
    #expect(Glob(pattern).matches(path))
  }

  @Test(
    "a path that does not fit a pattern does not match",
    arguments: [
      ("*.png", "a.jpg"), ("*.png", "a.PNG"), ("x/*.png", "x/y/a.png"), ("x/*.png", "a.png"),
      ("a?c", "ac"), ("[a-c]x", "dx"), ("[!a-c]x", "ax"), ("[^a-c]x", "cx"), ("[^b-b]", "b"),
      ("[b-b]", "-"), ("x/**/z", "x/y"), ("", "a"),
      ("\\*", "a"), ("*.{png,jpg}", "a.npy"), ("e\u{301}", "\u{E9}"),
    ])
  func differs(pattern: String, path: String) {
    #expect(!Glob(pattern).matches(path))
  }

  @Test("a hostile pattern takes no exponential time")
  func hostile() {
    let stars = String(repeating: "*a", count: 2000)
    let folders = String(repeating: "**/a/", count: 200) + "b"
    let braces = String(repeating: "{a,b}", count: 60)
    #expect(!Glob(stars).matches(String(repeating: "a", count: 1999)))
    #expect(!Glob(folders).matches(String(repeating: "a/", count: 300)))
    #expect(!Glob(braces).matches("c"))
  }

  /// Whether a name fits a pattern, by trying every way: slow, and clearly right.
  private static func fits(
    _ pattern: ArraySlice<String>, _ items: ArraySlice<String>, star: String,
    _ accepts: (String, String) -> Bool
  ) -> Bool {
    guard let first = pattern.first else { return items.isEmpty }
    let rest = pattern.dropFirst()
    if first == star {
      return (items.startIndex...items.endIndex).contains {
        fits(rest, items[$0...], star: star, accepts)
      }
    }
    guard let item = items.first, accepts(first, item) else { return false }
    return fits(rest, items.dropFirst(), star: star, accepts)
  }

  /// Every list of up to `length` of some words.
  private static func lists(of words: [String], upTo length: Int) -> [[String]] {
    var lists: [[String]] = [[]]
    var last = lists
    for _ in 0..<length {
      last = last.flatMap { list in words.map { list + [$0] } }
      lists += last
    }
    return lists
  }

  @Test("Every short pattern takes the names that it takes when every way is tried")
  func everyName() {
    let names = Self.lists(of: ["a", "b"], upTo: 4).dropFirst()
    var count = 0
    for pattern in Self.lists(of: ["a", "b", "*", "?", "[!a]"], upTo: 4).dropFirst() {
      let glob = Glob(pattern.joined())
      for name in names {
        let expected = Self.fits(pattern[...], name[...], star: "*") { part, letter in
          part == "?" || (part == "[!a]" ? letter != "a" : part == letter)
        }
        if glob.matches(name.joined()) != expected {
          Issue.record("\(pattern.joined()) and \(name.joined()): expected \(expected)")
        }
        count += expected ? 1 : 0
      }
    }
    #expect(count > 4000)
  }

  @Test("Every short pattern of folders takes the paths that it takes when every way is tried")
  func everyPath() {
    let paths = Self.lists(of: ["a", "b"], upTo: 4).dropFirst()
    var count = 0
    for pattern in Self.lists(of: ["a", "b", "**", "*"], upTo: 4).dropFirst() {
      let glob = Glob(pattern.joined(separator: "/"))
      for path in paths {
        let expected = Self.fits(pattern[...], path[...], star: "**") { part, name in
          part == "*" || part == name
        }
        if glob.matchesWhole(path: path.joined(separator: "/")) != expected {
          Issue.record("\(pattern) and \(path): expected \(expected)")
        }
        count += expected ? 1 : 0
      }
    }
    #expect(count > 2000)
  }

  @Test(
    "A path from the root is looked through to its end",
    arguments: ["/", "/a", "/a/b.png", "//a//b", "a/", ""])
  func absolute(_ path: String) {
    #expect(InputNames(include: [], exclude: ["x"], isRecursive: true).take(path))
    #expect(!InputNames(include: ["y"], exclude: [], isRecursive: true).take(path))
  }

  @Test(
    "A pattern tells how many folders deep it may look",
    arguments: [
      ("*", 1), ("a/b", 2), ("./a/*/b", 3), ("{a,b/c}", 2), ("{a/b/c,d}", 3), ("**", nil),
      ("a/**/b", nil), ("{a,**/b}", nil), ("a**", 1),
    ] as [(String, Int?)])
  func depth(_ pattern: String, _ depth: Int?) {
    #expect(Glob(pattern).maximumDepth == depth)
  }

  @Test(
    "Stars, question marks, brackets and braces make a pattern of a text, and nothing else does")
  func isPattern() {
    for text in ["*", "a?", "[", "a{b"] { #expect(Glob.isPattern(text), "\(text)") }
    for text in ["", "a", "]", "}", "\\", "a.b-c,d!^/é"] {
      #expect(!Glob.isPattern(text), "\(text)")
    }
  }
}
