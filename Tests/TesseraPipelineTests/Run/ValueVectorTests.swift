import Foundation
import TesseraCodecs
import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraBatch
@testable import TesseraEngine
@testable import TesseraPipeline

/// Normalisation, quantisation, comparison and colours against NumPy, scikit-image and Pillow.
struct ValueVectorTests {
  static func vectors<File: Decodable>(_ name: String, as type: File.Type) throws -> File {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Vectors/\(name).json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(File.self, from: Data(contentsOf: url))
  }

  struct Values: Decodable {
    struct Table: Decodable {
      var preset: String
      var mean, std: [Double]
      var maximum, step: Int
      var rows: [Data]
    }
    struct PerImage: Decodable {
      var shape: [Int]
      var values, standardize, minmax: Data
    }
    struct Quantize: Decodable {
      var low, high: Double
      var maximum: Int
      var values: Data
      var codes: [Double]
      var saturated: Int
    }
    var tables: [Table]
    var perImage: [PerImage]
    var quantize: [Quantize]
  }

  @Test("Normalisation is that of Hugging Face's image processors, bit by bit")
  func tables() throws {
    let workshop = try Workshop()
    for table in try Self.vectors("values", as: Values.self).tables {
      let values = (0..<256).map { Double($0 * table.step) }
      let image = TestArray(
        [3, 1, 256], table.maximum == 255 ? .uint8 : .uint16, values + values + values)
      for keys in [
        #""mean": "\#(table.preset)", "std": "\#(table.preset)""#,
        #""mean": \#(table.mean), "std": \#(table.std)"#,
      ] {
        let result = try workshop.array(#"{"stage": "normalize", \#(keys)}, \#(npy)"#, on: image)
        let expected = table.rows.flatMap { [Float](littleEndian: $0) }
        #expect(result.floats == expected, "\(table.preset), \(table.maximum)")
      }
    }
  }

  @Test("Per-image statistics are TensorFlow's, and 0 for constant images")
  func perImage() throws {
    let workshop = try Workshop()
    for record in try Self.vectors("values", as: Values.self).perImage {
      let image = TestArray(record.shape, [Float](littleEndian: record.values))
      for (kind, expected) in [("standardize", record.standardize), ("minmax", record.minmax)] {
        let result = try workshop.array(
          #"{"stage": "normalize", "scale": "none", "per_image": "\#(kind)"}, \#(npy)"#, on: image)
        let expected = TestArray(record.shape, .float32, [Double](littleEndian: expected))
        #expect(result.distance(to: expected) < 2e-4, "\(kind) of \(record.shape)")
      }
    }
  }

  @Test("Ranges quantise half to even, saturate, and count what did")
  func quantize() throws {
    let workshop = try Workshop()
    for record in try Self.vectors("values", as: Values.self).quantize {
      let values = [Float](littleEndian: record.values)
      let type = record.maximum == 255 ? "uint8" : "uint16"
      let outcome = try workshop.run(
        """
        {"stage": "encode", "format": "npy", "dtype": "\(type)",
         "range": [\(record.low), \(record.high)]}
        """, on: TestArray([1, 1, values.count], values))
      #expect(outcome.outputs.first?.values == record.codes)
      let saturated = (outcome.result.saturatedFraction ?? 0) * Double(values.count)
      #expect(abs(saturated - Double(record.saturated)) < 1e-6)
    }
  }

  struct Metrics: Decodable {
    struct Pair: Decodable {
      var type: String
      var seed: UInt64
      var shape: [Int]
      var identical: Bool
      var dataRange, ssim, maxAbs, meanAbs: Double
      var psnr: Figure
    }
    struct Figure: Decodable {
      var value: Double
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        value = (try? container.decode(Double.self)) ?? .infinity
      }
    }
    var pairs: [Pair]
  }

  /// Every metric of two images, by its name.
  private static func figures(
    _ first: TestArray, _ second: TestArray, dataRange: Double, _ kernels: KernelSet
  ) throws -> [String: Double] {
    var compare = Compare()
    compare.metrics = Compare.Metric.allCases
    compare.dataRange = dataRange
    let work = CompareRows(
      metrics: compare.measured, requirements: [:], dataRange: dataRange,
      quantization: Quantization(elementType: first.type, map: .none))
    let format = RowFormat(
      elementType: first.type, channels: first.shape[0], width: first.shape[2])
    let comparison = Comparison(
      work, RowFlow(format: format, height: first.shape[1]), in: .nowhere,
      RunTools(kernels: kernels))
    let windows = [first, second].map { RowWindow(holding: $0, format: format) }
    try comparison.take(0..<first.shape[1], from: windows[1], loaded: windows[0])
    try comparison.finish()
    return Dictionary(
      uniqueKeysWithValues: comparison.figures.map { ($0.metric.rawValue, $0.value) })
  }

  @Test(
    "Values that are not finite tell nothing where both have them, and are infinitely apart else",
    arguments: [
      (Float.nan, Float.nan, 1, 0), (.infinity, .infinity, 1, 0), (-.infinity, -.infinity, 1, 0),
      (.infinity, 0.5, 0.5, .infinity), (0.5, -.infinity, 0.5, .infinity),
      (.infinity, -.infinity, 0.5, .infinity), (.nan, 0.5, 0.5, .infinity),
      (0.5, .nan, 0.5, .infinity), (.nan, .infinity, 0.5, .infinity),
    ] as [(Float, Float, Double, Double)])
  func notFinite(_ a: Float, _ b: Float, similarity: Double, distance: Double) throws {
    let kernels = try Workshop().kernels
    // Two windows lie side by side, of which the first alone holds the first column.
    var first = TestArray([1, 11, 12], (0..<132).map { Float($0 * 37 % 101) / 100 })
    var second = first
    for place in [0, 24] { (first.values[place], second.values[place]) = (Double(a), Double(b)) }
    let figures = try Self.figures(first, second, dataRange: 1, kernels)
    #expect(abs((figures["ssim"] ?? -1) - similarity) < 1e-12, "\(figures)")
    #expect(figures["max_abs"] == distance && figures["mean_abs"] == distance, "\(figures)")
    #expect(figures["psnr"] == (distance == 0 ? .infinity : -.infinity), "\(figures)")
  }

  @Test("Images without a finite value are alike where they are equal")
  func nothingFinite() throws {
    let image = TestArray([1, 11, 12], Array(repeating: Float.nan, count: 132))
    let figures = try Self.figures(image, image, dataRange: 1, Workshop().kernels)
    #expect(figures == ["ssim": 1, "psnr": .infinity, "max_abs": 0, "mean_abs": 0])
  }

  @Test("psnr, ssim and absolute differences are scikit-image's")
  func metrics() throws {
    let workshop = try Workshop()
    for pair in try Self.vectors("metrics", as: Metrics.self).pairs {
      let (first, second) = try #require(Self.images(of: pair))
      let figures = try Self.figures(first, second, dataRange: pair.dataRange, workshop.kernels)
      #expect(
        figures["psnr"] == pair.psnr.value || abs((figures["psnr"] ?? 0) - pair.psnr.value) < 1e-9)
      #expect(abs((figures["ssim"] ?? 0) - pair.ssim) < 1e-9, "\(pair.type) \(pair.shape)")
      #expect(figures["max_abs"] == pair.maxAbs)
      #expect(abs((figures["mean_abs"] ?? -1) - pair.meanAbs) < 1e-9)
    }
  }

