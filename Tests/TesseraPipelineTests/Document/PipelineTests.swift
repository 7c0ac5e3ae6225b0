import TesseraCore
import TesseraKernels
import TesseraTestSupport
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

@Suite struct PipelineTests {
  /// Every key of every stage, with a value that is not its default.
  static let everything = [
    document([
      #"{"stage": "load", "path": "in", "include": ["*.png", "*.jpg"], "exclude": "b*","#
        + #" "recursive": false, "follow_links": true, "repeat": 3, "pages": "all", "color": "rgb","#
        + ##" "alpha": "matte", "matte": "#0a0B0c","##
        + #" "orientation": "ignore", "fail_on": "truncated", "max_pixels": 1e6,"#
        + #" "npy_layout": "hwc", "npy_color": "gray_alpha", "dtype": "float32"}"#,
      #"{"stage": "normalize", "scale": 0.5, "mean": [0.1, 0.2, 0.3], "std": [1, 0.5, 2]}"#,
      #"{"stage": "normalize", "scale": "none", "per_image": "minmax"}"#,
      #"{"stage": "pad", "amount": [1, 2, 3, 4], "padding_mode": "constant", "value": [1, 2, 3]}"#,
      #"{"stage": "pad", "to_multiple": [8, 4], "position": "center"}"#,
      #"{"stage": "pad", "size": 4096}"#,
      #"{"stage": "normalize", "preset": "clip"}"#,
      #"{"stage": "crop", "size": [32, 48], "position": "random", "seed": 3}"#,
      #"{"stage": "crop", "size": 31, "rounding": "half_even", "small": "error"}"#,
      #"{"stage": "crop", "size": 30, "offset": [1, 2]}"#,
      #"{"stage": "random_resized_crop", "size": [7, 8], "scale": [0.2, 0.5], "ratio": [1, 2],"#
        + #" "filter": "lanczos", "seed": 2}"#,
      #"{"stage": "flip", "axis": "vertical", "probability": 0.25, "seed": 4}"#,
      #"{"stage": "unfold", "kernel_size": [3, 5], "stride": 2, "padding": [1, 0],"#
        + #" "dilation": 2, "padding_mode": "reflect", "edge": "shift"}"#,
      #"{"stage": "transform.standardize", "per": "channel"}"#,
      #"{"stage": "transform.mean_removal", "per": "channel"}"#,
      #"{"stage": "transform.convolve", "kernels": [[1, 2], [3, 4]], "padding_mode": "circular","#
        + #" "flip_kernel": true, "alpha": "keep"}"#,
      #"{"stage": "transform.linear", "weights": "w.npy", "bias": "b.npy"}"#,
      #"{"stage": "transform.linear", "weights": "m.safetensors", "tensor": "w","#
        + #" "bias_tensor": "b", "position": "p.safetensors", "position_tensor": "p","#
        + #" "position_skip": 1}"#,
      #"{"stage": "transform.quantize", "step": 0.5}"#,
      #"{"stage": "fold", "normalize": "sum", "output_size": [4, 5], "kernel_size": 3,"#
        + #" "stride": 2, "padding": 1, "dilation": 2, "uncovered": "zero"}"#,
      #"{"stage": "convolve", "kernels": [[[[1, 2]], [[3, 4]]], [[[5, 6]], [[7, 8]]]],"#
        + #" "bias": [0.5, 1], "groups": 2, "flip_kernel": true, "response": "magnitude","#
        + #" "stride": 2, "padding": "same", "dilation": 3, "padding_mode": "replicate"}"#,
      #"{"stage": "convolve", "weights": "k.npy", "bias": 2, "response": "abs", "edge": "pad"}"#,
      #"{"stage": "convolve", "weights": "m.safetensors", "tensor": "w", "bias_tensor": "b"}"#,
      #"{"stage": "compare", "metrics": ["ssim"], "require": {"psnr": "inf", "max_abs": 0},"#
        + #" "data_range": 1.5}"#,
      #"{"stage": "encode", "path": "a", "name": "{dir}/{stem}-{ext}.{channel}.png","#
        + #" "compression": "best", "bit_depth": 16, "range": "auto", "metadata": "keep","#
        + #" "verify": true, "channels": "montage"}"#,
      #"{"stage": "encode", "path": "b", "format": "jpeg", "quality": 80,"#
        + #" "subsampling": "4:4:4", "progressive": true, "range": [-1, 1.5]}"#,
      #"{"stage": "unfold", "kernel_size": 2}"#,
      #"{"stage": "encode", "path": "c", "format": "npy", "layout": "tokens", "dtype": "uint16"}"#,
    ]),
    document([
      #"{"stage": "load", "list": "-", "alpha": "drop"}"#,
      #"{"stage": "convolve", "bank": {"name": "box", "kernel_size": [1, 4]}, "alpha": "filter"}"#,
      #"{"stage": "convolve", "bank": {"name": "gaussian", "sigma": [1.5, 2]}, "edge": "error"}"#,
      #"{"stage": "convolve", "bank": {"name": "sobel", "kernel_size": 5, "direction": "x"}}"#,
      #"{"stage": "convolve", "bank": {"name": "scharr", "direction": "y"}}"#,
      #"{"stage": "convolve", "bank": {"name": "laplacian", "aperture": 3}}"#,
      #"{"stage": "convolve", "bank": {"name": "sharpen", "amount": 0.5}}"#,
      #"{"stage": "convolve", "bank": "prewitt", "response": "magnitude"}"#,
      #"{"stage": "convolve", "bank": "haar", "response": "max", "groups_of": 2}"#,
      #"{"stage": "convolve", "bank": "laws", "response": "energy", "window": 7}"#,
      #"{"stage": "encode", "compression": 9}"#,
    ]),
    document([
      #"{"stage": "load", "repeat": 2, "shrink_on_load": true}"#,
      #"{"stage": "resize", "size": [32, 31], "filter": "lanczos", "enlarge": false}"#,
      #"{"stage": "resize", "longest_side": 40}"#, #"{"stage": "resize", "scale": 0.5}"#,
      #"{"stage": "unfold", "kernel_size": 2, "stride": 2}"#,
      #"{"stage": "sample", "fraction": 0.5, "seed": 3}"#, #"{"stage": "sample", "count": 4}"#,
      #"{"stage": "mask", "ratio": 0.5, "seed": 1}"#,
      #"{"stage": "select", "by": "entropy", "min": 1, "max": 7}"#,
      #"{"stage": "encode", "path": "a", "format": "webdataset", "images_per_shard": 10,"#
        + #" "labels": "folder", "split": {"val": 0.1, "seed": 2}}"#,
      #"{"stage": "encode", "path": "c", "format": "tiles", "image_format": "jpeg"}"#,
      #"{"stage": "encode", "path": "b", "format": "webdataset", "images_per_shard": 10,"#
        + #" "labels": {"file": "labels.csv"}, "split": {"val": 0.1, "seed": 2}}"#,
    ]),
    document([
      #"{"stage": "load", "layout": "tokens", "geometry": {"output_size": [8, 9], "kernel_size": 3,"#
        + #" "stride": [2, 3], "padding": 1, "dilation": 2, "edge": "pad", "channels": 3}}"#,
      #"{"stage": "fold"}"#, #"{"stage": "encode"}"#,
    ]),
    document([
      #"{"stage": "load", "dataset": "out", "path": "model", "dtype": "float32"}"#,
      #"{"stage": "fold"}"#, #"{"stage": "encode"}"#,
    ]),
    document([
      #"{"stage": "load"}"#, #"{"stage": "unfold", "kernel_size": 2}"#,
      #"{"stage": "transform.command", "command": ["./a", "", "-b"], "scale": 2, "batch": 3,"#
        + #" "timeout": 0.5}"#,
      #"{"stage": "transform.zca", "statistics": "s.safetensors", "epsilon": 0.1}"#,
      #"{"stage": "transform.pca", "statistics": "s.safetensors", "components": 4,"#
        + #" "reconstruct": true}"#,
      #"{"stage": "encode", "format": "npy"}"#,
    ]),
    document([
      #"{"stage": "load"}"#,
      #"{"stage": "median", "kernel_size": [3, 5], "padding_mode": "reflect", "alpha": "filter"}"#,
      #"{"stage": "rank", "kernel_size": 5, "rank": 0.25, "padding_mode": "zeros", "alpha": "keep"}"#,
      #"{"stage": "convolve", "weights": "l.npy", "locally_connected": true}"#,
      #"{"stage": "convolve_transpose", "kernels": [[1, 2], [3, 4]], "bias": 0.5, "stride": 2,"#
        + #" "padding": 1, "output_padding": [1, 0], "dilation": [1, 2], "alpha": "filter"}"#,
      #"{"stage": "convolve_transpose", "weights": "m.safetensors", "tensor": "w","#
        + #" "bias_tensor": "b", "groups": 2}"#,
      #"{"stage": "convolve_transpose", "bank": "box"}"#,
      #"{"stage": "unfold", "kernel_size": 3, "halo": [1, 2]}"#,
      #"{"stage": "transform.median", "kernel_size": 5, "padding_mode": "circular","#
        + #" "alpha": "filter"}"#,
      #"{"stage": "transform.clip", "min": 0.1, "max": 0.9}"#,
      #"{"stage": "transform.contrast_normalize", "epsilon": 0.5, "per": "channel"}"#,
      #"{"stage": "transform.dct"}"#, #"{"stage": "transform.idct"}"#,
      #"{"stage": "transform.dct_threshold", "sigma": 12.5, "kind": "soft", "lambda": 2,"#
        + #" "weights": "adaptive", "decorrelate": false}"#,
      #"{"stage": "fold", "normalize": "window", "window": "kaiser", "beta": 3.5}"#,
      #"{"stage": "unfold", "kernel_size": 4, "stride": 4}"#,
      #"{"stage": "transform.reduce", "kind": "median"}"#,
      #"{"stage": "encode", "format": "npy"}"#,
    ]),
    document([
      #"{"stage": "load"}"#,
      #"{"stage": "preset", "name": "vit", "size": 384, "patch_size": 32, "patches": "model"}"#,
      #"{"stage": "encode", "format": "npy"}"#,
    ]),
    document([
      #"{"stage": "load"}"#, #"{"stage": "encode", "format": "webp", "lossless": true}"#,
    ]),
    document([
      #"{"stage": "load"}"#,
      #"{"stage": "preset", "name": "qwen2vl", "min_pixels": 784, "max_pixels": 50000}"#,
      #"{"stage": "preset", "config": "preprocessor_config.json"}"#,
      #"{"stage": "encode", "format": "npy"}"#,
    ]),
  ]

