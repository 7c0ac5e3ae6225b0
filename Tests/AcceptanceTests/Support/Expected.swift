import Foundation
import Testing

/// What other decoders make of the samples: Vectors/samples.json.
struct ExpectedPixels: Hashable {
  var width: Int
  var height: Int
  var channels: Int
  var bitDepth: Int
  var digest: String

  /// Which channels a record is about.
  enum Form: String { case rgb, keep }

  /// The record of every sample.
  static func ofSamples(_ form: Form) throws -> [String: ExpectedPixels] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Vectors/samples.json")
    let records = try JSONSerialization.jsonObject(with: try Data(contentsOf: file))
    return try #require(records as? [String: [String: [Any]]]).mapValues { forms in
      let record = try #require(forms[form.rawValue])
      let numbers = record.compactMap { $0 as? Int }
      try #require(numbers.count == 4)
      return ExpectedPixels(
        width: numbers[0], height: numbers[1], channels: numbers[2], bitDepth: numbers[3],
        digest: try #require(record[4] as? String))
    }
  }
}

extension PNGFile {
  /// What is in it, as the record of a sample has it.
  var content: ExpectedPixels {
    ExpectedPixels(
      width: header.width, height: header.height, channels: header.channels,
      bitDepth: header.bitDepth, digest: digest(pixels))
  }
}
