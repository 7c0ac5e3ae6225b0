import TesseraCore
import Testing

@testable import TesseraPipeline

/// Keys that the words beside them switch off, and keys that only happen to do nothing.
@Suite struct KeyWithoutEffectTests {
  @Test(
    "A key that a word beside it switches off is refused, with the reason",
    arguments: [
      (
        [unfold, #"{"stage": "fold", "normalize": "sum", "uncovered": "error"}"#, encode],
        "stages[2] (fold).uncovered", "\"zero\""
      ),
      (
        [#"{"stage": "normalize", "mean": "imagenet", "std": "clip"}"#, encode],
        "stages[1] (normalize).std", "\"clip\" does not belong to the mean of \"imagenet\""
      ),
      (
        [#"{"stage": "normalize", "mean": "half", "std": "imagenet"}"#, encode],
        "stages[1] (normalize).std", "\"imagenet\""
      ),
      (
        [#"{"stage": "encode", "format": "png", "name": "{stem}.jpg"}"#],
        "stages[1] (encode).name", "\".png\""
      ),
      (
        [#"{"stage": "encode", "format": "jpeg", "name": "{stem}.png"}"#],
        "stages[1] (encode).name", "\".jpg\", \".jpeg\""
      ),
      (
        [#"{"stage": "encode", "format": "npy", "name": "{stem}"}"#],
        "stages[1] (encode).name", "\".npy\""
      ),
      (
        [#"{"stage": "encode", "format": "png", "name": "{stem}.{ext}"}"#],
        "stages[1] (encode).name", "{ext}"
      ),
      (
        [#"{"stage": "encode", "format": "npy", "dtype": "float32", "range": "auto"}"#],
        "stages[1] (encode).range", "\"float32\""
      ),
      (
        [#"{"stage": "encode", "progressive": true}"#], "stages[1] (encode).progressive", "\"jpeg\""
      ),
      (
        [#"{"stage": "normalize", "per_image": "minmax", "std": 2}"#, encode],
        "stages[1] (normalize).std", "\"none\""
      ),
      (
        [#"{"stage": "pad", "amount": 1, "value": 3}"#, encode], "stages[1] (pad).value",
        "\"constant\""
      ),
      (
        [#"{"stage": "normalize", "per_image": "standardize", "mean": [0, 0.5, 0]}"#, encode],
        "stages[1] (normalize).mean", "\"none\""
      ),
    ] as [([String], String, String)])
  func refused(_ stages: [String], _ place: String, _ reason: String) throws {
    let messages = messages(of: document([load] + stages))
    #expect(messages.count == 1, "\(messages)")
    let message = try #require(messages.first)
    #expect(message.contains(place + ": ") && message.contains(reason), "\(message)")
  }

  @Test(
    "A matte without a word that lays it, and a quality beside PNG from the command, are refused")
  func elsewhere() {
    let matte = messages(
      of: document([##"{"stage": "load", "alpha": "drop", "matte": "#102030"}"##, encode]))
    #expect(matte.count == 1 && matte[0].contains("\"alpha\": \"matte\""), "\(matte)")
    let quality = messages(
      of: document([load, encode]), overrides: ["stages[1].quality=50"])
    #expect(quality.count == 1 && quality[0].contains("\"format\": \"jpeg\""), "\(quality)")
  }

  @Test(
    "Numbers that leave nothing to do are taken, and so are keys that hold their defaults",
    arguments: [
      [
        #"{"stage": "unfold", "kernel_size": 3, "padding": 0, "padding_mode": "reflect"}"#, fold,
        encode,
      ],
      [#"{"stage": "unfold", "kernel_size": 3, "edge": "shift"}"#, fold, encode],
      [unfold, #"{"stage": "fold", "normalize": "sum", "uncovered": "zero"}"#, encode],
      [unfold, #"{"stage": "fold", "normalize": "count", "uncovered": "error"}"#, encode],
      [#"{"stage": "encode", "format": "png", "quality": 90, "subsampling": "4:2:0"}"#],
      [#"{"stage": "encode", "format": "jpeg", "compression": "fast"}"#],
      [#"{"stage": "encode", "format": "npy", "layout": "torch", "metadata": "icc"}"#],
      [unfold, #"{"stage": "convolve", "bank": "box", "stride": 1, "padding": 0}"#, fold, encode],
      [#"{"stage": "convolve", "bank": "box", "padding": "same", "edge": "drop"}"#, encode],
      [#"{"stage": "convolve", "bank": "box", "groups": 1, "flip_kernel": true}"#, encode],
      [#"{"stage": "normalize", "mean": "imagenet", "std": "imagenet"}"#, encode],
      [#"{"stage": "normalize", "mean": "vit", "std": "half"}"#, encode],
      [#"{"stage": "normalize", "mean": 0, "std": 1, "per_image": "none"}"#, encode],
      [#"{"stage": "normalize", "mean": 0, "std": [1.0, 1, 1], "per_image": "minmax"}"#, encode],
      [#"{"stage": "normalize", "mean": [-0.0], "std": 1e0, "per_image": "standardize"}"#, encode],
      [#"{"stage": "encode", "format": "npy", "dtype": "float32", "range": "restore"}"#],
      [#"{"stage": "encode", "format": "jpeg", "name": "{stem}.JPEG"}"#],
      [#"{"stage": "encode", "format": "npy", "dtype": "uint8", "range": "auto"}"#],
    ])
  func taken(_ stages: [String]) {
    let messages = messages(of: document([load] + stages))
    #expect(messages.isEmpty, "\(messages)")
  }

  @Test("A range is refused where stages make floats that are written as they are")
  func rangeOfFloats() throws {
    let workshop = try Workshop()
    let range = #"{"stage": "encode", "format": "npy", "range": "clip"}"#
    let shape = ImageShape(channels: 3, height: 8, width: 8)
    let normalized = try workshop.refusal(#"{"stage": "normalize"}, \#(range)"#, shape: shape)
    #expect(normalized?.key == "range" && normalized?.message.contains("uint8") == true)
    #expect(try workshop.refusal(range, shape: shape) == nil)
    let restore = #"{"stage": "encode", "format": "npy", "range": "restore"}"#
    #expect(try workshop.refusal(#"{"stage": "normalize"}, \#(restore)"#, shape: shape) == nil)
  }
}
