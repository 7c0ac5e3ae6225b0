import TesseraCore
import TesseraFiles

/// Folders in which nothing came to lie: to those who read folders as classes they would be classes.
struct EmptyFolders {
  private let roots: [String]
  private var folders: Set<PathKey> = []

  init(below options: BatchOptions) {
    roots = ([options.folder].compactMap(\.self) + options.otherFolders).map(Path.normalized)
  }

  mutating func add(_ folder: String) {
    var folder = Path.normalized(folder)
    while !roots.contains(where: { $0.utf8.elementsEqual(folder.utf8) }), !folder.isEmpty,
      folder != "/", folder != ".", folders.insert(PathKey(folder)).inserted
    {
      folder = Path.folder(of: folder)
    }
  }

  /// Removes those that are empty, the deepest first.
  func remove() {
    for folder in folders.map(\.path).sorted(by: { $0.utf8.count > $1.utf8.count }) {
      FileSystem.removeFolder(folder)
    }
  }
}
