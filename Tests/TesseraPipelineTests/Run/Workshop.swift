import TesseraCodecs
import TesseraCore
import TesseraKernels
import TesseraTestSupport

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraEngine
@testable import TesseraPipeline
@testable import TesseraThreads

/// An array in memory: an image C × H × W, or patches; every element type is exact in `Double`.
struct TestArray: Equatable {
  var shape: [Int]
  var type: ElementType
  var values: [Double]

  init(_ shape: [Int], _ type: ElementType, _ values: [Double]) {
    self.shape = shape
    self.type = type
    self.values = values
  }

  /// An array of floats.
  init(_ shape: [Int], _ values: [Float]) { self.init(shape, .float32, values.map { Double($0) }) }

  /// Seeded noise over the whole range of an element type; floats lie in [−1, 1).
  static func noise(_ shape: [Int], _ type: ElementType, seed: UInt64 = 7) -> TestArray {
    let units = signedUnits(seed: seed, count: shape.reduce(1, *))
    guard let maximum = type.maximum else { return TestArray(shape, units) }
    let scale = Double(maximum + 1) / 2
    return TestArray(shape, type, units.map { ((Double($0) + 1) * scale).rounded(.down) })
  }

  var floats: [Float] { values.map { Float($0) } }

  /// The largest difference from another array; infinite where the shapes differ.
  func distance(to other: TestArray) -> Double {
    guard shape == other.shape else { return .infinity }
    return zip(values, other.values).map { abs($0 - $1) }.max() ?? 0
  }

  func bytes() -> [UInt8] {
    switch type {
    case .uint8: values.map { UInt8($0) }
    case .uint16: values.map { UInt16($0) }.withUnsafeBytes { Array($0) }
    case .float32: floats.withUnsafeBytes { Array($0) }
    }
  }

  init(_ shape: [Int], _ type: ElementType, bytes: [UInt8]) {
    let values: [Double] = bytes.withUnsafeBytes { raw in
      switch type {
      case .uint8: raw.map { Double($0) }
      case .uint16: raw.bindMemory(to: UInt16.self).map { Double($0) }
      case .float32: raw.bindMemory(to: Float.self).map { Double($0) }
      }
    }
    self.init(shape, type, values)
  }
}

/// What one run of a pipeline gave.
struct Outcome {
  var result: InputResult
  /// The arrays of all files that were written, in the order of the stages.
  var outputs: [TestArray]

  func metric(_ name: String) -> Double? { result.metrics.first { $0.name == name }?.value }
}

/// A folder in which pipelines run on arrays.
final class Workshop {
  let folder: TemporaryFolder
  var banding = Banding()
  /// Faster ways that plans may take.
  var rewrites: [any Rewrite] = Rewrites.all
  var workers = 1
  var kernels = KernelSet.supported.last ?? .baseline
  private var runs = 0

  init() throws { folder = try TemporaryFolder() }

  /// Writes an array as a .npy file; stages name it by the same name.
  @discardableResult
  func save(_ array: TestArray, as name: String) throws -> String {
    let path = folder.path(name)
    let writer = try NPYFileWriter(path: path, shape: array.shape, elementType: array.type)
    try array.bytes().withUnsafeBytes { try writer.append($0) }
    try writer.finish()
    return path
  }

