import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// Arrays of many images in a safetensors file.
///
/// What goes along with the patches comes first: integers of 8 bytes then lie at multiples of 8,
/// whatever the patches are. Room is left for as many images as are planned; where some fail, patches
/// move up.
final class SafetensorsShard: ShardFile {
  private let file: AtomicFile
  private var shape: [Int]
  private let name: String
  private let type: StoredType
  private let isJoined: Bool
  private var companions: [(tensor: SafetensorsHeader.Tensor, bytes: [UInt8])]
  private var offsets: [Int] = [0]
  private let headerRoom: Int
  private let companionRoom: Int

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - file: empty.
  ///   - form: what all images have in common.
  ///   - name: what the patches are called.
  ///   - shape: sides of what one image gives.
  ///   - images: how many there are at most.
  /// - Throws: ``FileError`` where it cannot be written.
  init(
    _ file: AtomicFile, _ form: PlannedDataset.Form, named name: String, shape: [Int], images: Int
  ) throws(FileError) {
    self.file = file
    self.name = name
    type = form.storedType
    isJoined = form.isJoined
    self.shape = [0] + (isJoined ? Array(shape.dropFirst()) : shape)
    companions = form.companions.map {
      (SafetensorsHeader.Tensor($0.name, $0.type, [0] + $0.shape), [])
    }
    var most = form.companions.map {
      SafetensorsHeader.Tensor($0.name, $0.type, [images] + $0.shape)
    }
    if isJoined { most.append(SafetensorsHeader.Tensor("offsets", .int64, [images + 1])) }
    companionRoom = most.reduce(0) { $0 + $1.byteCount }
    // No count of patches has more digits than this one.
    let largest = SafetensorsHeader.Tensor(name, .uint8, [1 << 56, 1 << 56] + shape)
    headerRoom = SafetensorsHeader(most + [largest]).byteCount
    try file.write(Array(repeating: 0, count: headerRoom + companionRoom))
  }

  var files: [SharedFile] { [SharedFile(file: file, shape: shape, type: type)] }

  func append(_ entry: DatasetEntry, firstPatch: Int) throws(FileError) {
    guard let array = entry.array else { preconditionFailure("an image gives an array") }
    shape[0] += isJoined ? array.shape[0] : 1
    offsets.append(shape[0])
    for (index, companion) in entry.companions.enumerated() {
      companions[index].bytes += companion.bytes
      companions[index].tensor.shape[0] += 1
    }
    try file.append(array)
  }

  func close() throws(FileError) {
    var parts = companions
    if isJoined {
      let offsets = Companion("offsets", .int64, offsets)
      parts.append((offsets.form.tensor, offsets.bytes))
    }
    // The widest first: then each lies at a multiple of its width.
    parts.sort { $0.tensor.type.byteCount > $1.tensor.type.byteCount }
    let bytes = parts.flatMap(\.bytes)
    let patches = SafetensorsHeader.Tensor(name, type, shape)
    let begin = headerRoom + companionRoom
    if bytes.count < companionRoom {
      try file.move(begin..<begin + patches.byteCount, to: headerRoom + bytes.count)
    }
    let header = SafetensorsHeader(parts.map(\.tensor) + [patches]).bytes(filling: headerRoom)
    precondition(header.count == headerRoom, "the header has the room that was left for it")
    try file.overwrite(header + bytes, at: 0)
  }
}
