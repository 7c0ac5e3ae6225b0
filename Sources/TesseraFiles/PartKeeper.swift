import TesseraCore

/// Keeps the files of a folder from being taken for leftovers while they wait for their names, closed.
///
/// It is a locked file that their temporary names lead to: thousands may wait while one is open. It is
/// there until the last of them has its name or is gone.
package final class PartKeeper {
  /// What the temporary names of its files have before their end.
  let mark: String
  private let file: AtomicFile

  /// Makes a keeper for files of a folder.
  ///
  /// - Throws: ``FileError`` where the folder takes no file.
  package init(in folder: String) throws(FileError) {
    while true {
      let mark = Self.start + UInt64.random(in: .min ... .max).hexadecimal
      // Others have to find it by the mark alone.
      let file = try AtomicFile(at: Path.join(folder, mark), keptBy: nil, writtenBy: nil)
      // Under another name than the one that was wanted nobody would find it.
      guard file.temporaryPath == Self.path(of: mark, in: folder) else { continue }
      (self.mark, self.file) = (mark, file)
      return
    }
  }

  /// The locked file, open.
  var descriptor: Int32 { file.openDescriptor }

  private static let start = "kept-"

  private static func path(of mark: String, in folder: String) -> String {
    AtomicFile.temporaryPath(for: Path.join(folder, mark))
  }

  /// The path of the keeper that a temporary name leads to; `nil` where it leads to none.
  static func path(keeping path: String) -> String? {
    let name = Path.name(of: path)
    guard name.hasSuffix(OwnNames.partSuffix) else { return nil }
    let parts = name.utf8.dropLast(OwnNames.partSuffix.utf8.count).split(
      separator: UInt8(ascii: "."))
    guard parts.count > 1, let mark = parts.last, mark.count == start.utf8.count + 16,
      mark.starts(with: start.utf8)
    else { return nil }
    return Self.path(of: String(Substring(mark)), in: Path.folder(of: path))
  }
}
