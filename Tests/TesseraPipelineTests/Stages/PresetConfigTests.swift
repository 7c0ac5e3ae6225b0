import TesseraCore
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

/// `preset` with a `preprocessor_config.json`, as Hugging Face's hub has them.
struct PresetConfigTests {
  static let clip = #"""
    {
      "crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "do_convert_rgb": true,
      "do_normalize": true, "do_rescale": true, "do_resize": true,
      "feature_extractor_type": "CLIPFeatureExtractor", "image_processor_type": "CLIPImageProcessor",
      "image_mean": [0.48145466, 0.4578275, 0.40821073],
      "image_std": [0.26862954, 0.26130258, 0.27577711],
      "resample": 3, "rescale_factor": 0.00392156862745098, "size": {"shortest_edge": 224}
    }
    """#

  private func texts(_ config: String, keys: String = "") throws -> [String] {
    let workshop = try Workshop()
    try workshop.folder.write(Array(config.utf8), to: "c.json")
    let planner = try workshop.planner(
      #"{"stage": "preset", "config": "c.json"\#(keys)}, \#(npy)"#)
    let plan = try planner.plan(ImageShape(channels: 3, height: 300, width: 400))
    return plan.stages[1].steps.map(\.text)
  }

  @Test("A configuration gives the stages of its model")
  func known() throws {
    let clip = try Workshop().planner(#"{"stage": "preset", "name": "clip"}, \#(npy)"#)
    let plan = try clip.plan(ImageShape(channels: 3, height: 300, width: 400))
    #expect(try texts(Self.clip) == plan.stages[1].steps.map(\.text))
  }

  @Test(
    "Numbers for sizes are those of the shortest side, or of both, as the processor has it",
    arguments: [
      (#"{"image_processor_type": "ViTImageProcessor", "size": 96}"#, "[96,96]"),
      (#"{"feature_extractor_type": "ViTFeatureExtractor", "size": 96}"#, "[96,96]"),
      (#"{"image_processor_type": "ViTImageProcessorFast", "size": 96}"#, "[96,96]"),
      (#"{"image_processor_type": "SiglipImageProcessor", "size": 96}"#, "96"),
      (#"{"image_processor_type": "CLIPImageProcessor", "size": 96}"#, "96"),
      (#"{"size": 96, "default_to_square": false}"#, "96"),
      (#"{"size": {"height": 90, "width": 80}}"#, "[90,80]"),
      (#"{"image_processor_type": "Siglip2ImageProcessor", "patch_size": 32}"#, "[448,576]"),
      (
        #"{"image_processor_type": "Qwen2VLImageProcessor", "min_pixels": 3136, "max_pixels": 50000}"#,
        "[168,252]"
      ),
      (
        #"{"image_processor_type": "Qwen2VLImageProcessor", "#
          + #""size": {"shortest_edge": 3136, "longest_edge": 50000}}"#, "[168,252]"
      ),
    ])
  func sizes(config: String, size: String) throws {
    let resize = try #require(try texts(config).first { $0.contains("resize") })
    #expect(resize.contains("\"size\":\(size)"), "\(resize)")
  }

  @Test("Steps that are switched off are left out")
  func switches() throws {
    #expect(
      try texts(#"{"do_resize": false, "do_rescale": false, "do_normalize": false}"#).count == 1)
    let factor = try texts(#"{"do_resize": false, "rescale_factor": 0.5, "image_mean": 0.25}"#)
    #expect(factor.count == 1)
    #expect(factor.first?.contains(#""scale":0.5"#) == true, "\(factor)")
    #expect(factor.first?.contains(#""mean":[0.25]"#) == true, "\(factor)")
    let cut = try texts(Self.clip, keys: #", "patches": "model", "patch_size": 16"#)
    #expect(cut.last?.contains("16") == true)
  }

  @Test(
    "What is not known is a mistake with its place in that file",
    arguments: [
      (#"{"crop_pct": 0.875}"#, ":1:2: crop_pct: is not known here"),
      (#"{"do_pad": true}"#, ":1:12: do_pad: "),
      (#"{"size": {"longest_edge": 3}}"#, ":1:11: size.longest_edge: unknown key"),
      (#"{"resample": 9}"#, ":1:14: resample: expected an integer in 0…5"),
      (#"{"image_mean": [1, 2]}"#, ":1:16: image_mean: expected a number, or a list of 3"),
      (#"{"image_std": [0, 1, 1]}"#, ":1:16: image_std[0]: "),
      (#"{"do_center_crop": true}"#, ":1:20: do_center_crop: expected \"crop_size\" beside it"),
      (#"{"pad_size": 3}"#, ":1:14: pad_size: asks for padding"),
      (#"{"max_num_patches": 3}"#, ":1:2: max_num_patches: is not known here"),
      (
        #"{"image_processor_type": "Siglip2ImageProcessor", "size": 3}"#,
        ":1:59: size: has no meaning beside"
      ),
      (
        #"{"image_processor_type": "Qwen2VLImageProcessor", "temporal_patch_size": 3}"#,
        ":1:74: temporal_patch_size: expected 2"
      ),
      (
        #"{"image_processor_type": "Qwen2VLImageProcessor", "min_pixels": 9, "max_pixels": 8}"#,
        ":1:65: min_pixels: expected at most max_pixels"
      ),
      (#"{"rescale_factor": 0}"#, ":1:20: rescale_factor: expected"),
      (#"{"resample": 6}"#, ":1:14: resample: expected an integer in 0…5"),
      (#"{"resample": -1}"#, ":1:14: resample: expected an integer in 0…"),
      (#"{"do_resize": "yes"}"#, ":1:15: do_resize: expected true or false"),
      (
        #"{"image_processor_type": "LlavaNextImageProcessor"}"#,
        ":1:26: image_processor_type: expected a processor that is known"
      ),
      (
        #"{"image_processor_type": "Qwen2VLImageProcessor", "merge_size": 4}"#,
        ":1:65: merge_size: expected 2"
      ),
      (
        #"{"crop_size": {"height": 3}}"#,
        ":1:15: crop_size: expected an integer, or an object with \"height\" and \"width\""
      ),
      (
        #"{"size": {"height": 3}}"#,
        ":1:10: size: expected an integer, an object with \"height\" and \"width\", or one with "
          + "\"shortest_edge\""
      ),
      (
        #"{"size": {"height": 3, "width": 4, "shortest_edge": 5}}"#,
        ":1:10: size: expected an integer, an object with \"height\" and \"width\", or one with "
          + "\"shortest_edge\""
      ),
      (
        #"{"image_processor_type": "Qwen2VLImageProcessor", "size": {"longest_edge": 9}}"#,
        ":1:59: size: expected an object with \"shortest_edge\" and \"longest_edge\", areas"
      ),
      (
        #"{"image_processor_type": "Qwen2VLImageProcessor", "size": 9}"#,
        ":1:59: size: expected an object with \"shortest_edge\" and \"longest_edge\", areas"
      ),
      (
        #"{"image_processor_type": "Qwen2VLImageProcessor", "size": {"shortest_edge": 0, "longest_edge": 9}}"#,
        ":1:77: size.shortest_edge: expected an integer in 1…1000000000"
      ),
      (
        #"{"crop_size": {"height": 3, "width": 0}}"#,
        ":1:38: crop_size.width: expected an integer in 1…1000000000"
      ),
      (
        #"{"size": {"height": 0, "width": 4}}"#,
        ":1:21: size.height: expected an integer in 1…1000000000"
      ),
      ("[1]", ":1:1: expected an object"), ("{", ":1:2: expected"),
      (#"{"size": 3, "size": 4}"#, ":1:13: size: duplicate key"),
    ])
  func mistakes(config: String, part: String) throws {
    let error = #expect(throws: PipelineFileError.self) { try texts(config) }
    #expect(error?.diagnostics.count == 1, "\(error?.description ?? "")")
    #expect(error?.description.contains("c.json\(part)") == true, "\(error?.description ?? "")")
  }

  @Test("A file that is not there is a mistake of the pipeline")
  func missing() throws {
    let error = #expect(throws: PipelineFileError.self) {
      try Workshop().planner(#"{"stage": "preset", "config": "no.json"}, \#(npy)"#)
    }
    #expect(
      error?.description.contains("(preset).config: expected a readable JSON file") == true,
      "\(error?.description ?? "")")
  }

  @Test("null stands for a key that is not there, and words that change no pixel pass")
  func silence() throws {
    let quiet =
      #"{"size": null, "crop_pct": null, "processor_class": "CLIPProcessor", "device": null}"#
    let vit = try Workshop().planner(#"{"stage": "preset", "name": "vit"}, \#(npy)"#)
    let plan = try vit.plan(ImageShape(channels: 3, height: 300, width: 400))
    #expect(try texts(quiet) == plan.stages[1].steps.map(\.text))
  }
}
