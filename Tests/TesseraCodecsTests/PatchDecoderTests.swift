import TesseraCore
import TesseraFiles
import TesseraTestSupport
import Testing

@testable import TesseraCodecs

/// Patches as the image that they make side by side, against one value at a time.
@Suite struct PatchDecoderTests {
  /// Channels, rows and columns of a patch, and of the grid.
  static let shapes = [
    (1, Size(1), Size(1)), (3, Size(height: 2, width: 3), Size(height: 4, width: 2)),
    (2, Size(height: 5, width: 1), Size(height: 2, width: 6)), (4, Size(4), Size(2)),
  ]

  @Test("Every order of uint8, uint16 and float32 values", arguments: PatchOrder.allCases)
  func orders(_ order: PatchOrder) throws {
    for (channels, patch, grid) in Self.shapes {
      if order == .qwen2vl, grid.height % 2 != 0 || grid.width % 2 != 0 { continue }
      for descriptor in ["|u1", "<u2", ">u2", "<f4", "<f2", "<f8"] {
        for kept in [nil, [0], Array(stride(from: 0, to: grid.height * grid.width, by: 2))] {
          if kept != nil, order.needsWholeGrid { continue }
          try check(order, channels, patch, grid, descriptor, kept: kept)
        }
      }
    }
  }

  private func check(
    _ order: PatchOrder, _ channels: Int, _ patch: Size, _ grid: Size, _ descriptor: String,
    kept: [Int]?
  ) throws {
    let rowCount = kept?.count ?? grid.height * grid.width
    let shape = order.shape(
      blocks: rowCount, channels: channels, patchSize: patch, gridSize: grid)
    let count = shape.reduce(1, *)
    // Whole numbers below 256 are exact in every type.
    let values = (0..<count).map { ($0 * 37 + 11) % 251 }
    let folder = try TemporaryFolder()
    _ = try folder.write(NPYBytes.file(descriptor, shape, values), "a.npy")
    var patches = StoredPatches(
      order: order, channels: channels,
      window: Window(kernelSize: patch, stride: patch),
      size: Size(height: grid.height * patch.height, width: grid.width * patch.width),
      gridSize: grid, rowCount: rowCount)
    patches.blocks = kept
    let array = try StoredArray.npy(ByteSource(path: folder.file("a.npy")))
    #expect(array.shape == shape)
    let reader = try ImageReader(patches, in: array)
    let header = reader.header
    #expect(header.shape == patches.mosaic)
    let pixels = UnsafeMutableRawBufferPointer.allocate(
      byteCount: reader.bytesPerRow * header.shape.height, alignment: 16)
    defer { pixels.deallocate() }
    let base = try #require(pixels.baseAddress)
    // Bands that do not end where rows of blocks do.
    for first in stride(from: 0, to: header.shape.height, by: 3) {
      try reader.readRows(
        into: base + first * reader.bytesPerRow, count: min(3, header.shape.height - first),
        bytesPerRow: reader.bytesPerRow)
    }
    let found = Array(pixels).floats(as: header.elementType)
    for y in 0..<header.shape.height {
      for x in 0..<header.shape.width {
        for c in 0..<channels {
          let block = y / patch.height * grid.width + x / patch.width
          let row = kept == nil ? block : kept?.firstIndex(of: block)
          let value =
            row.map { row in
              values[
                Self.place(
                  order, row: row, block: block, c: c, i: y % patch.height, j: x % patch.width,
                  channels: channels, patch: patch, grid: grid, rows: rowCount)]
            } ?? 0
          #expect(
            found[(y * header.shape.width + x) * channels + c] == Float(value),
            "\(order) \(descriptor) \(channels) \(patch) \(grid): \(y) \(x) \(c)")
        }
      }
    }
    _ = try reader.finish()
  }

  /// Where a value stands in an array, by the definitions of the orders.
  private static func place(
    _ order: PatchOrder, row: Int, block: Int, c: Int, i: Int, j: Int, channels: Int, patch: Size,
    grid: Size, rows: Int
  ) -> Int {
    let (height, width) = (patch.height, patch.width)
    let value = (c * height + i) * width + j
    let length = channels * height * width
    switch order {
    case .torch: return value * rows + row
    case .tokens, .patches: return row * length + value
    case .tokensChannelsLast, .windows: return row * length + (i * width + j) * channels + c
    case .qwen2vl:
      let (y, x) = (block / grid.width, block % grid.width)
      let group = y / 2 * (grid.width / 2) + x / 2
      let stored = group * 4 + y % 2 * 2 + x % 2
      return stored * 2 * length + ((c * 2) * height + i) * width + j
    }
  }

  @Test("A file that ends before its patches do is truncated, at once")
  func truncated() throws {
    let folder = try TemporaryFolder()
    let bytes = NPYBytes.file("|u1", [4, 12], Array(0..<48))
    _ = try folder.write(Array(bytes.dropLast()), "a.npy")
    let patches = StoredPatches(
      order: .tokens, channels: 3, window: Window(kernelSize: Size(2), stride: Size(2)),
      size: Size(4), gridSize: Size(2), rowCount: 4)
    let array = try StoredArray.npy(ByteSource(path: folder.file("a.npy")))
    let expected = CodecError.truncated(
      .npy, "the array needs 48 bytes of values, the file has 47")
    #expect(throws: expected) { try ImageReader(patches, in: array) }
  }

  @Test(
    "An array with fewer patches than there are blocks is refused", arguments: PatchOrder.allCases)
  func missing(_ order: PatchOrder) throws {
    let folder = try TemporaryFolder()
    let grid = Size(2)
    // As many as the array says that it has, and as many as there are blocks.
    for (stored, told) in [(2, 2), (2, 4), (4, 6)] {
      let shape = order.shape(
        blocks: stored, channels: 1, patchSize: Size(2),
        gridSize: Size(height: stored / 2, width: 2))
      let values = Array(0..<shape.reduce(1, *))
      _ = try folder.write(NPYBytes.file("|u1", shape, values), "a.npy")
      let patches = StoredPatches(
        order: order, channels: 1, window: Window(kernelSize: Size(2), stride: Size(2)),
        size: Size(4), gridSize: grid, rowCount: told)
      let array = try StoredArray.npy(ByteSource(path: folder.file("a.npy")))
      let error = #expect(throws: CodecError.self) { try ImageReader(patches, in: array) }
      guard case .malformed(.npy, _) = error else {
        Issue.record("expected a malformed array, found \(String(describing: error))")
        continue
      }
    }
  }

  @Test("Slices are the bytes of their elements")
  func slices() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(NPYBytes.file("<i8", [3, 2], [1, -2, 3, 4, 5, 70_000]), "a.npy")
    let array = try StoredArray.npy(ByteSource(path: folder.file("a.npy")))
    #expect(try array.integers() == [1, -2, 3, 4, 5, 70_000])
    #expect(try array.slice(1..<3).integers() == [3, 4, 5, 70_000])
    #expect(array.slice(1..<3).shape == [2, 2])
    let one = array.slice(2..<3, isOne: true)
    #expect(try one.integers() == [5, 70_000])
    #expect(one.shape == [2])
    #expect(try one.slice(1..<2).integers() == [70_000])
  }
}

