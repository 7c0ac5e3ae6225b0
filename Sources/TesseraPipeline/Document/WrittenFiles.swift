import TesseraConfiguration
import TesseraFiles

/// The files that a stage writes, whatever the inputs: two that are equal write the same ones.
package struct WrittenFiles: Hashable {
  /// The folder's names from the root or the working directory; `nil` where the command gives it.
  private let folder: [PathKey]?
  private let name: NameTemplate?
  /// Counts only where it makes the names.
  private let fileExtension: String?

  /// Says where a stage writes.
  ///
  /// - Parameters:
  ///   - files: what the stage says of them.
  ///   - folder: the folder, as far as it is known.
  package init(_ files: OutputFiles, in folder: String?) {
    self.folder = folder.map { folder in
      let root = folder.utf8.first == UInt8(ascii: "/") ? ["/"] : []
      return (root + Path.normalizedParts(folder)).map { PathKey($0) }
    }
    name = files.name
    fileExtension = name == nil ? files.fileExtension : nil
  }
}
