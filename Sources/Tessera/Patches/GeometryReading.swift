import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// Finds the patches of arrays of any origin, by a geometry that the pipeline gives.
struct GeometryReading {
  private let geometry: PatchGeometry
  private let order: PatchOrder
  private let files: ArrayFiles

  init(_ geometry: PatchGeometry, _ order: PatchOrder, _ files: ArrayFiles) {
    self.geometry = geometry
    self.order = order
    self.files = files
  }

  /// The images whose patches are in one file.
  struct FileImages {
    fileprivate let array: StoredArray
    fileprivate let offsets: [Int]?
    /// How many share the file; `nil` where one has it to itself.
    fileprivate let sharingCount: Int?
    private let stem: String

    fileprivate init(_ array: StoredArray, offsets: [Int]?, sharing count: Int?, stem: String) {
      self.array = array
      self.offsets = offsets
      sharingCount = count
      self.stem = stem.replacing(".", with: "_")
    }

    /// How many there are.
    var count: Int { sharingCount ?? 1 }

    /// What one of them is called.
    func name(_ number: Int) -> String {
      guard sharingCount != nil else { return stem }
      let digits = String(number)
      return "\(stem)_" + String(repeating: "0", count: max(5 - digits.count, 0)) + digits
    }

    /// The number of the one with a name.
    fileprivate func number(of name: String) -> Int? {
      guard sharingCount != nil else { return 0 }
      return name.split(separator: "_").last.flatMap { Int($0) }
        .flatMap { (0..<count).contains($0) ? $0 : nil }
    }

    /// The array of one of them.
    func array(_ number: Int) -> StoredArray {
      if let offsets { return array.slice(offsets[number]..<offsets[number + 1]) }
      return sharingCount == nil ? array : array.slice(number..<number + 1, isOne: true)
    }
  }

  /// The images of a file: one, or as many as its array has along a further first side.
  func images(in source: ByteSource) throws(CodecError) -> FileImages {
    let stem = Path.split(name: Path.name(of: source.path)).stem
    let array = try files.patches(in: source)
    // How many images there are is not believed before the file is long enough for them.
    let held = FileStatus(of: source.path)?.byteCount ?? 0
    guard held >= array.offset.saturating(plus: array.byteCount) else {
      throw .truncated(
        array.format,
        "the array needs \(array.byteCount) bytes of values, the file has "
          + "\(max(held - array.offset, 0))")
    }
    guard !array.shape.contains(0) else {
      throw .malformed(
        array.format, "an array of \(PatchShape.text(array.shape)) holds no patches")
    }
    let isOne = array.shape.count == order.rank
    if isOne, let offsets = try files.offsets(of: source) {
      try check(offsets, of: array)
      return FileImages(array, offsets: offsets, sharing: offsets.count - 1, stem: stem)
    }
    let count = array.shape.count == order.rank + 1 ? array.shape[0] : nil
    return FileImages(array, offsets: nil, sharing: count, stem: stem)
  }

  private func check(_ offsets: [Int], of array: StoredArray) throws(CodecError) {
    let rows = array.shape[0]
    guard order.isOneRowPerBlock, offsets.first == 0, offsets.last == rows,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw .malformed(
        array.format,
        "expected ascending offsets from 0 to the \(rows) patches, found "
          + "\(offsets.first ?? 0) … \(offsets.last ?? 0)")
    }
  }

  /// The patches of an item, and where they stand.
  func patches(of item: Item) throws(CodecError) -> (StoredPatches, StoredArray) {
    let file = ByteSource(path: item.source.path)
    let images = try images(in: file)
    let name = item.member ?? images.name(0)
    guard let number = images.number(of: Path.name(of: name)), number < images.count else {
      throw .malformed(images.array.format, "the array holds no image '\(name.printable)'")
    }
    let array = images.array(number)
    let shape = try PatchShape(array, order, kernelSize: geometry.window.patchSize)
    if let channels = geometry.channels, channels != shape.channels {
      throw .malformed(
        array.format,
        "expected patches of \(channels) channels, found \(shape.channels) in an array of "
          + PatchShape.text(array.shape))
    }
    let places = try places(of: file, images.sharingCount == nil ? nil : number, rows: shape.rows)
    let size = (places.gridSize ?? shape.gridSize).map {
      Size(
        height: $0.height * geometry.window.kernelSize.height,
        width: $0.width * geometry.window.kernelSize.width)
    }
    guard let size = geometry.outputSize ?? size else {
      throw .malformed(
        array.format,
        "expected \"output_size\" in geometry of load, or spatial_shapes, image_grid_thw or patch_coord "
          + "beside the patches, found neither")
    }
    let grid: BlockGrid
    do throws(GeometryError) {
      grid = try geometry.window.grid(on: size)
    } catch {
      throw .malformed(array.format, "geometry of load: \(error)")
    }
    if let told = places.gridSize, told != grid.size {
      throw .malformed(
        array.format,
        "\"output_size\" in geometry of load gives \(grid.size) blocks, and what goes along with the "
          + "patches says \(told)")
    }
    try shape.check(grid.size, order, in: array)
    var patches = StoredPatches(
      order: order, channels: shape.channels, window: geometry.window, size: size,
      gridSize: grid.size, rowCount: shape.rows)
    patches.blocks = try places.blocks(on: grid.size)
    let count = patches.blocks == nil ? grid.blockCount : shape.rows
    guard shape.rows == count || places.isPadded && shape.rows > count else {
      throw .malformed(
        array.format,
        "expected \(grid.blockCount) patches (\(grid.size) on an image of \(size)), found \(shape.rows)"
          + advice(rows: shape.rows, size))
    }
    return (patches, array)
  }

  /// What would make the geometry fit, where blocks side by side do.
  private func advice(rows: Int, _ size: Size) -> String {
    var window = geometry.window
    window.stride = window.kernelSize
    guard window.stride != geometry.window.stride,
      let grid = try? window.grid(on: size), grid.blockCount == rows
    else { return "" }
    let stride = window.stride
    return "; \"stride\": [\(stride.height), \(stride.width)] gives \(rows)"
  }
}

