import Foundation
import Testing

/// `tessera inspect`: what it tells of every kind of path, and the pictures that it draws.
@Suite struct InspectTests {
  private func inspect(_ folder: TemporaryFolder, _ arguments: String...) throws -> Command.Outcome
  {
    try Command.run(["inspect"] + arguments, in: folder.path)
  }

  private func object(_ outcome: Command.Outcome) throws -> [String: Any] {
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.filter { $0 == "\n" }.count == 1)
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  /// Pictures of one colour, in windows of 4: 3 × 2 blocks, the first one black.
  private func dataset(
    _ encode: String, stages: [String] = [#"{ "stage": "unfold", "kernel_size": 4, "stride": 4 }"#]
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, color) in [
      ("cat/1", [200, 10, 30]), ("cat/2", [0, 255, 0]), ("dog/1", [9, 9, 250]),
    ] {
      var picture = Picture(
        width: 12, height: 8, channels: 3, bitDepth: 8,
        values: (0..<96).flatMap { _ in color })
      for place in 0..<4 * 3 { picture.values[place] = 0 }
      for row in 1..<4 { for place in 0..<12 { picture.values[row * 36 + place] = 0 } }
      try folder.write(picture.png(), to: "in/\(name).png")
    }
    try folder.write(
      pipeline(load: #""path": "in""#, stages, encode: #""path": "out", "# + encode), to: "p.json")
    let outcome = try Command.run(["run", "p.json"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return folder
  }

  // MARK: Facts

  @Test("An array is told with shape, type and figures of its values")
  func array() throws {
    let folder = try TemporaryFolder()
    let values: [Float] = [1, 2, .nan, 4, .infinity, -.infinity]
    try folder.write(NPYFile.float32(values, shape: [2, 3]), to: "a.npy")
    let outcome = try inspect(folder, "a.npy", "--json")
    #expect(
      outcome.output == #"""
        {"path":"a.npy","kind":"array","bytes":152,"shape":[2,3],"dtype":"float32","statistics":{"count":6,"min":1,"max":4,"mean":2.333333333333333,"std":1.247219128924647,"nan":1,"inf":2}}

        """#)
    let words = try inspect(folder, "a.npy")
    #expect(words.output.contains("a.npy: an array"))
    #expect(words.output.contains("(2, 3)") && words.output.contains("1 NaN, 2 infinite"))
    let quick = try object(inspect(folder, "a.npy", "--json", "--quick"))
    #expect(quick["statistics"] == nil && quick["shape"] as? [Int] == [2, 3])
  }

  @Test("Tensors are told one by one")
  func tensors() throws {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.path + "/Tests/Vectors/embeddings/hf.safetensors", to: "m.bin")
    let root = try object(inspect(folder, "m.bin", "--json"))
    #expect(root["kind"] as? String == "tensors")
    #expect(root["metadata"] as? [String: String] == ["format": "pt"])
    let arrays = try #require(root["arrays"] as? [[String: Any]])
    let weight = try #require(
      arrays.first { $0["name"] as? String == "embeddings.patch_embeddings.projection.weight" })
    #expect(weight["shape"] as? [Int] == [8, 3, 14, 14] && weight["dtype"] as? String == "float32")
    #expect((weight["statistics"] as? [String: Any])?["count"] as? Int == 4704)
  }

  @Test(
    "A dataset is told by its own files and by its values",
    arguments: ["npy", "safetensors", "webdataset"])
  func datasets(_ format: String) throws {
    let folder = try dataset(
      #""format": "\#(format)", "images_per_shard": 2, "layout": "tokens", "labels": "folder""#)
    let root = try object(inspect(folder, "out", "--json"))
    #expect(root["kind"] as? String == "dataset" && root["format"] as? String == format)
    #expect(root["layout"] as? String == "tokens" && root["dtype"] as? String == "uint8")
    #expect(root["patch"] as? [Int] == [3, 4, 4])
    #expect(root["images"] as? Int == 3 && root["patches"] as? Int == 18)
    #expect(root["labels"] as? [String: Int] == ["cat": 2, "dog": 1])
    #expect(root["grid"] as? [String: [Int]] == ["rows": [2, 2], "columns": [3, 3]])
    let shards = try #require(root["shards"] as? [[String: Any]])
    #expect(shards.map { $0["images"] as? Int } == [2, 1])
    let shard = try #require(shards[0]["file"] as? String)
    if format != "webdataset" {
      let statistics = try #require(root["statistics"] as? [String: Any])
      #expect(statistics["count"] as? Int == 18 * 48 && statistics["max"] as? Int == 255)
    } else {
      let archive = try object(inspect(folder, "out/" + shard, "--json"))
      #expect(archive["kind"] as? String == "archive" && archive["samples"] as? Int == 2)
      #expect(archive["extensions"] as? [String: Int] == ["cls": 2, "json": 2, "npy": 2])
      let arrays = try #require(archive["arrays"] as? [[String: Any]])
      #expect(arrays[0]["shape"] as? [Int] == [6, 48] && arrays[0]["count"] as? Int == 2)
    }
  }

  @Test("Images, folders and archives of them are told by their headers")
  func images() throws {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.sample("astronaut.jpg"), to: "in/a.jpg")
    try folder.write(
      Picture.noise(width: 5, height: 3, channels: 1, bitDepth: 16, seed: 1).png(), to: "in/b/c.png"
    )
    try folder.write("not an image", to: "in/notes.txt")
    let image = try object(inspect(folder, "in/b/c.png", "--json"))
    #expect(image["kind"] as? String == "image" && image["format"] as? String == "png")
    #expect(image["width"] as? Int == 5 && image["bit_depth"] as? Int == 16)
    #expect((image["statistics"] as? [String: Any])?["count"] as? Int == 15)
    let root = try object(inspect(folder, "in", "--json"))
    let images = try #require(root["images"] as? [String: Any])
    #expect(root["kind"] as? String == "folder" && images["count"] as? Int == 2)
    #expect(images["formats"] as? [String: Int] == ["jpeg": 1, "png": 1])
    #expect(root["other_files"] as? Int == 1)
  }

  @Test("The smallest integer is told like any other")
  func smallestInteger() throws {
    let folder = try TemporaryFolder()
    let values: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x80] + [UInt8](repeating: 0, count: 8)
    try folder.write(NPYFile.file(descriptor: "<i8", shape: [2]) + values, to: "i.npy")
    try folder.write(NPYFile.float32([-0x1p63, 0], shape: [2]), to: "f.npy")
    for name in ["i.npy", "f.npy"] {
      let words = try inspect(folder, name)
      #expect(words.status == 0 && words.output.contains("-9.22337"), "\(words.errors)")
      let statistics = try object(inspect(folder, name, "--json"))["statistics"]
      #expect((statistics as? [String: Any])?["min"] as? Double == -0x1p63)
    }
  }

  @Test("Values near the largest float64 have a mean and a deviation")
  func largestValues() throws {
    let folder = try TemporaryFolder()
    func statistics(_ values: [Double]) throws -> (mean: Double, deviation: Double) {
      let bytes: [UInt8] = values.flatMap { value in
        (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * $0)) }
      }
      try folder.write(
        NPYFile.file(descriptor: "<f8", shape: [values.count]) + bytes, to: "d.npy")
      let found = try #require(
        try object(inspect(folder, "d.npy", "--json"))["statistics"] as? [String: Any])
      return (try #require(found["mean"] as? Double), try #require(found["std"] as? Double))
    }
    let mixed = try statistics([1e308, -1e308, 1, 2])
    #expect(abs(mixed.mean) < 1e293)
    #expect(abs(mixed.deviation / 1e308 - 0.5.squareRoot()) < 1e-14)
    let largest = Double.greatestFiniteMagnitude
    let ends = try statistics([largest, -largest])
    #expect(abs(ends.mean) < 1e293 && abs(ends.deviation / largest - 1) < 1e-14)
    // Small values first, in a piece of their own, and large ones after them.
    let late = try statistics([Double](repeating: 1, count: 1 << 17) + [1e300])
    #expect(abs(late.mean * Double((1 << 17) + 1) / 1e300 - 1) < 1e-12)
    #expect(late.deviation.isFinite && late.deviation > 1e297)
  }

  // MARK: Pictures

  /// The pixels of a picture that was drawn.
  private func drawn(_ folder: TemporaryFolder, _ name: String = "g.png") throws -> Picture {
    Picture(try PNGFile(folder.bytes(name)))
  }

  private func pixel(_ picture: Picture, _ row: Int, _ column: Int) -> [Int] {
    Array(picture.pixel(row: row, column: column))
  }

  @Test("Patches of one image lie in their places, with gaps")
  func patches() throws {
    let folder = try dataset(#""format": "npy", "images_per_shard": 2, "layout": "patches""#)
    let outcome = try inspect(folder, "out", "--grid", "g.png", "--image", "cat/1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let picture = try drawn(folder)
    // 12 × 8 pixels, 32 times as large, 8 around and 2 between.
    #expect(picture.width == 12 * 32 + 2 * 2 + 16 && picture.height == 8 * 32 + 2 + 16)
    #expect(pixel(picture, 0, 0) == [235, 235, 235])
    #expect(pixel(picture, 8, 8) == [0, 0, 0])
    #expect(pixel(picture, 8 + 127, 8 + 127) == [0, 0, 0])
    #expect(pixel(picture, 8, 8 + 128) == [235, 235, 235])
    #expect(pixel(picture, 8, 8 + 130) == [200, 10, 30])
    #expect(pixel(picture, 8 + 130, 8) == [200, 10, 30])
  }

  @Test("Normalised floats are turned back, and blocks that were dropped stay empty")
  func normalized() throws {
    let folder = try dataset(
      #""format": "safetensors", "images_per_shard": 2, "dtype": "bfloat16""#,
      stages: [
        #"{ "stage": "normalize", "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.1] }"#,
        #"{ "stage": "unfold", "kernel_size": 4, "stride": 4 }"#,
        #"{ "stage": "select", "by": "mean", "min": -0.9 }"#,
      ])
    let outcome = try inspect(folder, "out", "--grid", "g.png", "--image", "cat/1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let picture = try drawn(folder)
    // The black block is the one that was not selected.
    #expect(pixel(picture, 8, 8) == [235, 235, 235])
    let found = pixel(picture, 8, 8 + 130)
    #expect(zip(found, [200, 10, 30]).allSatisfy { abs($0 - $1) <= 1 }, "\(found)")
  }

  @Test("A sample is drawn in rows, the same each time, and one channel is gray")
  func sample() throws {
    let folder = try dataset(#""format": "webdataset", "images_per_shard": 2"#)
    for (arguments, name) in [([], "a.png"), ([], "b.png"), (["--channel", "1"], "c.png")] {
      let outcome = try Command.run(
        ["inspect", "out", "--quick", "--grid", name] + arguments, in: folder.path)
      #expect(outcome.status == 0 && outcome.errors.contains("3 drawn"), "\(outcome.errors)")
    }
    #expect(try folder.bytes("a.png") == folder.bytes("b.png"))
    let (colors, gray) = (try drawn(folder, "a.png"), try drawn(folder, "c.png"))
    #expect(colors.width == gray.width)
    // Two of 13 times 12 columns side by side, and one below.
    let (row, column) = (8 + 1, 8 + 8 * 13)
    #expect(pixel(colors, row, column) == [200, 10, 30])
    #expect(pixel(gray, row, column) == [10, 10, 10])
  }

  @Test("Many channels are drawn by their principal directions")
  func directions() throws {
    let folder = try TemporaryFolder()
    // Three patterns, each with a channel pattern of its own, the first the strongest.
    var values: [Float] = []
    for channel in 0..<6 {
      for pixel in 0..<16 {
        let strong: Float = pixel < 8 ? 10 : -10
        let weak: Float = pixel % 2 == 0 ? 1 : -1
        values.append(channel < 3 ? strong : weak)
      }
    }
    try folder.write(NPYFile.float32(values, shape: [6, 4, 4]), to: "a.npy")
    let outcome = try inspect(folder, "a.npy", "--grid", "g.png")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let picture = try drawn(folder)
    for place in 0..<16 {
      let found = pixel(picture, 8 + place / 4 * 32, 8 + place % 4 * 32)
      #expect(found[0] == (place < 8 ? 255 : 0))
      #expect(found[1] == (place % 2 == 0 ? 255 : 0))
    }
  }

  @Test(
    "Pictures, folders, archives and arrays of every order are drawn",
    arguments: ["a.png", "in", "h.npy", "n.npy", "p.npy"])
  func others(_ name: String) throws {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.sample("astronaut.jpg"), to: "in/a.jpg")
    let picture = Picture.noise(width: 50, height: 30, channels: 4, seed: 1)
    try folder.write(picture.png(), to: "a.png")
    try folder.write(picture.png(), to: "in/b.png")
    let values: [Float] = (0..<1152).map { Float($0 % 97) }
    try folder.write(NPYFile.float32(Array(values[..<192]), shape: [8, 8, 3]), to: "h.npy")
    try folder.write(NPYFile.float32(values, shape: [6, 3, 8, 8]), to: "n.npy")
    try folder.write(NPYFile.float32(values, shape: [2, 3, 3, 8, 8]), to: "p.npy")
    let outcome = try inspect(folder, name, "--grid", "g.png")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let drawn = try drawn(folder)
    #expect(drawn.channels == 3 && drawn.width > 50 && drawn.height > 30)
    #expect(Set(drawn.values).count > 20)
  }

  // MARK: Mistakes

  @Test("An existing file is replaced only where that is said, and what is looked at never")
  func existing() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Picture.noise(width: 5, height: 3, channels: 3, seed: 1).png(), to: "a.png")
    try folder.write("mine", to: "g.png")
    let refused = try inspect(folder, "a.png", "--grid", "g.png")
    #expect(refused.status == 73 && refused.errors.contains("--overwrite replaces it"))
    #expect(try folder.bytes("g.png") == Array("mine".utf8))
    let own = try inspect(folder, "a.png", "--grid", "a.png", "--overwrite")
    #expect(own.status == 73 && own.errors.contains("never written over"), "\(own.errors)")
    #expect(try inspect(folder, "a.png", "--grid", "g.png", "--overwrite").status == 0)
    #expect(try drawn(folder).channels == 3)
    let nowhere = try inspect(folder, "a.png", "--grid", "none/g.png")
    #expect(nowhere.status == 73, "\(nowhere.errors)")
  }

  @Test("What is missing, damaged or does not apply ends with a status of its own")
  func mistakes() throws {
    let folder = try dataset(#""format": "npy", "images_per_shard": 2"#)
    try folder.write(try folder.bytes("out/data-00000.npy").dropLast(1), to: "cut.npy")
    try folder.copy(folder.path("out"), to: "broken")
    try folder.write(#"{"version":1,"format":"npy","#, to: "broken/dataset.json")
    try folder.copy(folder.path("out"), to: "short")
    try FileManager.default.removeItem(atPath: folder.path("short/data-00001.npy"))
    try folder.write("words", to: "empty/notes.txt")
    for (arguments, status, says) in [
      (["none"], 66, "No such file"), (["empty"], 66, "no image in 'empty'"),
      (["cut.npy"], 65, "truncated NPY"), (["broken"], 65, "broken/dataset.json:1: expected"),
      (["short"], 66, "data-00001.npy"), (["empty/notes.txt"], 65, "begins with the text"),
      (["out", "--grid", "g.jpg"], 64, "expected the name of a .png file"),
      (["out", "--channel", "1"], 64, "there is no --grid"),
      (["out", "--grid", "g.png", "--channel", "3"], 64, "expected a channel from 0 to 2"),
      (["out", "--grid", "g.png", "--image", "cat/11"], 64, "did you mean 'cat/1'?"),
      (["cut.npy", "--quick", "--grid", "g.png", "--image", "a"], 65, "truncated NPY"),
      (["out", "--grid", "g.png", "--tensor", "a"], 64, "is no .safetensors file"),
      ([""], 64, "a path to look at"),
    ] {
      let outcome = try Command.run(["inspect"] + arguments, in: folder.path)
      #expect(outcome.status == Int32(status), "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(says), "\(arguments): \(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.path("g.png")))
    }
  }

  @Test("A shard that does not have the images it should have is refused by name")
  func places() throws {
    let folder = try dataset(
      #""format": "npy", "images_per_shard": 2"#, stages: [#"{ "stage": "crop", "size": [8, 12] }"#]
    )
    let whole = try inspect(folder, "out", "--quick", "--grid", "whole.png")
    #expect(whole.status == 0 && whole.errors.contains("3 drawn"), "\(whole.errors)")
    let told = String(decoding: try folder.bytes("out/dataset.json"), as: UTF8.self)
    for (first, says) in [
      ("5", "'data-00000.npy'"), ("1", "'data-00000.npy'"), ("9223372036854775807", "dataset.json"),
    ] {
      let changed = told.replacing(
        #/"first_image": ?0/#, with: "\"first_image\": \(first)", maxReplacements: 1)
      #expect(changed != told)
      try folder.write(changed, to: "out/dataset.json")
      let outcome = try inspect(folder, "out", "--quick", "--grid", "g.png")
      #expect(outcome.status == 65 && outcome.errors.contains(says), "\(outcome.errors)")
    }
    try folder.write(told, to: "out/dataset.json")
    try folder.write(
      NPYFile.file(descriptor: "|u1", shape: [1, 3, 8, 12])
        + [UInt8](repeating: 0, count: 3 * 8 * 12),
      to: "out/data-00000.npy")
    let short = try inspect(folder, "out", "--quick", "--grid", "g.png")
    #expect(short.status == 65, "\(short.errors)")
    #expect(
      short.errors.contains("image 1, from 0, is not in an array of 1"), "\(short.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("g.png")))
  }

  @Test("An image of more pixels than are drawn is refused before memory is taken for it")
  func tooLarge() throws {
    let folder = try dataset(
      #""format": "npy", "images_per_shard": 2, "layout": "patches""#,
      stages: [
        #"{ "stage": "unfold", "kernel_size": 4, "stride": 4 }"#,
        #"{ "stage": "select", "by": "mean", "min": 1 }"#,
      ])
    let lines = String(decoding: try folder.bytes("out/images.jsonl"), as: UTF8.self)
    let changed = lines.replacing(#/"grid": ?\[2, ?3\]/#, with: "\"grid\":[1000000,1000000]")
    #expect(changed != lines)
    try folder.write(changed, to: "out/images.jsonl")
    let outcome = try inspect(folder, "out", "--quick", "--grid", "g.png", "--image", "cat/1")
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("expected at most 268435456 pixels"), "\(outcome.errors)")

    // Zeros that take no place on the disk.
    try folder.write(
      NPYFile.file(descriptor: "|u1", shape: [50_000, 50_000]), to: "large.npy")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("large.npy")))
    let header = try file.seekToEnd()
    try file.truncate(atOffset: header + 2_500_000_000)
    try file.close()
    let large = try inspect(folder, "large.npy", "--quick", "--grid", "g.png")
    #expect(large.status == 65, "\(large.errors)")
    #expect(large.errors.contains("an image of 50000 × 50000 pixels is not drawn"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("g.png")))
  }
}
