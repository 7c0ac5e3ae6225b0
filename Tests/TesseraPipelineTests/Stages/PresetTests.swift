import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// What `preset` comes down to, and what it refuses.
struct PresetTests {
  /// The stages that a plan lists under a preset, as a pipeline file has them.
  private func listed(_ keys: String, shape: ImageShape) throws -> [Lowered.Step] {
    let planner = try Workshop().planner(#"{"stage": "preset", \#(keys)}, \#(npy)"#)
    let preset = try #require(planner.pipeline.stages[1] as? Preset)
    let model = try #require(preset.model)
    let plan = try planner.plan(shape)
    let steps = try PresetRecipe(model, preset).steps(
      on: plan.stages[0].layout, cutsPatches: preset.patches == .model)
    #expect(plan.stages[1].steps.map(\.name) == steps.map(\.name))
    return plan.stages[1].steps
  }

  @Test(
    "A preset gives the bits of the stages that explain lists",
    arguments: PresetModel.allCases.filter { $0 != .dinov3 })
  func expansion(model: PresetModel) throws {
    let image = TestArray.noise([3, 41, 57], .uint8, seed: 4)
    for patches in ["none", "model"] where patches == "none" || model != .imagenet {
      let keys = #""name": "\#(model.rawValue)", "patches": "\#(patches)""#
      let size = model.side == nil ? "" : #", "size": 48"#
      let steps = try listed(keys + size, shape: ImageShape(channels: 3, height: 41, width: 57))
      let encode = #"{"stage": "encode", "format": "npy", "layout": "torch"}"#
      let last = patches == "model" ? encode : npy
      let stages = steps.map(\.text).filter { $0.hasPrefix("{") }
      #expect(stages.count == steps.count)
      let workshop = try Workshop()
      let expected = try workshop.array(
        (stages + [last]).joined(separator: ", "), load: #", "npy_color": "rgb""#, on: image)
      let found = try workshop.array(
        #"{"stage": "preset", \#(keys)\#(size)}, \#(last)"#, load: #", "npy_color": "rgb""#,
        on: image)
      #expect(found == expected, "\(patches)")
    }
  }

  @Test("Opacity is laid onto white and gray is repeated, in every type")
  func colors() throws {
    for type in ElementType.allCases {
      for (color, channels) in [("gray", 1), ("gray_alpha", 2), ("rgb", 3), ("rgba", 4)] {
        var image = TestArray.noise([channels, 9, 11], type, seed: 8)
        if type == .float32 { image.values = image.values.map { Double(Float($0 / 2 + 0.5)) } }
        let load = #", "npy_color": "\#(color)""#
        let workshop = try Workshop()
        let config = #"{"do_resize": false, "do_normalize": false, "do_rescale": false}"#
        try workshop.folder.write(Array(config.utf8), to: "c.json")
        let found = try workshop.array(
          #"{"stage": "preset", "config": "c.json"}, \#(npy)"#, load: load, on: image)
        let full = Double(type.maximum ?? 1)
        let expected = (0..<3).flatMap { channel in
          (0..<99).map { pixel -> Double in
            let value = image.values[(channels < 3 ? 0 : channel) * 99 + pixel]
            let opacity =
              channels % 2 == 1 ? full : image.values[(channels - 1) * 99 + pixel]
            let blend = (value * opacity + full * (full - opacity)) / full
            // As bytes are: without a rescale, values stay on the scale 0…255.
            return (type == .float32 ? blend : blend.rounded()) * 255 / full
          }
        }
        let distance = zip(found.values, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(distance < 1e-4, "\(type) \(color)")
        #expect(found.shape == [3, 9, 11])
      }
    }
  }

  @Test(
    "Sizes that follow from the image are those of transformers",
    arguments: [
      ("siglip2-naflex", (480, 640), (224, 288)), ("siglip2-naflex", (1, 1), (112, 112)),
      ("siglip2-naflex", (1, 300), (16, 4096)), ("qwen2vl", (480, 640), (476, 644)),
      ("qwen2vl", (1, 200), (28, 812)), ("qwen2vl", (10, 10), (56, 56)),
      ("qwen2vl", (5000, 4000), (4004, 3192)),
    ] as [(String, (Int, Int), (Int, Int))])
  func sizes(model: String, image: (Int, Int), expected: (Int, Int)) throws {
    let planner = try Workshop().planner(#"{"stage": "preset", "name": "\#(model)"}, \#(npy)"#)
    let plan = try planner.plan(ImageShape(channels: 3, height: image.0, width: image.1))
    #expect(plan.stages[1].layout.size == Size(height: expected.0, width: expected.1))
  }

  @Test("What is known of the patches goes with them, until others take their place")
  func notes() throws {
    let shape = ImageShape(channels: 3, height: 300, width: 200)
    func layout(_ stages: String) throws -> Layout {
      try #require(try Workshop().planner("\(stages), \(npy)").plan(shape).stages.last).layout
    }
    let naflex = try layout(#"{"stage": "preset", "name": "siglip2-naflex", "patches": "model"}"#)
    #expect(naflex.modelOrder == .tokensChannelsLast)
    #expect(naflex.paddedBlockCount == 256)
    #expect(!naflex.hasFixedSize)
    let vit = #"{"stage": "preset", "name": "vit", "patches": "model"}"#
    let kept = try layout("\(vit), {\"stage\": \"transform.standardize\"}")
    #expect(kept.modelOrder == .tokens && kept.preset == "vit" && kept.hasFixedSize)
    let folded = try layout(
      #"\#(vit), {"stage": "fold"}, {"stage": "unfold", "kernel_size": 8, "stride": 8}"#)
    #expect(folded.modelOrder == nil && folded.preset == "vit")
  }

  @Test(
    "What a model does not take is that input's failure",
    arguments: [
      (#""name": "qwen2vl""#, "", ImageShape(channels: 3, height: 1, width: 201), "1 × 201"),
      (#""name": "vit""#, "", ImageShape(channels: 5, height: 4, width: 4), "5 channels"),
      (
        #""name": "vit""#, #", "alpha": "premultiply""#,
        ImageShape(channels: 4, height: 4, width: 4), "premultiply"
      ),
      (
        #""name": "vit", "size": 20, "patches": "model", "patch_size": 20"#, "",
        ImageShape(channels: 2, height: 1_000_000, width: 1), nil
      ),
    ] as [(String, String, ImageShape, String?)])
  func refusals(keys: String, load: String, shape: ImageShape, part: String?) throws {
    let error = try Workshop().refusal(
      #"{"stage": "preset", \#(keys)}, \#(npy)"#, load: load, shape: shape)
    #expect((error == nil) == (part == nil), "\(error?.message ?? "")")
    if let part { #expect(error?.message.contains(part) == true, "\(error?.message ?? "")") }
  }

  @Test(
    "Keys that do not go together are mistakes, in words",
    arguments: [
      (#"{"stage": "preset"}"#, "expected \"name\" or \"config\""),
      (#"{"stage": "preset", "name": "vit", "config": "a"}"#, "give one of the two"),
      (#"{"stage": "preset", "config": "a", "size": 3}"#, "give one of the two"),
      (#"{"stage": "preset", "name": "imagenet", "patches": "model"}"#, "imagenet has no patches"),
      (#"{"stage": "preset", "name": "imagenet", "patch_size": 16}"#, "imagenet has no patches"),
      (#"{"stage": "preset", "name": "vit", "patch_size": 32}"#, "\"patches\": \"model\""),
      (
        #"{"stage": "preset", "name": "vit", "size": 8, "patches": "model"}"#,
        "16 × 16 do not fit an image of 8 × 8"
      ),
      (#"{"stage": "preset", "name": "qwen2vl", "size": 224}"#, "from its aspect"),
      (#"{"stage": "preset", "name": "clip", "max_pixels": 9}"#, "\"qwen2vl\""),
      (#"{"stage": "preset", "name": "qwen2vl", "max_pixels": 9}"#, "more than \"max_pixels\""),
      (#"{"stage": "preset", "name": "cilp"}"#, "did you mean \"clip\""),
    ])
  func mistakes(stage: String, part: String) throws {
    let error = #expect(throws: PipelineFileError.self) {
      try Workshop().planner("\(stage), \(npy)")
    }
    #expect(error?.diagnostics.count == 1, "\(error?.description ?? "")")
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }

  @Test("With patches a preset takes the place of an unfold in the order of stages")
  func grammar() throws {
    let patches = #"{"stage": "preset", "name": "vit", "patches": "model"}"#
    _ = try Workshop().planner(#"\#(patches), {"stage": "fold"}, \#(npy)"#)
    for stages in [
      #"\#(patches), {"stage": "normalize"}"#,
      #"{"stage": "preset", "name": "vit"}, {"stage": "fold"}"#,
    ] {
      #expect(throws: PipelineFileError.self) { try Workshop().planner("\(stages), \(npy)") }
    }
  }
}