  /// The two images that `make_metrics.py` describes.
  static func images(of pair: Metrics.Pair) -> (TestArray, TestArray)? {
    guard let type = ElementType(rawValue: pair.type) else { return nil }
    let count = pair.shape.reduce(1, *)
    let a = words(seed: pair.seed, count: count)
    let b = words(seed: pair.seed + 1, count: count)
    var first = TestArray(pair.shape, type, Array(repeating: 0, count: count))
    var second = first
    for index in 0..<count {
      let x = index % pair.shape[2]
      let y = index / pair.shape[2] % pair.shape[1]
      let c = index / (pair.shape[1] * pair.shape[2])
      switch type {
      case .uint8:
        let value = (4 * x + 3 * y + 37 * c + Int(a[index] >> 60)) & 255
        first.values[index] = Double(value)
        second.values[index] = Double(min(max(value + Int(b[index] % 17) - 8, 0), 255))
      case .uint16:
        let value = (1_021 * x + 733 * y + 9_973 * c + Int(a[index] >> 56)) & 65_535
        first.values[index] = Double(value)
        second.values[index] = Double(min(max(value + Int(b[index] % 2_049) - 1_024, 0), 65_535))
      case .float32:
        first.values[index] = Double(a[index] >> 41) / 8_388_608
        second.values[index] =
          first.values[index] + (Double(b[index] >> 48) - 32_768) / 524_288
      }
    }
    return (first, pair.identical ? first : second)
  }

