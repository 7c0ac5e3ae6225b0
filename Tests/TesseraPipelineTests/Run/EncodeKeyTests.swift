import RandomPipelines
import Tessera
import TesseraTestSupport
import Testing

/// Every key of `encode` in every kind of output: it changes what is written, or it is refused.
@Suite struct EncodeKeyTests {
  /// A kind of output, with the keys that make it.
  struct Kind: Sendable, CustomTestStringConvertible {
    var format: String
    var keys: [String: String] = [:]
    var fileExtension: String
    var testDescription: String { "\(format) \(keys.sorted { $0.key < $1.key })" }
  }

  private static let sharded = ["images_per_shard": "2"]
  private static let kinds = [
    Kind(format: "png", fileExtension: "png"), Kind(format: "jpeg", fileExtension: "jpg"),
    Kind(format: "npy", fileExtension: "npy"),
    Kind(format: "npy", keys: sharded, fileExtension: "npy"),
    Kind(format: "safetensors", fileExtension: "safetensors"),
    Kind(format: "safetensors", keys: sharded, fileExtension: "safetensors"),
    Kind(format: "webdataset", keys: sharded, fileExtension: "tar"),
    Kind(
      format: "webdataset", keys: sharded.merging(jpeg) { $1 }, fileExtension: "tar"),
    Kind(format: "imagefolder", fileExtension: "png"),
    Kind(format: "imagefolder", keys: jpeg, fileExtension: "jpg"),
    Kind(format: "tiles", fileExtension: "png"),
    Kind(format: "tiles", keys: jpeg, fileExtension: "jpg"),
  ]
  private static let jpeg = ["image_format": #""jpeg""#]

  /// Values that are nobody's default.
  ///
  /// What `verify` does is seen in no file.
  private static let others = [
    "image_format": #""jpeg""#, "labels": #""folder""#, "split": #"{"val": 0.5, "seed": 3}"#,
    "compression": #""none""#, "bit_depth": "16", "quality": "20", "subsampling": #""4:4:4""#,
    "progressive": "true", "layout": #""tokens_channels_last""#, "dtype": #""float32""#,
    "range": "[0, 128]", "metadata": #""strip""#,
  ]

  /// The files of a run but those that tell of it; `nil` where it is refused.
  private func files(
    _ kind: Kind, patches: Bool, in folder: TemporaryFolder, _ output: String
  ) async throws -> [String: [UInt8]]? {
    let keys = kind.keys.map { #", "\#($0)": \#($1)"# }.joined()
    let cut = patches ? #"{"stage": "unfold", "kernel_size": 16, "stride": 16}, "# : ""
    let text = """
      {"version": 1, "stages": [{"stage": "load"}, {"stage": "resize", "size": [32, 32]}, \(cut){"stage": "encode", \
      "format": "\(kind.format)"\(keys)}]}
      """
    guard let pipeline = try? Pipeline(parsing: text, file: "p.json") else { return nil }
    let summary = try await pipeline.run(onFolder: folder.path("in"), to: folder.path(output))
    guard summary.exitStatus == .done else { return nil }
    var files: [String: [UInt8]] = [:]
    for path in folder.tree(output) where !path.hasSuffix("/") {
      let name = String(path.dropFirst(output.count + 1))
      if name.hasPrefix(".") || ["report.jsonl", "dataset.json"].contains(name) { continue }
      files[name] = folder.content(path)
    }
    return files
  }

  @Test("Every key changes what is written, or is refused", arguments: kinds, [false, true])
  func keys(_ kind: Kind, patches: Bool) async throws {
    let folder = try TemporaryFolder()
    let image = try #require(SmallImage.all.first { $0.name == "profile.jpg" })
    for name in ["a/1", "a/2", "b/3", "b/4"] {
      try folder.write(image.bytes(), to: "in/\(name).jpg")
    }
    let plain = try await files(kind, patches: patches, in: folder, "plain")
    var values = Self.others
    values["name"] = #""x-{stem}.\#(kind.fileExtension)""#
    values["images_per_shard"] = "3"
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      if kind.keys[key] == value { continue }
      var other = kind
      other.keys[key] = value
      let found = try await files(other, patches: patches, in: folder, key)
      // What is refused as it stands is so with more keys.
      if plain == nil { #expect(found == nil, "\(key)") }
      if let plain { #expect(found != plain, "\(key) does nothing") }
      folder.removeAll(key)
    }
    let takesBoth = ["npy", "safetensors", "webdataset"].contains(kind.format)
    if takesBoth, kind.keys["image_format"] == nil { #expect(plain != nil) }
  }
}
