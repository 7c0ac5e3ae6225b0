import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// A file that the images of a shard share. It is used by one thread at a time.
protocol ShardFile: AnyObject {
  /// The file, which has no name yet.
  var file: AtomicFile { get }
  /// Sides of what it holds, once it is closed.
  var shape: [Int] { get }

  /// Appends what an image gives.
  ///
  /// - Throws: ``FileError`` where it cannot be written.
  func append(_ entry: DatasetEntry, firstPatch: Int) throws(FileError)

  /// Ends the file.
  ///
  /// - Throws: ``FileError`` where it cannot be written.
  func close() throws(FileError)
}

/// An array of many images in a .npy file.
final class NPYShard: ShardFile {
  let file: AtomicFile
  private(set) var shape: [Int]
  private let type: StoredType
  private let isJoined: Bool

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - file: empty.
  ///   - form: what all images have in common.
  ///   - shape: sides of what one image gives.
  init(_ file: AtomicFile, _ form: PlannedDataset.Form, shape: [Int]) throws(FileError) {
    self.file = file
    type = form.storedType
    isJoined = form.isJoined
    self.shape = [0] + (isJoined ? Array(shape.dropFirst()) : shape)
    try file.write(header)
  }

  private var header: [UInt8] { NPYFileWriter.header(shape: shape, storedType: type) }

  func append(_ entry: DatasetEntry, firstPatch: Int) throws(FileError) {
    guard let array = entry.array else { preconditionFailure("an image gives an array") }
    shape[0] += isJoined ? array.shape[0] : 1
    try file.append(array)
  }

  func close() throws(FileError) {
    // The header leaves the first side room to grow, so its length stays.
    try file.overwrite(header, at: 0)
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
