import TesseraCodecs
import TesseraCore
import Testing

@Suite struct NPYTests {
  @Test("Planar reading gives the same values as interleaved reading")
  func planar() throws {
    for name in ["npy/chw-float32.npy", "npy/big-uint16.npy", "npy/float16.npy"] {
      let path = Corpus.folder + "/" + name
      let whole = try decode(path).pixels
      let shape = whole.shape
      let size = whole.elementType.byteCount
      let reader = try ImageReader(path: path)
      #expect(reader.header.storesPlanes)
      let planeBytes = shape.height * shape.width * size
      let buffer = AlignedBuffer(byteCount: shape.channels * planeBytes)
      for first in stride(from: 0, to: shape.height, by: 2) {
        let planes = (0..<shape.channels).map {
          buffer.base + $0 * planeBytes + first * shape.width * size
        }
        try reader.readPlanarRows(
          into: planes, count: min(2, shape.height - first), bytesPerRow: shape.width * size)
      }
      _ = try reader.finish()
      for position in 0..<shape.height * shape.width {
        for channel in 0..<shape.channels {
          for byte in 0..<size {
            let planar = buffer.base.load(
              fromByteOffset: channel * planeBytes + position * size + byte, as: UInt8.self)
            #expect(
              planar == whole.bytes[(position * shape.channels + channel) * size + byte])
          }
        }
      }
    }
  }

  @Test("Headers are NumPy's, byte for byte")
  func headers() throws {
    let folder = try TemporaryFolder()
    for (name, shape, type) in [
      ("chw-float32", [2, 5, 7], ElementType.float32), ("hw-uint16", [5, 7], .uint16),
      ("hwc-uint8", [5, 7, 2], .uint8),
    ] {
      let path = folder.file("a.npy")
      try NPYFileWriter(path: path, shape: shape, elementType: type).finish()
      let ours = try readBytes(path)
      let theirs = try Corpus.bytes("npy/\(name).npy")
      #expect(ours.count == theirs.count)
      #expect(ours[..<128] == theirs[..<128])
    }
  }

  @Test("Arrays of any shape are written in any order and read whole")
  func arrays() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.npy")
    let values = (0..<24).map(Float.init)
    for shape in [[24], [2, 3, 4], [2, 1, 3, 4], [24, 1]] {
      let writer = try NPYFileWriter(path: path, shape: shape, elementType: .float32)
      try values[12...].withUnsafeBytes { bytes in try writer.write(bytes, at: 12) }
      try values[..<5].withUnsafeBytes { bytes in try writer.append(bytes) }
      try values[5..<12].withUnsafeBytes { bytes in try writer.append(bytes) }
      try writer.finish()
      #expect(try NPYArray.load(path: path) == NPYArray(shape: shape, values: values))
    }
    try NPYFileWriter(path: path, shape: [], elementType: .uint8).finish()
    #expect(try NPYArray.load(path: path) == NPYArray(shape: [], values: [0]))
    try NPYFileWriter(path: path, shape: [0, 3], elementType: .uint8).finish()
    #expect(try NPYArray.load(path: path).values.isEmpty)
  }

  @Test("Weights may be of any numeric type and order that is exact")
  func weights() throws {
    let integers = try NPYArray.load(path: Corpus.folder + "/npy/i8.npy")
    #expect(integers == NPYArray(shape: [2, 5, 7], values: (-30..<40).map(Float.init)))
    let fortran = try NPYArray.load(path: Corpus.folder + "/npy/fortran-hw.npy")
    #expect(fortran == NPYArray(shape: [5, 7], values: (35..<70).map(Float.init)))
    for name in ["x-inexact", "x-int64", "x-complex", "x-record", "x-text", "x-short", "x-other"] {
      #expect(throws: CodecError.self) {
        try NPYArray.load(path: Corpus.folder + "/npy/\(name).npy")
      }
    }
    #expect(throws: CodecError.self) {
      try NPYArray.load(path: Corpus.folder + "/npy/i8.npy", maxValues: 69)
    }
  }

  @Test("Planar rows land in their planes, bands in any size")
  func planarWriting() throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 3, height: 7, width: 4)
    let values = (0..<84).map(Float.init)
    let path = folder.file("a.npy")
    let writer = try NPYWriter(path: path, shape: shape, elementType: .float32)
    try values.withUnsafeBytes { bytes in
      let base = try requireAddress(bytes.baseAddress)
      for (first, count) in [(0, 3), (3, 1), (4, 3)] {
        let planes = (0..<3).map { base + ($0 * 28 + first * 4) * 4 }
        try writer.writePlanarRows(planes, count: count, bytesPerRow: 16)
      }
    }
    try writer.finish()
    #expect(try NPYArray.load(path: path) == NPYArray(shape: [3, 7, 4], values: values))
  }

  @Test("Rows that lie apart in memory land one after the other, more than a call takes")
  func spacedRows() throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 2, height: 2_500, width: 3)
    let path = folder.file("a.npy")
    let writer = try NPYWriter(path: path, shape: shape, elementType: .uint8)
    let bytesPerRow = 7
    let memory = (0..<2 * 2_500 * bytesPerRow).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try memory.withUnsafeBytes { bytes in
      let base = try requireAddress(bytes.baseAddress)
      let planes = [base, base + 2_500 * bytesPerRow]
      try writer.writePlanarRows(planes, count: 2_500, bytesPerRow: bytesPerRow)
    }
    try writer.finish()
    let expected = (0..<5_000).flatMap { row in
      memory[row * bytesPerRow..<row * bytesPerRow + 3].map(Float.init)
    }
    #expect(try NPYArray.load(path: path) == NPYArray(shape: [2, 2_500, 3], values: expected))
  }

  /// A file with a header of its own and some bytes of values.
  private func file(_ folder: TemporaryFolder, header: String, values: Int = 0) throws -> String {
    let text = Array((header + "\n").utf8)
    return try folder.write(
      [0x93] + "NUMPY".utf8 + [1, 0, UInt8(text.count), 0] + text
        + [UInt8](repeating: 0, count: values), "a.npy")
  }

  @Test("An array that is not in its file is refused before memory is taken for it")
  func claims() throws {
    let folder = try TemporaryFolder()
    let path = try file(
      folder, header: "{'descr': '<f4', 'fortran_order': False, 'shape': (268435456,)}", values: 16)
    #expect(
      throws: CodecError.truncated(
        .npy, "the array needs 1073741824 bytes of values, the file has 16")
    ) { try NPYArray.load(path: path) }
  }

  @Test(
    "Integers of a width that there is not are of no type that is read",
    arguments: ["<u3", "<i16", "<u1048576", "<i5"])
  func widths(type: String) throws {
    let folder = try TemporaryFolder()
    let path = try file(
      folder, header: "{'descr': '\(type)', 'fortran_order': False, 'shape': (1,)}", values: 64)
    let error = #expect(throws: CodecError.self) { try NPYArray.load(path: path) }
    guard case .unsupported(.npy, let text) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text.contains(type))
  }

  @Test(
    "Pixels of more than four channels count as much more as there are channels, rounded up",
    arguments: [
      ([4, 5, 6], 30), ([1, 5, 6], 30), ([5, 5, 6], 38), ([8, 5, 6], 60), ([65_536, 1, 1], 16_384),
      ([9, 1, 1], 3), ([7, 3, 1], 6),
    ])
  func countedPixels(_ shape: [Int], _ count: Int) throws {
    let folder = try TemporaryFolder()
    let file = ArrayBytes.file(
      "|u1", shape: shape, [UInt8](repeating: 1, count: shape.reduce(1, *)))
    let path = try folder.write(file, "a.npy")
    var options = DecodeOptions()
    options.maxPixels = count
    #expect(try ImageReader(path: path, options: options).header.shape.sides == shape)
    options.maxPixels = count - 1
    let error = #expect(throws: CodecError.self) { try ImageReader(path: path, options: options) }
    let image = ImageShape(channels: shape[0], height: shape[1], width: shape[2])
    #expect(error == .tooManyPixels(image, limit: count - 1))
    let words = shape[0] > 4 ? "of \(shape[0]) channels, which count as \(count)" : "pixels, more"
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test("A header that says more than anybody reads is told of in a line")
  func longHeaders() throws {
    let folder = try TemporaryFolder()
    let sides = Array(repeating: "1", count: 9000).joined(separator: ", ")
    let word = String(repeating: "x", count: 9000)
    for header in [
      "{'descr': '|u1', 'fortran_order': False, 'shape': (\(sides))}",
      "{'descr': '<\(word)', 'fortran_order': False, 'shape': (1, 1)}",
      "{'\(word)': '|u1', 'fortran_order': False, 'shape': (1, 1)}",
    ] {
      let count = header.utf8.count
      let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)]
      let path = try folder.write(start + Array(header.utf8) + [1], "a.npy")
      let error = #expect(throws: CodecError.self) { try ImageReader(path: path) }
      #expect(error.map { $0.description.count < 250 } == true, "\(String(describing: error))")
    }
  }

  @Test("An image of more channels than there may be is over a limit")
  func channels() throws {
    let folder = try TemporaryFolder()
    for (shape, isOver) in [("(65537, 1, 1)", true), ("(65536, 1, 1)", false)] {
      let path = try file(
        folder, header: "{'descr': '|u1', 'fortran_order': False, 'shape': \(shape)}",
        values: 65_537)
      if isOver {
        #expect(throws: CodecError.overLimit(.npy, "65537 channels, more than 65536")) {
          try ImageReader(path: path)
        }
      } else {
        #expect(try ImageReader(path: path).header.shape.channels == 65_536)
      }
    }
  }
}
