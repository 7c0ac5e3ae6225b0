import Foundation
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraTestSupport

/// A folder that is removed with everything in it when its owner ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-codecs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes bytes under a name and returns the path.
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }
}

/// A whole image in memory.
struct Pixels: Equatable {
  var shape: ImageShape
  var elementType: ElementType
  /// Interleaved rows.
  var bytes: [UInt8]

  func values<Value: BitwiseCopyable>(as type: Value.Type) -> [Value] {
    bytes.withUnsafeBytes { Array($0.bindMemory(to: Value.self)) }
  }
}

/// What reading a file gave.
struct Decoded: Equatable {
  var header: ImageHeader
  var metadata: ImageMetadata
  var pixels: Pixels
  var report: DecodeReport
}

/// Reads a file in bands of `band` rows.
func decode(
  _ path: String, failOn: FailOn = .error, band: Int = 7,
  configure: (inout DecodeOptions) -> Void = { _ in }
) throws -> Decoded {
  try decode(ByteSource(path: path), failOn: failOn, band: band, configure: configure)
}

/// Reads a file, or the part of one, in bands of `band` rows.
func decode(
  _ source: ByteSource, failOn: FailOn = .error, band: Int = 7,
  configure: (inout DecodeOptions) -> Void = { _ in }
) throws -> Decoded {
  var options = DecodeOptions()
  options.failOn = failOn
  configure(&options)
  let reader = try ImageReader(source: source, options: options)
  let shape = reader.header.shape
  let rowBytes = reader.bytesPerRow
  var bytes = [UInt8](repeating: 0xAA, count: shape.height * rowBytes)
  try bytes.withUnsafeMutableBytes { buffer in
    let base = try requireAddress(buffer.baseAddress)
    while reader.rowsRead < shape.height {
      let count = min(band, shape.height - reader.rowsRead)
      try reader.readRows(
        into: base + reader.rowsRead * rowBytes, count: count, bytesPerRow: rowBytes)
    }
  }
  let report = try reader.finish()
  let pixels = Pixels(shape: shape, elementType: reader.header.elementType, bytes: bytes)
  return Decoded(
    header: reader.header, metadata: reader.metadata, pixels: pixels, report: report)
}

/// Writes all rows of an image in bands of `band` rows.
func encode(_ pixels: Pixels, to writer: any ImageWriter, band: Int = 5) throws {
  let rowBytes =
    pixels.shape.channels * pixels.shape.width * pixels.elementType.byteCount
  try pixels.bytes.withUnsafeBytes { buffer in
    let base = try requireAddress(buffer.baseAddress)
    for row in stride(from: 0, to: pixels.shape.height, by: band) {
      let count = min(band, pixels.shape.height - row)
      try writer.writeRows(base + row * rowBytes, count: count, bytesPerRow: rowBytes)
    }
  }
  try writer.finish()
}

struct NoAddress: Error {}

func requireAddress<Pointer>(_ pointer: Pointer?) throws -> Pointer {
  guard let pointer else { throw NoAddress() }
  return pointer
}

/// An image of seeded noise over a gradient.
func noise(_ shape: ImageShape, _ elementType: ElementType, seed: UInt64 = 1) -> Pixels {
  var generator = SeededGenerator(seed: seed)
  let count = shape.channels * shape.height * shape.width
  var bytes: [UInt8]
  switch elementType {
  case .uint8:
    bytes = (0..<count).map {
      UInt8(truncatingIfNeeded: $0 / 3) ^ UInt8.random(in: 0...15, using: &generator)
    }
  case .uint16:
    let values = (0..<count).map { _ in UInt16.random(in: 0...65_535, using: &generator) }
    bytes = values.withUnsafeBytes { Array($0) }
  case .float32:
    let values = (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
    bytes = values.withUnsafeBytes { Array($0) }
  }
  return Pixels(shape: shape, elementType: elementType, bytes: bytes)
}

/// All bytes of a file.
func readBytes(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Why a file is refused; `nil` when it is read.
func refusal(of path: String, failOn: FailOn = .error) -> CodecError? {
  refusal(of: ByteSource(path: path), failOn: failOn)
}

/// Why a file, or the part of one, is refused; `nil` when it is read.
func refusal(of source: ByteSource, failOn: FailOn = .error) -> CodecError? {
  do {
    _ = try decode(source, failOn: failOn)
    return nil
  } catch {
    return error as? CodecError
  }
}

extension CodecError {
  /// The word that the corpus calls errors of this kind by.
  var kind: String {
    switch reason {
    case .unknownFormat, .malformed: "malformed"
    case .unsupported: "unsupported"
    case .otherFormat(let format): format.isSound ? "unsupported" : "malformed"
    case .cancelled: "cancelled"
    case .tooManyPixels, .overLimit: "over_limit"
    case .truncated: "truncated"
    case .damaged, .refused: "damaged"
    case .warning: "warning"
    case .notAFile, .changed, .io: "io"
    }
  }
}
