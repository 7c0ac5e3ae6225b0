import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// What one image gives to a dataset.
struct DatasetEntry {
  /// What it is called.
  var key: String
  /// The patches, or the image; of a picture there is a file instead.
  var array: ValueArray?
  /// Arrays that go along, by their names.
  var companions: [(name: String, array: CompanionArray)] = []
  /// A picture, whole.
  var picture: (file: AtomicFile, fileExtension: String)?
  /// How many patches there are; `nil` for images.
  var patchCount: Int?
  /// What is told of it, but for its place in a shard.
  var row: [JSONMember]
  /// The number of its label among the classes.
  var classNumber: Int?
}

/// Integers that go along with patches.
struct CompanionArray: Hashable, Sendable {
  var shape: [Int]
  var type: StoredType
  var bytes: [UInt8]

  /// 64-bit integers.
  init(_ values: [Int], shape: [Int]? = nil) {
    self.shape = shape ?? [values.count]
    type = .int64
    bytes = values.flatMap { value in withUnsafeBytes(of: Int64(value).littleEndian, Array.init) }
  }
}
