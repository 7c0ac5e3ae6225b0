import Foundation
import Testing

/// What somebody with PyTorch does on the first day: a folder with a folder for each class becomes
/// arrays of tokens, which a loader reads.
@Suite struct DatasetChainTests {
  private static let mean = [0.485, 0.456, 0.406]
  private static let deviation = [0.229, 0.224, 0.225]

  /// Three classes of pictures, 50 × 37: three patches a row, two rows, and a rest.
  private func dataset() throws -> (folder: TemporaryFolder, pictures: [String: Picture]) {
    let folder = try TemporaryFolder()
    var pictures: [String: Picture] = [:]
    for (index, name) in ["ant/1", "ant/2", "bee/1", "cat/x", "cat/y"].enumerated() {
      let picture = Picture.noise(width: 50, height: 37, channels: 3, seed: UInt64(index + 1))
      try folder.write(picture.png(), to: "train/\(name).png")
      pictures[name] = picture
    }
    try folder.copy(Repository.pipelines, to: "Pipelines")
    return (folder, pictures)
  }

  private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> Command.Outcome {
    try Command.run(
      ["run", "Pipelines/vit_patchify.json", "-i", "train", "-o", "tokens"] + arguments,
      in: folder.path)
  }

  /// The classes of `torchvision.datasets.ImageFolder`.
  ///
  /// All folders in its root are, hidden ones too, in the order of their names. Files there are not.
  private func classes(_ root: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root).filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(root)/\(name)", isDirectory: &isFolder)
        && isFolder.boolValue
    }.sorted()
  }

  /// One value of one patch, scaled as for ImageNet.
  private func value(
    _ picture: Picture, _ patch: Int, row: Int, column: Int, channel: Int
  ) -> Double {
    let pixel = picture.pixel(row: patch / 3 * 16 + row, column: patch % 3 * 16 + column)
    let value = Double(pixel[pixel.startIndex + channel]) / 255
    return (value - Self.mean[channel]) / Self.deviation[channel]
  }

  /// An order in which tokens are stored: the patch, the row, the column and the channel at a place.
  struct Order: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: [Int]
    let place: @Sendable (Int) -> (patch: Int, row: Int, column: Int, channel: Int)
  }

  static let orders = [
    // x.reshape(2, 16, 3, 16, 3).transpose(0, 2, 1, 3, 4).reshape(6, 768) of (H, W, C)
    Order(testDescription: "tokens_channels_last", shape: [6, 768]) {
      ($0 / 768, $0 % 768 / 48, $0 % 48 / 3, $0 % 3)
    },
    // x.reshape(3, 2, 16, 3, 16).transpose(1, 3, 0, 2, 4).reshape(6, 768) of (C, H, W)
    Order(testDescription: "tokens", shape: [6, 768]) {
      ($0 / 768, $0 % 256 / 16, $0 % 16, $0 % 768 / 256)
    },
    // The transpose of that: torch.nn.functional.unfold(x, 16, stride=16)
    Order(testDescription: "torch", shape: [768, 6]) {
      ($0 % 6, $0 / 6 % 256 / 16, $0 / 6 % 16, $0 / 6 / 256)
    },
  ]

  @Test(
    "Every array has the shape, type, order and values that a loader expects", arguments: orders)
  func arrays(_ order: Order) throws {
    let (folder, pictures) = try dataset()
    let outcome = try run(folder, "--set", "layout=\(order.testDescription)")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(folder.outputs(in: "tokens") == pictures.keys.sorted().map { $0 + ".npy" })
    for (name, picture) in pictures {
      let path = folder.path("tokens/\(name).npy")
      let (shape, dtype, dataCount) = try NPYFile.header(of: path)
      #expect(shape == order.shape && dtype == "float32" && dataCount == 4 * 6 * 768)
      let worst = try NPYFile.floats(in: path).enumerated().map { index, found in
        let (patch, row, column, channel) = order.place(index)
        let expected = value(picture, patch, row: row, column: column, channel: channel)
        return abs(Double(found) - expected)
      }.max()
      #expect(try #require(worst) < 1e-6)
    }
  }

  @Test("The classes of the output are those of the input: no folder of ours lies beside them")
  func classFolders() throws {
    let (folder, _) = try dataset()
    for arguments in [[], ["--overwrite"], ["-j", "2"]] {
      let outcome = try Command.run(
        ["run", "Pipelines/vit_patchify.json", "-i", "train", "-o", "tokens"] + arguments,
        in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try classes(folder.path("tokens")) == ["ant", "bee", "cat"])
      #expect(folder.files(in: "tokens/ant") == ["1.npy", "2.npy"])
    }
    #expect(try run(folder, "--state", "kept").status == 0)
    #expect(try classes(folder.path("tokens")) == ["ant", "bee", "cat"])
  }

  @Test("A class of which every picture fails is no class: a loader refuses empty ones")
  func emptyClass() throws {
    let (folder, _) = try dataset()
    try folder.write("no picture", to: "train/dog/bad.png")
    let small = Picture.noise(width: 9, height: 9, channels: 3, seed: 1)
    try folder.write(small.png(), to: "train/elk/small.png")
    let outcome = try run(folder)
    #expect(outcome.status == 65)
    #expect(try classes(folder.path("tokens")) == ["ant", "bee", "cat"], "\(outcome.errors)")
  }

  @Test("A folder that was there stays, and one that an output comes to is kept")
  func foldersOfOthers() throws {
    let (folder, _) = try dataset()
    try folder.write("no picture", to: "train/dog/deep/bad.png")
    try folder.write("no picture", to: "train/elk/bad.png")
    try FileManager.default.createDirectory(
      atPath: folder.path("tokens/elk"), withIntermediateDirectories: true)
    #expect(try run(folder).status == 65)
    #expect(try classes(folder.path("tokens")) == ["ant", "bee", "cat", "elk"])
    unlink(folder.path("train/dog/deep/bad.png"))
    try folder.copy(folder.path("train/ant/1.png"), to: "train/dog/deep/good.png")
    #expect(try run(folder).status == 65)
    #expect(folder.files(in: "tokens/dog") == ["deep/good.npy"])
  }

  @Test("Pictures in the root of the input give files in the root, which are of no class")
  func rootFiles() throws {
    let (folder, pictures) = try dataset()
    try folder.write(try #require(pictures["bee/1"]).png(), to: "train/loose.png")
    #expect(try run(folder, "--set", "name={dir}-{stem}.npy").status == 0)
    #expect(
      folder.outputs(in: "tokens")
        == ["ant-1.npy", "ant-2.npy", "bee-1.npy", "cat-x.npy", "cat-y.npy", "loose.npy"])
    #expect(try classes(folder.path("tokens")) == [])
  }

  @Test(
    "An empty folder in a name leaves no separator behind",
    arguments: [
      ("{dir}-{stem}.npy", "loose.npy"), ("{dir}_{stem}.npy", "loose.npy"),
      ("{dir} - {stem}.npy", "loose.npy"), ("{stem}-{dir}.npy", "loose.npy"),
      ("{root}/{dir}.{stem}.npy", "train/loose.npy"), ("x/{dir}-{stem}.npy", "x/loose.npy"),
      ("{dir}-{stem}-{ext}.npy", "loose-png.npy"), ("{parent}-{stem}.npy", "train-loose.npy"),
    ])
  func emptyFolder(_ template: String, _ name: String) throws {
    let (folder, pictures) = try dataset()
    try folder.write(try #require(pictures["bee/1"]).png(), to: "train/loose.png")
    #expect(try run(folder, "--set", "name=\(template)").status == 0)
    #expect(folder.outputs(in: "tokens").contains(name), "\(folder.outputs(in: "tokens"))")
    #expect(folder.outputs(in: "tokens").count == 6)
  }
}
