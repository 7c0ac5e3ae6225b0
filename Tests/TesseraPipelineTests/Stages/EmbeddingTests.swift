import Foundation
import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

/// `transform.linear` against the patch embeddings of PyTorch, timm and transformers.
///
/// Vectors/make_embeddings.py tells how the vectors are made.
struct EmbeddingTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors/embeddings").path

  /// An embedding of an image that follows from a seed.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var seed: UInt64
    var size: [Int]
    var unfold: String
    var linear: String
  }

  private static func torch(
    _ name: String, _ seed: UInt64, _ size: [Int], kernel: String, stride: String
  ) -> Case {
    Case(
      testDescription: name, seed: seed, size: size,
      unfold: #""kernel_size": \#(kernel), "stride": \#(stride), "edge": "drop""#,
      linear: #"""
        "weights": "torch.safetensors", "tensor": "\#(name).proj.weight",
        "bias_tensor": "\#(name).proj.bias"
        """#)
  }

  private static let timm =
    #""weights": "timm.safetensors", "tensor": "patch_embed.proj.weight", "bias_tensor": "patch_embed.proj.bias""#
  private static let hf = #"""
    "weights": "hf.safetensors", "tensor": "embeddings.patch_embeddings.projection.weight",
    "bias": "hf.safetensors", "bias_tensor": "embeddings.patch_embeddings.projection.bias"
    """#

  static let cases = [
    torch("conv4", 1, [12, 20], kernel: "4", stride: "4"),
    torch("rest", 2, [13, 22], kernel: "4", stride: "4"),
    torch("conv14", 3, [28, 42], kernel: "14", stride: "14"),
    torch("oblong", 4, [9, 21], kernel: "[2, 5]", stride: "[2, 5]"),
    torch("overlap", 5, [12, 20], kernel: "4", stride: "[2, 3]"),
    torch("brain", 6, [12, 20], kernel: "4", stride: "4"),
    torch("half", 7, [12, 20], kernel: "4", stride: "4"),
    Case(
      testDescription: "timm", seed: 8, size: [12, 12],
      unfold: #""kernel_size": 4, "stride": 4"#, linear: timm),
    Case(
      testDescription: "timm_position", seed: 8, size: [12, 12],
      unfold: #""kernel_size": 4, "stride": 4"#,
      linear: timm + #", "position_tensor": "pos_embed", "position_skip": 1"#),
    Case(
      testDescription: "hf", seed: 9, size: [28, 28],
      unfold: #""kernel_size": 14, "stride": 14"#, linear: hf),
    Case(
      testDescription: "hf_position", seed: 9, size: [28, 28],
      unfold: #""kernel_size": 14, "stride": 14"#,
      linear: hf + #"""
        , "position": "hf.safetensors", "position_skip": 1,
        "position_tensor": "embeddings.position_embeddings"
        """#),
  ]

  private static func workshop() throws -> Workshop {
    let workshop = try Workshop()
    for name in ["torch", "timm", "hf"] {
      workshop.folder.link("\(name).safetensors", to: "\(folder)/\(name).safetensors")
    }
    return workshop
  }

  private static func image(_ test: Case) -> TestArray {
    TestArray(
      [3] + test.size, signedUnits(seed: test.seed, count: 3 * test.size[0] * test.size[1]))
  }

  private static func stages(_ test: Case, _ end: String) -> String {
    #"{"stage": "unfold", \#(test.unfold)}, {"stage": "transform.linear", \#(test.linear)}, \#(end)"#
  }

  @Test("Tokens are those of the libraries", arguments: cases)
  func tokens(_ test: Case) throws {
    let file = try SafetensorsFile(path: Self.folder + "/expected.safetensors")
    let expected = try file.array(of: file.tensor(named: test.testDescription))
    let made = try Self.workshop().array(
      Self.stages(test, #"{"stage": "encode", "format": "npy", "layout": "tokens"}"#),
      on: Self.image(test))
    #expect(made.shape == expected.shape)
    let reach = expected.values.map(\.magnitude).max() ?? 0
    let distance = made.distance(to: TestArray(expected.shape, expected.values))
    #expect(distance <= 1e-5 * Double(reach), "\(distance) of \(reach)")
  }

  @Test("Fold makes an image of the grid of them, whatever rewrites do", arguments: cases)
  func image(_ test: Case) throws {
    let workshop = try Self.workshop()
    let tokens = try workshop.array(
      Self.stages(test, #"{"stage": "encode", "format": "npy", "layout": "tokens"}"#),
      on: Self.image(test))
    let folded = try workshop.array(
      Self.stages(test, #"{"stage": "fold"}, \#(npy)"#), on: Self.image(test))
    #expect(folded.shape[0] == 8)
    let blocks = folded.shape[1] * folded.shape[2]
    #expect(tokens.shape == [blocks, 8])
    let turned = (0..<8).flatMap { c in (0..<blocks).map { tokens.values[$0 * 8 + c] } }
    #expect(folded.values == turned)
  }

  @Test("A position embedding goes by the numbers of blocks, also where some were let go")
  func chosen() throws {
    let workshop = try Self.workshop()
    let test = try #require(Self.cases.first { $0.testDescription == "hf_position" })
    let end = #"{"stage": "encode", "format": "npy", "layout": "tokens"}"#
    let sampled = #"{"stage": "sample", "count": 2, "seed": 3}"#
    let image = Self.image(test)
    let after = try workshop.array(Self.stages(test, "\(sampled), \(end)"), on: image)
    let before = try workshop.array(
      #"{"stage": "unfold", \#(test.unfold)}, \#(sampled), "#
        + #"{"stage": "transform.linear", \#(test.linear)}, \#(end)"#, on: image)
    #expect(after.shape == [2, 8])
    #expect(before.distance(to: after) < 1e-6)
  }

  @Test("Weights of a convolution give pixels, and a square matrix keeps the window")
  func square() throws {
    let workshop = try Workshop()
    let weights = TestArray.noise([8, 8], .float32)
    try workshop.save(weights, as: "matrix.npy")
    try workshop.save(TestArray([8, 2, 2, 2], .float32, weights.values), as: "kernels.npy")
    let image = TestArray.noise([2, 4, 6], .float32)
    for (name, shape) in [("matrix", [2, 4, 6]), ("kernels", [8, 2, 3])] {
      let made = try workshop.array(
        #"""
        {"stage": "unfold", "kernel_size": 2, "stride": 2},
        {"stage": "transform.linear", "weights": "\#(name).npy"}, {"stage": "fold"}, \#(npy)
        """#, on: image)
      #expect(made.shape == shape)
    }
  }

  /// Keys that do not fit the shapes, and what is said: an image 3 × 28 × 28 in windows of 14.
  static let refusals = [
    (
      #""weights": "timm.safetensors", "tensor": "patch_embed.proj.weight""#, "weights",
      "expected a matrix (M, 588) for patches of 588 values, or kernels (M, 3, 14, 14), "
        + "found [8, 3, 4, 4]"
    ),
    (
      #""weights": "timm.safetensors", "tensor": "norm.bias""#, "weights", "found [8]"
    ),
    (
      hf + #", "bias_tensor": "embeddings.cls_token", "position_tensor": "embeddings.cls_token""#,
      "position", "expected (4, 8), a row of 8 values for each of 4 blocks, found [1, 1, 8]"
    ),
    (
      hf + #", "position_tensor": "embeddings.position_embeddings""#, "position",
      "expected (4, 8), a row of 8 values for each of 4 blocks, found [1, 5, 8]; "
        + "\"position_skip\": 1 leaves out the first, as of a class token"
    ),
    (
      hf + #", "position_tensor": "embeddings.position_embeddings", "position_skip": 2"#,
      "position",
      "expected (6, 8), a row of 8 values for each of 4 blocks after \"position_skip\": 2"
    ),
    (
      hf + #", "position_tensor": "layernorm.bias""#, "position", "found [8]"
    ),
  ]

  @Test("What does not fit is said with both shapes", arguments: refusals)
  func refused(_ keys: String, key: String, says: String) throws {
    let workshop = try Self.workshop()
    // A key that stands twice is another mistake.
    let keys = keys.replacingOccurrences(
      of: #""bias_tensor": "embeddings.patch_embeddings.projection.bias", "bias_tensor""#,
      with: #""bias_tensor""#)
    let refusal = try workshop.refusal(
      #"{"stage": "unfold", "kernel_size": 14, "stride": 14}, {"stage": "transform.linear", \#(keys)}, \#(npy)"#,
      shape: ImageShape(channels: 3, height: 28, width: 28))
    #expect(refusal?.key == key)
    #expect(refusal?.message.contains(says) == true, "\(refusal?.message ?? "")")
  }

  /// Keys that are wrong whatever the image, and what is said.
  static let mistakes = [
    (#""weights": "hf.safetensors""#, "give one with the key \"tensor\""),
    (
      #""weights": "w.npy", "tensor": "a""#,
      "names an array in a .safetensors file of \"weights\", and here that is \"w.npy\""
    ),
    (
      #""weights": "w.npy", "bias_tensor": "a""#,
      "bias_tensor: names an array in a .safetensors file of \"weights\""
    ),
    (
      #""weights": "w.npy", "bias": 1, "bias_tensor": "a""#,
      "cannot stand beside numbers in \"bias\""
    ),
    (#""weights": "w.npy", "bias": "b.safetensors""#, "give one with the key \"bias_tensor\""),
    (
      #""weights": "w.npy", "position": "p.safetensors""#,
      "give one with the key \"position_tensor\""
    ),
    (#""weights": "w.npy", "position_skip": 1"#, "applies only to a position embedding"),
    (
      #""weights": "hf.safetensors", "tensor": "embeddings.projection.weight""#,
      "tensor: expected the name of a tensor in the file, found \"hf.safetensors\": "
    ),
    (
      #""weights": "hf.safetensors", "tensor": "layernorm.weights""#,
      "did you mean \"layernorm.weight\"?"
    ),
    (
      #""weights": "cut.safetensors", "tensor": "layernorm.weight""#,
      "weights: expected a readable .safetensors file of finite numbers, found \"cut.safetensors\": "
        + "truncated safetensors"
    ),
    (
      #""weights": "nan.safetensors", "tensor": "a""#,
      "found \"nan.safetensors\": tensor \"a\", value 1 is nan"
    ),
    (
      #""weights": "wide.safetensors", "tensor": "a""#,
      "tensor \"a\" has values of type C64, which are not read"
    ),
    (#""weights": "none.safetensors", "tensor": "a""#, "No such file"),
  ]

  @Test("A mistake is told with its place", arguments: mistakes)
  func mistake(_ keys: String, says: String) throws {
    let workshop = try Self.workshop()
    let whole = try #require(workshop.folder.content("hf.safetensors"))
    try workshop.folder.write(Array(whole[..<19_000]), to: "cut.safetensors")
    let header = SafetensorsHeader([.init("a", .float32, [2])]).bytes()
    try workshop.folder.write(header + [0, 0, 0, 0, 0, 0, 0xC0, 0x7F], to: "nan.safetensors")
    let text = #"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#
    try workshop.folder.write(
      [UInt8(text.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(text.utf8)
        + Array(repeating: 0, count: 8),
      to: "wide.safetensors")
    try workshop.save(.noise([4, 588], .float32), as: "w.npy")
    let error = #expect(throws: PipelineFileError.self) {
      try workshop.planner(
        #"{"stage": "unfold", "kernel_size": 14}, {"stage": "transform.linear", \#(keys)}, \#(npy)"#
      )
    }
    let sentence = error?.description ?? ""
    #expect(sentence.contains(says), "\(sentence)")
    #expect(sentence.contains("stages[2] (transform.linear)"), "\(sentence)")
  }

  @Test("convolve takes kernels and bias of a .safetensors file, too")
  func convolve() throws {
    let workshop = try Self.workshop()
    let test = try #require(Self.cases.first { $0.testDescription == "conv4" })
    let keys = test.linear
    let end = #"{"stage": "fold"}, \#(npy)"#
    let linear = try workshop.array(Self.stages(test, end), on: Self.image(test))
    let convolved = try workshop.array(
      #"{"stage": "convolve", \#(keys), "stride": 4, "alpha": "filter"}, \#(npy)"#,
      on: Self.image(test))
    #expect(convolved.distance(to: linear) < 1e-5)
  }

  @Test("transform.convolve takes kernels of one, too")
  func convolvePatches() throws {
    let workshop = try Self.workshop()
    let test = try #require(Self.cases.first { $0.testDescription == "conv4" })
    let values = (0..<27).map { Float($0 * $0) / 64 - 3 }
    try workshop.save(TestArray([3, 3, 3], values), as: "w.npy")
    let header = SafetensorsHeader([
      .init("other", .float32, [1]), .init("k", .float32, [3, 3, 3]),
    ])
    let bytes = ([7] + values).withUnsafeBytes { Array($0) }
    try workshop.folder.write(header.bytes() + bytes, to: "k.safetensors")
    let keys = [#""weights": "k.safetensors", "tensor": "k""#, #""weights": "w.npy""#]
    let made = try keys.map { keys in
      try workshop.array(
        #"{"stage": "unfold", "kernel_size": 8, "stride": 4}, "#
          + #"{"stage": "transform.convolve", \#(keys)}, {"stage": "fold"}, \#(npy)"#,
        on: Self.image(test))
    }
    #expect(made[0] == made[1])
  }
}