/// Files of whole numbers.
private enum NPYBytes {
  static func file(_ descriptor: String, _ shape: [Int], _ values: [Int]) -> [UInt8] {
    ArrayBytes.file(descriptor, shape: shape, values.flatMap { bytes(of: $0, descriptor) })
  }

  private static func bytes(of value: Int, _ descriptor: String) -> [UInt8] {
    let little: [UInt8]
    switch descriptor.dropFirst() {
    case "f2": little = words(UInt64(Float16(value).bitPattern), 2)
    case "f4": little = words(UInt64(Float(value).bitPattern), 4)
    case "f8": little = words(Double(value).bitPattern, 8)
    default:
      little = words(UInt64(bitPattern: Int64(value)), Int(String(descriptor.last ?? "1")) ?? 1)
    }
    return descriptor.hasPrefix(">") ? little.reversed() : little
  }

  private static func words(_ bits: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
  }
}

extension [UInt8] {
  /// Values of a type, as floats.
  fileprivate func floats(as type: ElementType) -> [Float] {
    withUnsafeBytes { bytes in
      switch type {
      case .uint8: bytes.map { Float($0) }
      case .uint16: bytes.bindMemory(to: UInt16.self).map { Float($0) }
      case .float32: Array<Float>(bytes.bindMemory(to: Float.self))
      }
    }
  }
}
