import Foundation
import TesseraCore
import TesseraKernels
import Testing

/// One record of `Vectors/geometry.json`: a random geometry, and what PyTorch computes on it.
///
/// `Vectors/README.md` describes the file; the inputs are drawn here from the record's seed.
struct GeometryVector: Decodable, Sendable, CustomTestStringConvertible {
  /// A pair, or the word "same".
  struct PaddingRecord: Decodable, Sendable {
    var value: Padding

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let pair = try? container.decode([Int].self) {
        value = .symmetric(Size(height: pair[0], width: pair[1]))
      } else {
        value = .same
      }
    }
  }

  /// A result in float64: its sum, and every `step`-th value of it.
  struct Sampled: Decodable, Sendable {
    var count: Int
    var step: Int
    var total: Double
    var values: [Double]

    enum CodingKeys: CodingKey { case count, step, total, values }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      count = try container.decode(Int.self, forKey: .count)
      step = try container.decode(Int.self, forKey: .step)
      total = try container.decode(Double.self, forKey: .total)
      let bytes = try container.decode(Data.self, forKey: .values)
      values = (0..<bytes.count / 8).map { index in
        let word = bytes[8 * index..<8 * index + 8].reversed()
        return Double(bitPattern: word.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
      }
    }

    /// The largest distance of the stored values from those of a whole result.
    func largestError(of result: [Float]) -> Double {
      guard result.count == count else { return .infinity }
      return values.enumerated().map { abs($1 - Double(result[$0 * step])) }.max() ?? 0
    }
  }

  var seed: UInt64
  var channels: Int
  var size: [Int]
  var kernelSize: [Int]
  var stride: [Int]
  var padding: PaddingRecord
  var dilation: [Int]
  var paddingMode: String
  var edge: String
  var groups: Int
  var outChannels: Int
  var grid: [Int]
  var unfold: String
  var coverage: String
  var fold: Sampled
  var convolve: Sampled

  var testDescription: String { "geometry \(seed / 16)" }

  /// Rows of the columns matrix.
  var depth: Int { channels * kernelSize[0] * kernelSize[1] }
  /// The image, channels × height × width.
  var image: [Float] { signedUnits(seed: seed, count: channels * size[0] * size[1]) }
  /// Columns that stem from no image, to be folded: depth × blocks.
  var columns: [Float] { signedUnits(seed: seed + 1, count: depth * grid[0] * grid[1]) }
  /// Filters: out channels × channels per group × kernel.
  var weights: [Float] {
    signedUnits(seed: seed + 2, count: outChannels * (depth / groups)).map { $0 / 8 }
  }
  /// One value per out channel.
  var bias: [Float] { signedUnits(seed: seed + 3, count: outChannels) }

  /// The geometry in Tessera's own words.
  var window: Window {
    get throws {
      Window(
        kernelSize: Size(height: kernelSize[0], width: kernelSize[1]),
        stride: Size(height: stride[0], width: stride[1]), padding: padding.value,
        dilation: Size(height: dilation[0], width: dilation[1]),
        paddingMode: try #require(PaddingMode(rawValue: paddingMode)),
        edge: try #require(EdgePolicy(rawValue: edge)))
    }
  }

  /// All records of the file.
  static func load() throws -> [GeometryVector] {
    struct File: Decodable { var cases: [GeometryVector] }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Vectors/geometry.json")
    return try decoder.decode(File.self, from: Data(contentsOf: url)).cases
  }
}

/// The stream of words that `Vectors/splitmix.py` describes.
func words(seed: UInt64, count: Int) -> [UInt64] {
  var state = seed
  return (0..<count).map { _ in
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

/// Words as multiples of 2⁻²³ in [−1, 1).
func signedUnits(seed: UInt64, count: Int) -> [Float] {
  words(seed: seed, count: count).map { Float(Int($0 >> 40) - (1 << 23)) / Float(1 << 23) }
}

/// FNV-1a, 64 bits, over the little-endian bytes of the values, as 16 hexadecimal digits.
func fnv1a(_ values: [Float]) -> String {
  fnv1a(
    bytes: values.flatMap { value in
      (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 255) }
    })
}

/// FNV-1a, 64 bits, as 16 hexadecimal digits.
func fnv1a(bytes: [UInt8]) -> String {
  var digest: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  let digits = String(digest, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
