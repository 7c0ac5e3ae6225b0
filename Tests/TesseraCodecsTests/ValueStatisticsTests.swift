import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraTestSupport
import Testing

@Suite struct ValueStatisticsTests {
  private func statistics(_ values: [Double], pieces: Int = 1) -> ValueStatistics {
    var statistics = ValueStatistics()
    let size = max(1, (values.count + pieces - 1) / pieces)
    for first in stride(from: 0, to: values.count, by: size) {
      Array(values[first..<min(first + size, values.count)]).withUnsafeBufferPointer {
        statistics.add($0)
      }
    }
    return statistics
  }

  @Test("Figures are those of all values, however they are cut", arguments: [1, 2, 3, 7, 100])
  func pieces(_ pieces: Int) throws {
    var generator = SeededGenerator(seed: 3)
    // Far from 0, where sums of squares would lose every digit.
    let values = (0..<100).map { _ in 1e8 + Double.random(in: -1...1, using: &generator) }
    let mean = values.reduce(0, +) / 100
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100
    let found = statistics(values, pieces: pieces)
    #expect(found.count == 100 && found.nanCount == 0 && found.infiniteCount == 0)
    #expect(found.minimum == values.min() && found.maximum == values.max())
    #expect(abs(try #require(found.mean) - mean) < 1e-6)
    #expect(abs(try #require(found.deviation) - variance.squareRoot()) < 1e-6)
  }

  @Test("Values that are no numbers are counted, and left out of the rest")
  func special() throws {
    let found = statistics([.nan, 3, .infinity, -1, -.infinity, .nan, 4], pieces: 3)
    #expect(found.count == 7 && found.nanCount == 2 && found.infiniteCount == 2)
    #expect(found.minimum == -1 && found.maximum == 4 && found.mean == 2)
    let none = statistics([.nan, .infinity])
    #expect(none.count == 2 && none.nanCount == 1 && none.infiniteCount == 1)
    #expect(none.minimum == nil && none.mean == nil && none.deviation == nil)
    #expect(statistics([]).mean == nil)
  }

  @Test("Figures of parts add up to those of the whole")
  func sums() throws {
    let values = (0..<50).map { Double($0 * $0 % 17) - 3 }
    var parts = statistics(Array(values[..<20]))
    parts.add(ValueStatistics())
    parts.add(statistics(Array(values[20...])))
    let whole = statistics(values)
    #expect(parts.count == whole.count && parts.minimum == whole.minimum)
    #expect(abs(try #require(parts.mean) - (try #require(whole.mean))) < 1e-12)
    #expect(abs(try #require(parts.deviation) - (try #require(whole.deviation))) < 1e-12)
  }

  /// Arrays of every type, their name, and the values that the first three bytes of each are.
  static let arrays: [(descriptor: String, dtype: String, bytes: [UInt8], values: [Double])] = [
    ("|u1", "uint8", [1, 255], [1, 255]), ("|b1", "bool", [0, 1], [0, 1]),
    ("|i1", "int8", [1, 255], [1, -1]), ("<i2", "int16", [1, 0, 254, 255], [1, -2]),
    (">u2", "uint16", [1, 0, 0, 2], [256, 2]),
    ("<f4", "float32", [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], [1, -2]),
    (">f4", "float32", [0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0], [1, -2]),
    ("<f2", "float16", [0, 0x3C, 0, 0xC0], [1, -2]),
    ("<u4", "uint32", [255, 255, 255, 255, 1, 0, 0, 0], [4_294_967_295, 1]),
    (
      "<i8", "int64", [1, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [4_503_599_627_370_497, 0]
    ),
    (
      "<f8", "float64", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0], [1, -2]
    ),
  ]

  @Test("Values of every type are what NumPy says", arguments: arrays)
  func types(_ descriptor: String, dtype: String, bytes: [UInt8], values: [Double]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(ArrayBytes.file(descriptor, shape: [2], bytes), "a.npy")
    let array = try ArrayOutline.npy(ByteSource(path: path))
    #expect(array.dtype == dtype && array.shape == [2] && array.byteCount == bytes.count)
    let found = try #require(try array.statistics())
    #expect(found.count == 2 && found.minimum == values.min() && found.maximum == values.max())
  }

  @Test("Values that are no real numbers have no figures, and a short file is refused")
  func others() throws {
    let folder = try TemporaryFolder()
    let complex = try folder.write(
      ArrayBytes.file("<c8", shape: [1], Array(repeating: 0, count: 8)), "c.npy")
    let array = try ArrayOutline.npy(ByteSource(path: complex))
    #expect(array.dtype == "complex64")
    #expect(try array.statistics() == nil)
    let short = try folder.write(ArrayBytes.file("<f4", shape: [3], [0, 0, 0, 0]), "s.npy")
    #expect(throws: CodecError.self) { try ArrayOutline.npy(ByteSource(path: short)) }
    let fortran = try folder.write(
      ArrayBytes.file("|u1", shape: [2, 2], isFortranOrder: true, [1, 2, 3, 4]), "f.npy")
    #expect(try ArrayOutline.npy(ByteSource(path: fortran)).isFortranOrder)
  }

  @Test("Tensors have the names of their types, and figures where values are numbers")
  func tensors() throws {
    let file = try SafetensorsFile(path: Corpus.folder + "/safetensors/types.safetensors")
    let outlines = ArrayOutline.tensors(of: file)
    #expect(outlines.map(\.name) == file.tensors.map(\.name))
    let brain = try #require(outlines.first { $0.name == "brain" })
    #expect(brain.dtype == "bfloat16")
    #expect(try brain.statistics()?.minimum == -3.140625)
    let half = try #require(try outlines.first { $0.name == "half" }?.statistics())
    #expect(half.infiniteCount == 1 && half.maximum == 65504)
    let empty = try #require(try outlines.first { $0.name == "empty" }?.statistics())
    #expect(empty.count == 0 && empty.minimum == nil)
  }
}
