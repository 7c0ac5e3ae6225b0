import TesseraFiles

/// Which names are inputs, by the globs of a pipeline.
package struct InputNames {
  package let isRecursive: Bool
  private let include: [Glob]
  private let exclude: [Glob]

  package init(include: [String], exclude: [String], isRecursive: Bool) {
    self.isRecursive = isRecursive
    self.include = include.map { Glob($0) }
    self.exclude = exclude.map { Glob($0) }
  }

  /// Whether a path from the input root is taken, folders on its way included.
  package func take(_ relativePath: String) -> Bool {
    var folder = Path.folder(of: relativePath)
    if !isRecursive, !folder.isEmpty { return false }
    guard include.isEmpty || include.contains(where: { $0.matches(relativePath) }),
      !isExcluded(relativePath)
    else { return false }
    // The root is its own folder.
    while !folder.isEmpty, folder != "/" {
      if isExcluded(folder) { return false }
      folder = Path.folder(of: folder)
    }
    return true
  }

  /// Whether a glob keeps a file or a folder out by its own path.
  package func isExcluded(_ relativePath: String) -> Bool {
    exclude.contains { $0.matches(relativePath) }
  }
}
