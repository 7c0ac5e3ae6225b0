import Foundation

/// Files of the repository that tests run on.
enum Repository {
  static let path = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  static let samples = path + "/samples"
  static let pipelines = path + "/Pipelines"

  /// Names of the pipeline files, without extension.
  static let allPipelineNames = names(in: pipelines).filter {
    $0.hasSuffix(".json") && !$0.hasSuffix(".schema.json")
  }.map { String($0.dropLast(".json".count)) }

  /// Names of those that load images; the other one loads what one of them has made.
  static let pipelineNames = allPipelineNames.filter { $0 != "rebuild" }

  /// Names of the sample images.
  static let sampleNames = names(in: samples).filter {
    $0.hasSuffix(".png") || $0.hasSuffix(".jpg")
  }

  /// The path of a sample image.
  static func sample(_ name: String) -> String { "\(samples)/\(name)" }

  private static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}

/// The text of a pipeline file with some stages between `load` and `encode`.
func pipeline(load: String = "", _ stages: [String] = [], encode: String = "") -> String {
  let first = #"{ "stage": "load""# + (load.isEmpty ? "" : ", \(load)") + " }"
  let last = #"{ "stage": "encode""# + (encode.isEmpty ? "" : ", \(encode)") + " }"
  return "{ \"version\": 1, \"stages\": [\n  "
    + ([first] + stages + [last]).joined(separator: ",\n  ") + "\n] }\n"
}
