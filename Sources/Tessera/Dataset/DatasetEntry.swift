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
  /// Arrays that go along.
  var companions: [Companion] = []
  /// What stood beside the image in a tar archive.
  var members: [SampleMembers.Member] = []
  /// A picture, whole.
  var picture: (file: AtomicFile, fileExtension: String)?
  /// How many patches there are; `nil` for images.
  var patchCount: Int?
  /// What is told of it, but for its place in a shard.
  var row: [JSONMember]
  /// The number of its label among the classes.
  var classNumber: Int?
}
