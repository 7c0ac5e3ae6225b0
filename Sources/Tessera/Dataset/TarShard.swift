import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// Samples of many images in a tar file, as WebDataset reads them.
final class TarShard: ShardFile {
  let file: AtomicFile
  private var count = 0
  private let tar: TarWriter

  var shape: [Int] { [count] }

  /// Begins an archive in an empty file.
  init(_ file: AtomicFile) throws(FileError) {
    self.file = file
    tar = try TarWriter(descriptor: file.descriptor, path: file.path)
  }

  /// Whether the names of an image's members fit the format.
  static func holds(key: String) -> Bool { TarWriter.holds(key + ".ids_restore.npy") }

  func append(_ entry: DatasetEntry, firstPatch: Int) throws(FileError) {
    if let array = entry.array {
      let header = NPYFileWriter.header(shape: array.shape, storedType: array.type)
      try append(entry.key + ".npy", header, array)
    }
    if let (picture, fileExtension) = entry.picture {
      let source = try OpenFile.reading(picture.temporaryPath)
      try tar.append(
        "\(entry.key).\(fileExtension)", contentsOf: source,
        byteCount: FileStatus(of: source.descriptor)?.byteCount ?? 0)
    }
    for (name, array) in entry.companions {
      let header = NPYFileWriter.header(shape: array.shape, storedType: array.type)
      try append("\(entry.key).\(name).npy", header + array.bytes)
    }
    let shard = Path.name(of: file.path)
    let row = DatasetRow.text(entry.row, shard: shard, firstPatch: firstPatch)
    try append(entry.key + ".json", Array(row.utf8))
    if let number = entry.classNumber { try append(entry.key + ".cls", Array("\(number)".utf8)) }
    count += 1
  }

  func close() throws(FileError) { try tar.finish() }

  private func append(_ name: String, _ bytes: [UInt8]) throws(FileError) {
    try tar.appending(name) { append in bytes.withUnsafeBytes { append([$0]) } }
  }

  private func append(_ name: String, _ header: [UInt8], _ array: ValueArray) throws(FileError) {
    try tar.appending(name) { append in
      header.withUnsafeBytes { header in array.withBytes { append([header, $0]) } }
    }
  }
}

extension TarWriter {
  /// Appends a member whose bytes are within reach only for a moment.
  fileprivate func appending(
    _ name: String, _ body: (([UnsafeRawBufferPointer]) -> Void) -> Void
  ) throws(FileError) {
    var failure: FileError?
    body { pieces in
      do throws(FileError) { try append(name, pieces) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
