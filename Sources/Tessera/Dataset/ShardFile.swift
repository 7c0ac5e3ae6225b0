import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// What the images of a shard share: a file, or one with others that go along.
///
/// It is used by one thread at a time.
protocol ShardFile: AnyObject {
  /// The files, which have no names yet.
  var files: [SharedFile] { get }

  /// Appends what an image gives.
  ///
  /// - Throws: ``FileError`` where it cannot be written.
  func append(_ entry: DatasetEntry, firstPatch: Int) throws(FileError)

  /// Ends the files.
  ///
  /// - Throws: ``FileError`` where they cannot be written.
  func close() throws(FileError)
}

/// A file, with sides and type of what it holds.
struct SharedFile {
  let file: AtomicFile
  /// Known once the file is closed.
  var shape: [Int]
  var type: StoredType
}

/// Arrays of many images in .npy files: the patches, and one for each array that goes along.
final class NPYShard: ShardFile {
  private(set) var files: [SharedFile]
  private let isJoined: Bool

  /// Begins the files.
  ///
  /// - Parameters:
  ///   - files: empty: for the patches, and for each array that goes along.
  ///   - form: what all images have in common.
  ///   - shape: sides of what one image gives.
  /// - Throws: ``FileError`` where they cannot be written.
  init(_ files: [AtomicFile], _ form: PlannedDataset.Form, shape: [Int]) throws(FileError) {
    isJoined = form.isJoined
    let first = SharedFile(
      file: files[0], shape: [0] + (isJoined ? Array(shape.dropFirst()) : shape),
      type: form.storedType)
    self.files =
      [first]
      + zip(files.dropFirst(), form.companions).map { file, companion in
        SharedFile(file: file, shape: [0] + companion.shape, type: companion.type)
      }
    for each in self.files { try each.file.write(Self.header(each)) }
  }

  private static func header(_ file: SharedFile) -> [UInt8] {
    NPYFileWriter.header(shape: file.shape, storedType: file.type)
  }

  func append(_ entry: DatasetEntry, firstPatch: Int) throws(FileError) {
    guard let array = entry.array else { preconditionFailure("an image gives an array") }
    files[0].shape[0] += isJoined ? array.shape[0] : 1
    try files[0].file.append(array)
    for (index, companion) in entry.companions.enumerated() {
      files[index + 1].shape[0] += 1
      try files[index + 1].file.write(companion.bytes)
    }
  }

  func close() throws(FileError) {
    // Headers leave the first side room to grow, so their length stays.
    for each in files { try each.file.overwrite(Self.header(each), at: 0) }
  }
}

extension AtomicFile {
  /// Appends the bytes of an array.
  func append(_ array: ValueArray) throws(FileError) {
    var failure: FileError?
    array.withBytes { bytes in
      do throws(FileError) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