  struct Kernels: Decodable {
    struct Kernel: Decodable {
      var kernel: String
      var size: Int
      var sigma: Double?
      var table: Bool?
      var dx: Int?
      var values: Matrix
    }
    /// A vector, whose outer product with itself is the kernel, or the kernel.
    struct Matrix: Decodable {
      var rows: [[Double]]
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let rows = try? container.decode([[Double]].self) {
          self.rows = rows
        } else {
          let vector = try container.decode([Double].self)
          rows = vector.map { factor in vector.map { factor * $0 } }
        }
      }
    }
    var kernels: [Kernel]
  }

  @Test("Named kernels answer an impulse with OpenCV's coefficients")
  func kernels() throws {
    let workshop = try Workshop()
    let side = 41
    var impulse = TestArray([1, side, side], [Float](repeating: 0, count: side * side))
    impulse.values[side * side / 2] = 1
    // For small sizes without a sigma OpenCV has a table of its own.
    for record in try Self.vectors("kernels", as: Kernels.self).kernels where record.table != true {
      var keys = #""name": "\#(record.kernel)""#
      switch record.kernel {
      case "gaussian":
        keys += #", "kernel_size": \#(record.size)"#
        if let sigma = record.sigma { keys += #", "sigma": \#(sigma)"# }
      case "laplacian":
        keys += #", "aperture": \#(record.size)"#
      default:
        if record.kernel == "sobel" { keys += #", "kernel_size": \#(record.size)"# }
        keys += #", "direction": "\#(record.dx == 1 ? "x" : "y")""#
      }
      let response = try workshop.array(
        #"{"stage": "convolve", "bank": {\#(keys)}, "flip_kernel": true, "padding": "same"}, \#(npy)"#,
        on: impulse)
      let count = record.values.rows.count
      let first = side / 2 - count / 2
      for (i, row) in record.values.rows.enumerated() {
        for (j, value) in row.enumerated() {
          let found = response.values[(first + i) * side + first + j]
          #expect(abs(found - value) <= 1e-6 * max(1, abs(value)), "\(keys)")
        }
      }
    }
  }

  struct Colors: Decodable {
    struct Conversion: Decodable {
      var from, to: String
      var pixels: Int
      var given, expected: Data
    }
    var conversions: [Conversion]
  }

  @Test("Inks become RGB, and RGB becomes gray, as in Pillow")
  func colors() throws {
    for record in try Self.vectors("colors", as: Colors.self).conversions {
      let isInk = record.from == "CMYK"
      let channels = isInk ? 4 : 3
      let header = ImageHeader(
        format: .jpeg, shape: ImageShape(channels: channels, height: 1, width: record.pixels),
        elementType: .uint8, colorModel: isInk ? .cmyk : .rgb, sourceBitDepth: 8, decoderBytes: 0,
        decoder: "")
      var load = Load()
      load.color = isInk ? .rgb : .gray
      let plan = try load.sourcePlan(for: header)
      #expect(plan.channels == (isInk ? 3 : 1))
      var converter = ColorConverter(plan, scratch: ScratchPool())
      var given = [UInt8](record.given)
      let count = record.pixels
      let result = given.withUnsafeMutableBytes { raw -> [UInt8] in
        guard let base = raw.baseAddress else { return [] }
        let row = converter.convert(base, count: count).assumingMemoryBound(to: UInt8.self)
        return (0..<count * plan.channels).map { row[$0] }
      }
      #expect(result == [UInt8](record.expected))
    }
  }
}

extension RunContext {
  /// What a sink knows that writes no file and looks for no statistics.
  static var nowhere: RunContext {
    RunContext(
      source: SourcePlan(
        ImageHeader(
          format: .png, shape: ImageShape(channels: 1, height: 1, width: 1), elementType: .uint8,
          colorModel: .gray, sourceBitDepth: 8, decoderBytes: 0, decoder: "")),
      metadata: ImageMetadata(), outputs: [:])
  }
}

extension RowWindow {
  /// A window that holds a whole image.
  convenience init(holding image: TestArray, format: RowFormat) {
    let (height, width) = (image.shape[1], image.shape[2])
    self.init(format: format, capacity: height, pool: ScratchPool())
    for channel in 0..<image.shape[0] {
      for y in 0..<height {
        let start = (channel * height + y) * width
        let line = TestArray([width], image.type, Array(image.values[start..<start + width]))
        line.bytes().withUnsafeBytes { bytes in
          if let base = bytes.baseAddress {
            row(y, channel: channel).copyMemory(from: base, byteCount: bytes.count)
          }
        }
      }
    }
    fillMargins(of: 0..<height)
  }
}

extension Array where Element: BinaryFloatingPoint {
  /// Values as a vector file stores them.
  init(littleEndian bytes: Data) {
    self = [UInt8](bytes).withUnsafeBytes { Array($0.bindMemory(to: Element.self)) }
  }
}