  /// Writes an image C × H × W as a PNG file.
  @discardableResult
  func savePNG(_ image: TestArray, hasAlpha: Bool = false, as name: String) throws -> String {
    let path = folder.path(name)
    let (channels, height, width) = (image.shape[0], image.shape[1], image.shape[2])
    let writer = try PNGWriter(
      path: path, shape: ImageShape(channels: channels, height: height, width: width),
      elementType: image.type, hasAlpha: hasAlpha)
    var rows = image
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<channels {
          rows.values[(y * width + x) * channels + c] =
            image.values[(c * height + y) * width + x]
        }
      }
    }
    let rowBytes = width * channels * image.type.byteCount
    try rows.bytes().withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        try writer.writeRows(base, count: height, bytesPerRow: rowBytes)
      }
    }
    try writer.finish()
    return path
  }

  /// Reads a file of any kind that pipelines write: images as C × H × W.
  func read(_ path: String) throws -> TestArray {
    if path.hasSuffix(".npy") {
      let reader = try NPYFileReader(path: path)
      var bytes: [UInt8] = []
      try reader.forEachPiece { piece, _ in bytes += piece }
      if reader.storedType == .float16 {
        let values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float16.self)) }
        return TestArray(reader.shape, .float32, values.map { Double($0) })
      }
      let type = reader.storedType.elementType ?? .float32
      return TestArray(reader.shape, type, bytes: bytes)
    }
    let reader = try ImageReader(path: path)
    let shape = reader.header.shape
    var bytes = [UInt8](repeating: 0, count: shape.height * reader.bytesPerRow)
    let rowBytes = reader.bytesPerRow
    try bytes.withUnsafeMutableBytes { raw in
      if let base = raw.baseAddress {
        try reader.readRows(into: base, count: shape.height, bytesPerRow: rowBytes)
      }
    }
    let rows = TestArray([], reader.header.elementType, bytes: bytes)
    var image = TestArray(
      [shape.channels, shape.height, shape.width], rows.type, rows.values)
    for c in 0..<shape.channels {
      for y in 0..<shape.height {
        for x in 0..<shape.width {
          image.values[(c * shape.height + y) * shape.width + x] =
            rows.values[(y * shape.width + x) * shape.channels + c]
        }
      }
    }
    return image
  }

  /// The pipeline `load` and then `stages`, JSON objects between commas.
  ///
  /// `load` is what the first stage says beside its name, such as `, "alpha": "drop"`.
  func planner(_ stages: String, load: String = "") throws -> Planner {
    try planner(
      parsing: #"{"version": 1, "stages": [{"stage": "load"\#(load)}, \#(stages)]}"#)
  }

  /// The pipeline in a whole file, which stands in the folder.
  func planner(parsing text: String) throws -> Planner {
    var planner = try Planner(
      Pipeline(parsing: text, file: folder.path("pipeline.json")), kernels: kernels,
      workers: workers)
    planner.banding = banding
    planner.rewrites = rewrites
    return planner
  }

  /// Runs stages on a file; its failure is in the result.
  func run(_ stages: String, load: String = "", onFile path: String) throws -> Outcome {
    runs += 1
    try folder.makeFolder("out-\(runs)")
    let planner = try planner(stages, load: load)
    let processor = try PipelineProcessor(
      planner, outputDirectory: folder.path("out-\(runs)"))
    let input = Item(
      name: "input.bin", source: ByteSource(path: path), byteCount: 1, modificationTime: 0)
    let result = try processor.result(of: input)
    let outputs = try result.outputs.map { try read($0.path) }
    return Outcome(result: result, outputs: outputs)
  }

  /// Runs stages on an array; its failure is in the result.
  func run(_ stages: String, load: String = "", on image: TestArray) throws -> Outcome {
    try run(stages, load: load, onFile: save(image, as: "input.npy"))
  }

  /// The one array that stages make of another.
  ///
  /// - Throws: the failure of the input.
  func array(_ stages: String, load: String = "", on image: TestArray) throws -> TestArray {
    let outcome = try run(stages, load: load, on: image)
    if let failure = outcome.result.error { throw failure }
    guard let output = outcome.outputs.last else { throw InputFailure(.bug, "no output") }
    return output
  }

  /// What planning says against an image of a shape; `nil` where it says nothing.
  func refusal(_ stages: String, load: String = "", shape: ImageShape) throws -> PlanningError? {
    do {
      _ = try planner(stages, load: load).plan(shape)
      return nil
    } catch let error as PlanningError {
      return error
    }
  }
}

/// Writes what flows as it is.
let npy = #"{"stage": "encode", "format": "npy"}"#