extension GeometryReading {
  /// Where patches belong, as far as what goes along with them tells.
  private struct Places {
    var gridSize: Size?
    /// Row and column of each patch; empty: in order.
    var coordinates: [(y: Int, x: Int)?] = []
    /// Numbers of blocks that are there; `nil`: all.
    var kept: [Int]?
    /// How many blocks the mask tells of.
    var maskLength = 0
    /// Whether rows of nothing may stand behind those of the image.
    var isPadded = false

    /// The block of each stored patch; `nil` where they are all in order.
    func blocks(on grid: Size) throws(CodecError) -> [Int]? {
      if let kept {
        guard maskLength == grid.height * grid.width else {
          throw .malformed(
            .npy, "mask: expected a value for each of \(grid) blocks, found \(maskLength)")
        }
        return kept
      }
      guard !coordinates.isEmpty else { return nil }
      var taken: Set<Int> = []
      var blocks: [Int] = []
      for place in coordinates {
        guard let (y, x) = place else {
          blocks.append(-1)
          continue
        }
        guard (0..<grid.height).contains(y), (0..<grid.width).contains(x) else {
          throw .malformed(.npy, "patch_coord: (\(y), \(x)) lies outside of \(grid) blocks")
        }
        let block = y * grid.width + x
        guard taken.insert(block).inserted else {
          throw .malformed(.npy, "patch_coord: (\(y), \(x)) comes twice")
        }
        blocks.append(block)
      }
      return blocks
    }
  }

  /// Integers that go along with one image: those of a file of many, or of its own.
  private func integers(
    _ name: String, of file: ByteSource, _ number: Int?
  ) throws(CodecError) -> [Int]? {
    guard let array = try files.companion(name, of: file) else { return nil }
    guard let number else { return try array.integers() }
    guard let count = array.shape.first, number < count else {
      throw .malformed(
        .npy, "\(name): no row \(number) in an array of \(PatchShape.text(array.shape))")
    }
    return try array.slice(number..<number + 1, isOne: true).integers()
  }

  private func places(
    of file: ByteSource, _ number: Int?, rows: Int
  ) throws(CodecError) -> Places {
    var places = Places()
    func wrong(_ name: String, _ expected: String) -> CodecError {
      .malformed(.npy, "\(name): expected \(expected) for each image")
    }
    if let shape = try integers("spatial_shapes", of: file, number) {
      guard shape.count == 2, shape.allSatisfy({ (1...65_535).contains($0) }) else {
        throw wrong("spatial_shapes", "rows and columns of patches")
      }
      places.gridSize = Size(height: shape[0], width: shape[1])
      places.isPadded = true
    } else if let grid = try integers("image_grid_thw", of: file, number) {
      guard grid.count == 3, grid[0] == 1, grid.allSatisfy({ (1...65_535).contains($0) }) else {
        throw wrong("image_grid_thw", "1, rows and columns of patches")
      }
      places.gridSize = Size(height: grid[1], width: grid[2])
    }
    if let pairs = try integers("patch_coord", of: file, number) {
      let valid = try integers("patch_valid", of: file, number)
      guard pairs.count == 2 * rows, valid == nil || valid?.count == rows else {
        throw wrong("patch_coord", "row and column of each of \(rows) patches, and patch_valid, ")
      }
      places.coordinates = (0..<rows).map { row in
        valid?[row] == 0 ? nil : (pairs[2 * row], pairs[2 * row + 1])
      }
      let real = places.coordinates.compactMap { $0 }
      guard real.allSatisfy({ (0..<65_535).contains($0.y) && (0..<65_535).contains($0.x) }),
        !real.isEmpty
      else { throw wrong("patch_coord", "places from (0, 0) on") }
      if places.gridSize == nil {
        places.gridSize = Size(
          height: real.reduce(0) { max($0, $1.y) } + 1, width: real.reduce(0) { max($0, $1.x) } + 1)
      }
    } else if let mask = try integers("mask", of: file, number) {
      let kept = mask.indices.filter { mask[$0] == 0 }
      guard kept.count == rows || mask.count == rows else {
        throw wrong("mask", "a 0 for each of \(rows) patches")
      }
      if mask.count != rows { (places.kept, places.maskLength) = (kept, mask.count) }
    }
    return places
  }
}
