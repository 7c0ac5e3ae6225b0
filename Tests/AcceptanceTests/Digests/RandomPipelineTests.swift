import Foundation
import RandomPipelines
import Testing

@Suite struct RandomPipelineTests {
  /// Which inputs there are is no matter of a pipeline for one image.
  private static let passedOver: Set = [
    "load.list", "load.include", "load.exclude", "load.recursive", "load.follow_links",
    "load.repeat", "load.pages",
    // A file of its own, and images of thousands of pixels: vectors are there for these.
    "preset.config", "preset.name=siglip2-naflex", "preset.name=qwen2vl", "preset.min_pixels",
    "preset.max_pixels",
  ]

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// Every key of a stage, and every word of a key that takes words: `load.color`, `load.color=rgb`.
  private func known() throws -> Set<String> {
    let schema = try object(Command.run(["schema"]).output)
    var known: Set<String> = []
    for (name, definition) in try #require(schema["$defs"] as? [String: [String: Any]]) {
      let properties = definition["properties"] as? [String: [String: Any]] ?? [:]
      guard properties["stage"]?["const"] as? String == name else { continue }
      known.insert(name)
      for (key, property) in properties where key != "stage" {
        let place = "\(name).\(key)"
        guard !Self.passedOver.contains(place) else { continue }
        known.insert(place)
        for word in property["enum"] as? [Any] ?? [] where word is String {
          known.insert("\(place)=\(word)")
        }
      }
    }
    return known
  }

  /// What is gone through elsewhere: programs, statistics, ranks of opacity in tests of their own, datasets in Tests/Python and in `RandomDatasetTests`, arrays of
  /// patches that become images again, models, filters and places of windows in vectors.
  private static let elsewhere = [
    "convolve.bias_tensor", "convolve.tensor", "transform.convolve.tensor",
    "transform.linear.bias_tensor",
    "encode.dtype=bfloat16", "encode.dtype=float16", "encode.format=imagefolder",
    "encode.format=safetensors", "encode.format=tiles", "encode.format=webdataset",
    "encode.image_format", "encode.images_per_shard", "encode.labels", "encode.layout=qwen2vl",
    "encode.layout=windows", "encode.split", "load.dataset", "load.geometry", "load.layout",
    "load.shrink_on_load", "crop.position=", "crop.rounding=", "normalize.preset=", "preset.name=",
    "preset.patches=", "random_resized_crop.filter=", "resize.filter=", "select.by=alpha",
    "transform.command", "transform.pca", "transform.zca", "convolve_transpose.bias_tensor",
    "convolve_transpose.dilation", "convolve_transpose.groups", "convolve_transpose.kernels",
    "convolve_transpose.tensor", "convolve_transpose.alpha", "median.alpha", "rank.alpha",
    "transform.median.alpha",
    "encode.channels",
  ]

  @Test("Every stage, key and word occurs in the pipelines of the table of digests")
  func coverage() throws {
    var written: Set<String> = []
    for pipeline in DigestBatch.all.flatMap(\.random) {
      let root = try object(pipeline.text)
      for stage in try #require(root["stages"] as? [[String: Any]]) {
        let name = stage["stage"] as? String ?? ""
        written.insert(name)
        for (key, value) in stage {
          written.formUnion(["\(name).\(key)", "\(name).\(key)=\(value)"])
        }
      }
    }
    let missing = try known().subtracting(written).filter { name in
      !Self.elsewhere.contains { name.hasPrefix($0) }
    }.sorted()
    #expect(missing.isEmpty)
    #expect(try known().count > 60)
  }

  @Test("A seed gives the same pipeline again, in every process")
  func determinism() {
    let pipelines = (0..<50).map { RandomPipeline(seed: $0) }
    let words = pipelines.flatMap { pipeline in
      [Array((pipeline.text + pipeline.image.name).utf8)] + pipeline.arrays.map(\.bytes)
    }
    // Where pipelines are drawn in another way, the table of digests is another, too.
    #expect(digest(words.flatMap { $0 }) == "6a8f08c0ab44563b")
    #expect(Set(pipelines.map(\.text)).count > 45)
  }
}
