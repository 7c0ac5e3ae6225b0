import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// Arrays of many images, or of one, in a safetensors file.
///
/// What goes along with the patches comes first: integers of 8 bytes then lie at multiples of 8,
/// whatever the patches are. Room is left for as many images as are planned; where some fail, patches
/// move up.
final class SafetensorsShard: ShardFile {
  let file: AtomicFile
  private(set) var shape: [Int]
  private let type: StoredType
  private let isJoined: Bool
  /// Whether there is just one image, whose arrays are not stacked.
  private let isSingle: Bool
  private var companions: [(tensor: SafetensorsHeader.Tensor, bytes: [UInt8])]
  private var offsets: [Int] = [0]
  private let headerRoom: Int
  private let companionRoom: Int

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - file: empty.
  ///   - form: what all images have in common.
  ///   - shape: sides of what one image gives.
  ///   - companions: what goes along with each image, with the sides of one.
  ///   - images: how many there are at most; `nil` for one by itself.
  init(
    _ file: AtomicFile, _ form: PlannedDataset.Form, shape: [Int],
    companions: [SafetensorsHeader.Tensor], images: Int?
  ) throws(FileError) {
    self.file = file
    type = form.storedType
    isSingle = images == nil
    isJoined = form.isJoined && !isSingle
    let tail = isJoined ? Array(shape.dropFirst()) : shape
    self.shape = isSingle ? shape : [0] + tail
    let lead = images.map { [$0] } ?? []
    let most = companions.map { SafetensorsHeader.Tensor($0.name, $0.type, lead + $0.shape) }
    let none = images == nil ? [] : [0]
    self.companions = companions.map { tensor in
      (SafetensorsHeader.Tensor(tensor.name, tensor.type, none + tensor.shape), [])
    }
    let joined = isJoined ? [SafetensorsHeader.Tensor("offsets", .int64, [(images ?? 0) + 1])] : []
    companionRoom = (joined + most).reduce(0) { $0 + $1.byteCount }
    // No count of patches has more digits than this one.
    let largest = SafetensorsHeader.Tensor("patches", .uint8, [1 << 56, 1 << 56] + shape)
    headerRoom = SafetensorsHeader(joined + most + [largest]).byteCount
    try file.write(Array(repeating: 0, count: headerRoom + companionRoom))
  }

  func append(_ entry: DatasetEntry, firstPatch: Int) throws(FileError) {
    guard let array = entry.array else { preconditionFailure("an image gives an array") }
    if isSingle {
      shape = array.shape
    } else {
      shape[0] += isJoined ? array.shape[0] : 1
      offsets.append(shape[0])
    }
    for index in companions.indices {
      let name = companions[index].tensor.name
      guard let part = entry.companions.first(where: { $0.name == name })?.array else {
        preconditionFailure("what goes along goes with every image")
      }
      companions[index].bytes += part.bytes
      if isSingle {
        companions[index].tensor.shape = part.shape
      } else {
        companions[index].tensor.shape[0] += 1
      }
    }
    try file.append(array)
  }

  func close() throws(FileError) {
    var tensors: [SafetensorsHeader.Tensor] = []
    var bytes: [UInt8] = []
    if isJoined {
      tensors.append(SafetensorsHeader.Tensor("offsets", .int64, [offsets.count]))
      bytes += CompanionArray(offsets).bytes
    }
    for companion in companions {
      tensors.append(companion.tensor)
      bytes += companion.bytes
    }
    let patches = SafetensorsHeader.Tensor("patches", type, shape)
    let begin = headerRoom + companionRoom
    if bytes.count < companionRoom {
      try file.move(
        begin..<begin + patches.byteCount, to: headerRoom + bytes.count)
    }
    let header = SafetensorsHeader(tensors + [patches]).bytes(filling: headerRoom)
    precondition(header.count == headerRoom, "the header has the room that was left for it")
    try file.overwrite(header + bytes, at: 0)
  }
}
