/// One file to process.
public struct InputFile: Sendable {
  /// The path that opens it, in the text form of ``Swift/String/withPathBytes(_:)``.
  public var path: String
  /// The path from the folder that was loaded: what reports, names of outputs and the order use.
  public var relativePath: String
  /// Size of the file [bytes].
  public var byteCount: Int
  /// When the content last changed, since 1970 [ns].
  public var modificationTime: Int

  /// Creates the description of a file.
  public init(path: String, relativePath: String, byteCount: Int, modificationTime: Int) {
    self.path = path
    self.relativePath = relativePath
    self.byteCount = byteCount
    self.modificationTime = modificationTime
  }
}

extension InputFile: Hashable {
  // Swift's == on text is canonical equivalence: "é" in its two spellings would be one file.

  /// Whether two descriptions are of the same bytes of path, size and time.
  public static func == (a: InputFile, b: InputFile) -> Bool {
    a.path.utf8.elementsEqual(b.path.utf8)
      && a.relativePath.utf8.elementsEqual(b.relativePath.utf8)
      && a.byteCount == b.byteCount && a.modificationTime == b.modificationTime
  }

  /// Feeds size and time.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(byteCount)
    hasher.combine(modificationTime)
  }
}
