import Foundation
import Testing

/// Patch embeddings with the weights of a model, as somebody gets them who has its file and photographs.
@Suite struct EmbeddingChainTests {
  private static let weights = Repository.path + "/Tests/Vectors/embeddings/hf.safetensors"
  private static let embedding = #"""
    "weights": "hf.safetensors", "tensor": "embeddings.patch_embeddings.projection.weight",
    "bias_tensor": "embeddings.patch_embeddings.projection.bias",
    "position_tensor": "embeddings.position_embeddings", "position_skip": 1
    """#
  private static let unfold = #"{ "stage": "unfold", "kernel_size": 14, "stride": 14 }"#

  private func linear(_ keys: String = embedding) -> String {
    "{ \"stage\": \"transform.linear\", \(keys) }"
  }

  private func workplace() throws -> (TemporaryFolder, Picture) {
    let folder = try TemporaryFolder()
    let picture = Picture.noise(width: 28, height: 28, channels: 3, seed: 5)
    try folder.write(picture.png(), to: "photos/a.png")
    try folder.copy(Self.weights, to: "hf.safetensors")
    return (folder, picture)
  }

  /// The values of a tensor of floats.
  private func tensor(_ name: String) throws -> [Double] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.weights)))
    let count = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let root = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + count]))
    let entry = try #require((root as? [String: [String: Any]])?[name])
    let offsets = try #require(entry["data_offsets"] as? [Int])
    return bytes.withUnsafeBytes { raw in
      stride(from: offsets[0], to: offsets[1], by: 4).map {
        Double(raw.loadUnaligned(fromByteOffset: 8 + count + $0, as: Float.self))
      }
    }
  }

  @Test("Tokens are sums over the pixels of each patch, with bias and position")
  func tokens() throws {
    let (folder, picture) = try workplace()
    try folder.write(
      pipeline(
        load: #""path": "photos""#, [#"{ "stage": "normalize" }"#, Self.unfold, linear()],
        encode: #""path": "out", "format": "npy", "layout": "tokens""#), to: "p.json")
    let outcome = try Command.run(["run", "p.json"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let made = try NPYFile.values(of: folder.path("out/a.npy"))
    #expect(made.shape == [4, 8])
    let weights = try tensor("embeddings.patch_embeddings.projection.weight")
    let bias = try tensor("embeddings.patch_embeddings.projection.bias")
    let positions = try tensor("embeddings.position_embeddings")
    for block in 0..<4 {
      for output in 0..<8 {
        var sum = bias[output]
        for value in 0..<588 {
          let (channel, row, column) = (value / 196, value / 14 % 14, value % 14)
          let pixel = picture.pixel(row: block / 2 * 14 + row, column: block % 2 * 14 + column)
          sum += weights[output * 588 + value] * Double(pixel[pixel.startIndex + channel]) / 255
        }
        sum += positions[(block + 1) * 8 + output]
        #expect(abs(made.values[block * 8 + output] - sum) < 1e-5)
      }
    }
  }

  @Test("A dataset of embeddings tells what a patch is, and other weights are other settings")
  func dataset() throws {
    let (folder, _) = try workplace()
    try folder.write(
      pipeline(
        load: #""path": "photos""#, [#"{ "stage": "normalize" }"#, Self.unfold, linear()],
        encode: #""path": "out", "format": "npy", "images_per_shard": 4"#), to: "p.json")
    for text in ["1 done", "0 done, 1 done before"] {
      let outcome = try Command.run(["run", "p.json"], in: folder.path)
      #expect(outcome.status == 0 && outcome.errors.contains(text), "\(outcome.errors)")
    }
    let data = Data(try folder.bytes("out/dataset.json"))
    let root = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(root["patch"] as? [Int] == [8, 1, 1])
    #expect(root["layout"] as? String == "tokens" && root["dtype"] as? String == "float32")
    var bytes = try folder.bytes("hf.safetensors")
    bytes[bytes.count - 1] ^= 0x01
    try folder.write(bytes, to: "hf.safetensors")
    let again = try Command.run(["run", "p.json"], in: folder.path)
    #expect(again.status == 65 && again.errors.contains("with other settings"), "\(again.errors)")
    let anew = try Command.run(["run", "p.json", "--overwrite"], in: folder.path)
    #expect(anew.status == 0 && anew.errors.contains("1 done"), "\(anew.errors)")
  }

  /// Weights that are wrong, and what is said of them.
  static let broken: [(keys: String, place: String, says: String)] = [
    (
      #""weights": "none.safetensors", "tensor": "a""#, "stages[2] (transform.linear).weights",
      "No such file"
    ),
    (
      #""weights": "hf.safetensors""#, "stages[2] (transform.linear).weights",
      "give one with the key \"tensor\""
    ),
    (
      #""weights": "hf.safetensors", "tensor": "patch_embeddings.projection.weight""#,
      "stages[2] (transform.linear).tensor",
      "did you mean \"embeddings.patch_embeddings.projection.weight\"?"
    ),
    (
      #""weights": "cut.safetensors", "tensor": "a""#, "stages[2] (transform.linear).weights",
      "truncated safetensors: the tensors need"
    ),
    (
      #""weights": "hf.safetensors", "tensor": "layernorm.weight""#,
      "stages[2] (transform.linear).weights",
      "expected a matrix (M, 588) for patches of 588 values, or kernels (M, 3, 14, 14), found [8]"
    ),
    (
      embedding.replacingOccurrences(of: #", "position_skip": 1"#, with: ""),
      "stages[2] (transform.linear).position", "\"position_skip\": 1 leaves out the first"
    ),
  ]

  @Test(
    "Weights that are wrong end the run with their place, before anything is written",
    arguments: broken)
  func wrong(_ keys: String, place: String, says: String) throws {
    let (folder, _) = try workplace()
    try folder.write(try folder.bytes("hf.safetensors").dropLast(100), to: "cut.safetensors")
    try folder.write(
      pipeline(
        load: #""path": "photos""#, [Self.unfold, linear(keys)],
        encode: #""path": "out", "format": "npy""#), to: "p.json")
    let outcome = try Command.run(["run", "p.json"], in: folder.path)
    #expect(outcome.status == 78, "\(outcome.errors)")
    #expect(outcome.errors.contains(place) && outcome.errors.contains(says), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("out/a.npy")))
  }
}
