/// What stands for a channel in the name of a file: its number, or a name.
///
/// A number has no zeros before it, and a name begins with a small letter, so that no name is a number.
enum ChannelWord {
  /// The most characters of one.
  static let longest = 100

  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")

  /// Whether a character may stand in one.
  static func isPart(_ character: UInt8) -> Bool {
    letters.contains(character) || digits.contains(character) || character == UInt8(ascii: "_")
  }

  /// Whether characters are one: no image has more than 65 536 channels.
  static func isWhole(_ characters: some Collection<UInt8>) -> Bool {
    guard let first = characters.first, characters.allSatisfy(isPart) else { return false }
    if letters.contains(first) { return characters.count <= longest }
    return characters.allSatisfy(digits.contains) && characters.count <= 5
      && (first != digits.lowerBound || characters.count == 1)
  }

  /// The places in a path where one may stand: every number, and of names those that begin or end where
  /// such characters do.
  static func places(in path: [UInt8]) -> [Range<Int>] {
    var places: [Range<Int>] = []
    for start in path.indices where digits.contains(path[start]) {
      for end in start + 1..<min(start + 5, path.count) + 1 where isWhole(path[start..<end]) {
        places.append(start..<end)
      }
    }
    var start = 0
    while start < path.count {
      guard isPart(path[start]) else {
        start += 1
        continue
      }
      let end = path[start...].firstIndex { !isPart($0) } ?? path.count
      for middle in start + 1..<end + 1 where isWhole(path[start..<middle]) {
        if letters.contains(path[start]) { places.append(start..<middle) }
      }
      for middle in start + 1..<max(end, start + 1) where letters.contains(path[middle]) {
        if isWhole(path[middle..<end]) { places.append(middle..<end) }
      }
      start = end
    }
    return places
  }
}
