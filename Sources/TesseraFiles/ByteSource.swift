/// Where the bytes of an item are: a file, or a part of one.
///
/// A member of an archive is a part of the archive's file. Nothing is opened yet.
public struct ByteSource: Sendable {
  /// The file, in the text form of `String.withPathBytes(_:)`.
  public let path: String
  /// Which bytes of the file; `nil`: all of them.
  public let part: Range<Int>?
  /// Which of the pages that lie in these bytes, counted from 0; `nil`: the first, or all there is.
  public var page: Int?

  /// All bytes of a file.
  public init(path: String) {
    self.path = path
    part = nil
  }

  /// A part of a file, which may turn out to end sooner.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - offset: bytes before the part, not negative.
  ///   - byteCount: bytes of the part, not negative.
  public init(path: String, offset: Int, byteCount: Int) {
    precondition(
      offset >= 0 && byteCount >= 0 && byteCount <= Int.max - offset,
      "a part lies where a file can be")
    self.path = path
    part = offset..<offset + byteCount
  }
}

extension ByteSource: Hashable {
  // Swift's == on text is canonical equivalence: "é" in its two spellings would be one file.

  /// Whether two sources are the same bytes of the same path.
  public static func == (a: ByteSource, b: ByteSource) -> Bool {
    a.part == b.part && a.page == b.page && a.path.utf8.elementsEqual(b.path.utf8)
  }

  /// Feeds the bytes of the path, and the part.
  public func hash(into hasher: inout Hasher) {
    for byte in path.utf8 { hasher.combine(byte) }
    hasher.combine(part)
    hasher.combine(page)
  }
}