  @Test("What is read and written again is the same", arguments: everything)
  func roundTrip(_ text: String) throws {
    let pipeline = try Pipeline(parsing: text, file: "p.json")
    let again = try Pipeline(parsing: pipeline.text)
    #expect(again.text == pipeline.text)
    #expect(again.digest == pipeline.digest)
    #expect(again.stages.map { AnyHashable($0) } == pipeline.stages.map { AnyHashable($0) })
    let made = try Pipeline(stages: pipeline.stages)
    #expect(made.digest == pipeline.digest)
  }

  @Test("The sample above holds every key there is")
  func completeness() throws {
    let written = try Self.everything.flatMap { text in
      try #require(try JSONParser.parse(Array(text.utf8))["stages"]?.elements)
    }
    for type in StageCatalogue.types {
      let keys = Set(
        written.filter { $0["stage"]?.string == type.name }
          .flatMap { $0.members ?? [] }.map(\.key))
      #expect(
        keys.isSuperset(
          of: type.configuration.parameters.map(\.key).filter {
            type.name != "transform.convolve" || !["bank", "weights", "tensor"].contains($0)
          }), "\(type.name)")
    }
  }

  @Test("Values arrive where they belong")
  func values() throws {
    let stages = try Pipeline(parsing: Self.everything[0]).stages
    let load = try #require(stages[0] as? Load)
    #expect(load.matte == MatteColor(red: 10, green: 11, blue: 12))
    #expect(load.include == ["*.png", "*.jpg"])
    #expect(load.exclude == ["b*"])
    #expect(load.maxPixels == 1_000_000)
    let normalize = try #require(stages[1] as? Normalize)
    #expect(normalize.scale == .factor(0.5))
    #expect(normalize.means == [0.1, 0.2, 0.3])
    #expect(normalize.deviations == [1, 0.5, 2])
    let unfold = try #require(stages[12] as? Unfold)
    #expect(
      unfold.window
        == Window(
          kernelSize: Size(height: 3, width: 5), stride: Size(2),
          padding: .symmetric(Size(height: 1, width: 0)), dilation: Size(2), paddingMode: .reflect,
          edge: .shift))
    let fold = try #require((stages[19] as? Fold)?.geometry)
    #expect(fold.outputSize == Size(height: 4, width: 5))
    #expect(fold.window.padding == .symmetric(Size(1)))
    let convolve = try #require(stages[20] as? Convolve)
    #expect(convolve.kernels?.shape == [2, 2, 1, 2])
    #expect(convolve.kernels?.values == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(convolve.window.padding == .same)
    let compare = try #require(stages[23] as? Compare)
    #expect(compare.require == [.psnr: .infinity, .maxAbs: 0])
    #expect(compare.measured == [.psnr, .ssim, .maxAbs])
    let encode = try #require(stages[24] as? Encode)
    let name = encode.outputName?.name { ["dir": "", "stem": "s", "ext": "e"][$0.rawValue] ?? "0" }
    #expect(name == "s-e.0.png")
  }

  @Test("Places of stages and keys are known, and paths start at the file's folder")
  func places() throws {
    let text = document([
      load, #"{"stage": "unfold", "kernel_size": 3, "stride": 2}"#, fold, encode,
    ])
    let pipeline = try Pipeline(
      parsing: text, file: "some/p.json", overrides: ["stages[1].padding=1"])
    #expect(pipeline.baseDirectory == "some")
    #expect(pipeline.location(stage: 1)?.description == "some/p.json:3:3")
    #expect(pipeline.location(stage: 1, key: "stride")?.description == "some/p.json:3:51")
    #expect(pipeline.location(stage: 1, key: "edge")?.description == "some/p.json:3:3")
    #expect(
      pipeline.location(stage: 1, key: "padding")?.description == "override stages[1].padding=1")
    #expect(pipeline.location(stage: 4) == nil)
    #expect(try Pipeline(parsing: text, file: "p.json").baseDirectory == "")
    #expect(try Pipeline(parsing: text, file: "/p.json").baseDirectory == "/")
  }

  @Test("The digest sees settings, not how they are written")
  func digests() throws {
    let plain = try Pipeline(parsing: document([load, encode])).digest
    let same =
      #"{ "description": "x", "stages": [{"stage":"load", "recursive": true},"#
      + #"{"format": "png", "quality": 90, "stage":"encode"}], "version": 1.0 }"#
    #expect(try Pipeline(parsing: same).digest == plain)
    let other = try Pipeline(parsing: document([load, #"{"stage": "encode", "verify": true}"#]))
    #expect(other.digest != plain)
    #expect(plain == "20ec08fa5e8ab95a")
  }

  @Test("Stages made in code are held to the same rules")
  func madeInCode() throws {
    let pipeline = try Pipeline(stages: [
      Load(path: "photos"), Unfold(Window(kernelSize: Size(8), stride: Size(4))), Fold(),
      Compare(require: [.psnr: .infinity]), Encode { $0.path = "out" },
    ])
    #expect(pipeline.location(stage: 0) == nil)
    let error = #expect(throws: PipelineFileError.self) {
      try Pipeline(stages: [
        Load(), Unfold(Window(kernelSize: Size(0))),
        Convolve(bank: Gaussian(sigma: AxisPair(.nan))),
        Encode { $0.quality = 101 },
      ])
    }
    #expect(
      error?.diagnostics.map(\.description) == [
        "stages[1] (unfold).kernel_size: expected an integer in 1…65535, or two as "
          + "[height, width], found 0",
        "stages[2] (convolve).bank.sigma[0]: expected a number in 0.01…100, found nan",
        "stages[2] (convolve).bank.sigma[1]: expected a number in 0.01…100, found nan",
        "stages[3] (encode).quality: expected an integer in 1…100, found 101",
        "stages[3] (encode).quality: applies only with \"format\": \"jpeg\" or \"webp\" or "
          + "\"webdataset\" or \"imagefolder\" or \"tiles\", and here that is \"png\"",
      ])
  }

  @Test("No change of a few bytes makes reading trap", arguments: everything)
  func damage(_ text: String) {
    let bytes = Array(text.utf8)
    var generator = SeededGenerator(seed: 2)
    var wrong = 0
    for _ in 0..<300 {
      var damaged = bytes
      let place = Int.random(in: 0..<bytes.count - 4, using: &generator)
      let source = Int.random(in: 0..<bytes.count - 4, using: &generator)
      damaged.replaceSubrange(place..<place + 3, with: bytes[source..<source + 3])
      do throws(PipelineFileError) {
        _ = try Pipeline(parsing: damaged)
      } catch {
        wrong += 1
        #expect(error.diagnostics.allSatisfy { !$0.description.isEmpty })
      }
    }
    #expect(wrong > 200)
  }

  @Test("Of many mistakes the first are told and the others counted, all of them")
  func manyMistakes() {
    let stages = Array(repeating: #"{"stage": "fold", "uncovered": 1}"#, count: 900)
    do throws(PipelineFileError) {
      _ = try Pipeline(parsing: document([load] + stages + [encode]))
      Issue.record("nothing was found")
    } catch {
      #expect(error.diagnostics.count == 100 && error.omittedCount == 1700)
    }
  }
}
