import Foundation
import Testing

/// Datasets of patches that become images again.
@Suite struct RebuildTests {
  /// Pipelines/ and samples/ in a folder of its own.
  private func checkout() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.pipelines, to: "Pipelines")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("samples"), withDestinationPath: Repository.samples)
    return folder
  }

  private func run(_ folder: TemporaryFolder, _ arguments: String..., status: Int32 = 0) throws
    -> Command.Outcome
  {
    let outcome = try Command.run(arguments, in: folder.path)
    #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
    return outcome
  }

  @Test("What the shipped pipeline rebuilds are the pixels that CLIP's processor makes")
  func shipped() throws {
    let folder = try checkout()
    _ = try run(folder, "run", "Pipelines/clip_dataset.json")
    _ = try run(folder, "run", "Pipelines/rebuild.json", "--jobs", "2")
    try folder.write(
      pipeline(
        load: #""path": "samples""#, [#"{"stage": "preset", "name": "clip"}"#],
        encode: #""path": "made", "metadata": "strip""#), to: "made.json")
    _ = try run(folder, "run", "made.json")
    let pictures = folder.outputs(in: "made")
    #expect(pictures.count == Repository.sampleNames.count)
    for name in pictures {
      #expect(
        try folder.bytes("out/rebuild/\(name)") == folder.bytes("made/\(name)"), "\(name)")
    }
    let again = try run(folder, "run", "Pipelines/rebuild.json")
    #expect(again.errors.contains("\(pictures.count) done before"))
    let trip = try run(folder, "roundtrip", "out/clip_dataset", "--source", "samples")
    #expect(trip.errors.contains("\(pictures.count) exact"), "\(trip.errors)")
  }

  @Test("A changed dataset is rebuilt anew, and its round trip names the image that is not exact")
  func changed() throws {
    let folder = try checkout()
    try folder.write(
      pipeline(
        load: #""path": "samples""#,
        [#"{"stage": "unfold", "kernel_size": 8, "stride": 8, "edge": "pad"}"#],
        encode: #""path": "set", "format": "npy", "images_per_shard": 2"#), to: "set.json")
    _ = try run(
      folder, "run", "set.json", "--set", "stages[0].color=rgb", "--set",
      #"stages[0].exclude=["*16*"]"#)
    let clean = try run(folder, "roundtrip", "set", "--source", "samples", "--json")
    let images = try #require(clean.json?["images"] as? [[String: Any]])
    #expect(images.count == clean.json?["exact"] as? Int)
    #expect(images.allSatisfy { $0["psnr"] is NSNull && $0["largest_difference"] as? Double == 0 })

    // One value of the first image.
    var shard = try folder.bytes("set/data-00000.npy")
    shard[128] ^= 0x40
    try folder.write(shard, to: "set/data-00000.npy")
    let spoilt = try run(
      folder, "roundtrip", "set", "--source", "samples", "--quiet", status: 65)
    #expect(
      spoilt.output.firstMatch(
        of: /^astronaut: largest difference 64 of 255, PSNR \d+(\.\d{1,2})? dB\n/) != nil,
      "\(spoilt.output)")
    #expect(spoilt.output.split(separator: "\n").count == 1, "\(spoilt.output)")

    try folder.write(
      #"{"version": 1, "stages": [{"stage": "load", "dataset": "set"}, {"stage": "fold"}, {"stage": "encode"}]}"#,
      to: "back.json")
    _ = try run(folder, "run", "back.json", "-o", "back")
    let lines = try String(contentsOfFile: folder.path("set/images.jsonl"), encoding: .utf8)
    try folder.write(
      lines.replacing("\"source\":\"b", with: "\"source\":\"c"), to: "set/images.jsonl")
    // As after a change of the pipeline.
    let again = try run(folder, "run", "back.json", "-o", "back", status: 65)
    #expect(again.errors.contains("--overwrite"), "\(again.errors)")
    _ = try run(folder, "run", "back.json", "-o", "back", "--overwrite")
    _ = try run(folder, "roundtrip", "set", "--source", "missing", status: 66)
    _ = try run(folder, "roundtrip", "samples", "--source", "samples", status: 66)
  }

  @Test("Floats that were stored as integers are exact within half a level, and no further")
  func rounded() throws {
    let folder = try checkout()
    try folder.write(
      pipeline(
        load: #""path": "samples/astronaut.jpg""#,
        [
          #"{"stage": "normalize", "mean": 0.5, "std": 0.25}"#,
          #"{"stage": "unfold", "kernel_size": 8, "stride": 8, "edge": "pad"}"#,
        ],
        encode: #""path": "set", "format": "npy", "images_per_shard": 2, "dtype": "uint8""#),
      to: "set.json")
    _ = try run(folder, "run", "set.json")
    _ = try run(folder, "roundtrip", "set", "--source", "samples")
    var shard = try folder.bytes("set/data-00000.npy")
    shard[128] = shard[128] == 0 ? 1 : shard[128] - 1
    try folder.write(shard, to: "set/data-00000.npy")
    let spoilt = try run(folder, "roundtrip", "set", "--source", "samples", status: 65)
    #expect(spoilt.output.contains("astronaut: largest difference 1.00000"), "\(spoilt.output)")
  }

  @Test(
    "Keys of images and of patches do not go together",
    arguments: [
      (#""dataset": "d", "geometry": {"kernel_size": 4}"#, "geometry"),
      (#""geometry": {"kernel_size": 4}"#, "layout"),
      (#""layout": "tokens", "color": "rgb""#, "color"),
      (#""layout": "tokens", "shrink_on_load": true"#, "shrink_on_load"),
      (#""layout": "token""#, "tokens"),
      (#""layout": "tokens", "geometry": {"kernel_size": 4, "stride": 2}"#, "output_size"),
      (#""layout": "tokens", "geometry": {"output_size": 9}"#, "kernel_size"),
      (#""layout": "tokens", "geometry": {"kernel_size": 4, "strid": 2}"#, "stride"),
      (#""layout": "tokens", "geometry": 4"#, "output_size"),
    ])
  func keys(_ load: String, word: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(
      pipeline(load: load, [#"{"stage": "fold"}"#]), to: "p.json")
    let outcome = try run(folder, "validate", "p.json", status: 78)
    #expect(outcome.errors.contains(word), "\(outcome.errors)")
    #expect(outcome.errors.contains("stages[0]"), "\(outcome.errors)")
  }

  @Test("Patches are not an image before a fold, and images are no patches")
  func flow() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      pipeline(load: #""dataset": "d""#, [#"{"stage": "normalize"}"#]), to: "p.json")
    let outcome = try run(folder, "validate", "p.json", status: 78)
    #expect(outcome.errors.contains("patches since stages[0] (load)"), "\(outcome.errors)")
    try folder.write(pipeline(load: #""dataset": "d""#, [#"{"stage": "fold"}"#]), to: "p.json")
    _ = try run(folder, "validate", "p.json")
    let sized = try run(folder, "explain", "p.json", "--size", "8x8", status: 78)
    #expect(sized.errors.contains("arrays of patches"))
    let missing = try run(folder, "run", "p.json", "-o", "o", status: 66)
    #expect(missing.errors.contains("'d'"), "\(missing.errors)")
  }
}
