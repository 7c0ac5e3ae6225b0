import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// Samples of many images in a tar file, as WebDataset reads them.
final class TarShard: ShardFile {
  private let file: AtomicFile
  private let type: StoredType
  private var count = 0
  private let tar: TarWriter

  var files: [SharedFile] { [SharedFile(file: file, shape: [count], type: type)] }

  /// Begins an archive in an empty file.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - type: that of the values in it.
  /// - Throws: ``FileError`` where there is no memory for it.
  init(_ file: AtomicFile, of type: StoredType) throws(FileError) {
    self.file = file
    self.type = type
    tar = try TarWriter(descriptor: file.descriptor, path: file.path)
  }

  /// Whether the names of an image's members fit the format.
  static func holds(key: String) -> Bool { TarWriter.holds(key + ".pixel_attention_mask.npy") }

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
    for companion in entry.companions {
      let form = companion.form
      let header = NPYFileWriter.header(shape: form.shape, storedType: form.type)
      try append("\(entry.key).\(form.name).npy", header + companion.bytes)
    }
    let shard = Path.name(of: file.path)
    let row = DatasetRow.text(entry.row, shard: shard, firstPatch: firstPatch)
    try append(entry.key + ".json", Array(row.utf8))
    for member in entry.members where member.suffix != "cls" || entry.classNumber == nil {
      // The row has the plain name.
      let suffix = member.suffix == "json" ? "sample.json" : member.suffix
      try append("\(entry.key).\(suffix)", member.bytes)
    }
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
