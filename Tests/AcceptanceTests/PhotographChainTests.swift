import Foundation
import Glibc
import Testing

/// What somebody with a folder of photographs does on the first day: convert, sharpen, tile, and
/// again after this and that has changed.
@Suite struct PhotographChainTests {
  private struct Chain {
    let folder: TemporaryFolder

    static let photographs = [
      "a.png": "chelsea-rgb.png", "trip/b.png": "coffee-rgba.png",
      "trip/day 2/c.jpg": "astronaut.jpg",
    ]

    init() throws {
      folder = try TemporaryFolder()
      for (name, sample) in Self.photographs {
        try folder.copy(Repository.sample(sample), to: "photos/\(name)")
      }
      try folder.copy(Repository.pipelines, to: "Pipelines")
      let load = #""color": "rgb", "alpha": "matte""#
      try folder.write(
        pipeline(load: load, encode: #""format": "jpeg", "quality": 85"#), to: "convert.json")
      try folder.write(
        pipeline(
          load: load, [#"{ "stage": "unfold", "kernel_size": 64, "stride": 64, "edge": "pad" }"#],
          encode: #""format": "npy", "layout": "tokens_channels_last""#), to: "tile.json")
    }

    /// The three steps: pipeline, input, output.
    static let steps = [
      ("convert.json", "photos", "converted"), ("Pipelines/sharpen.json", "converted", "sharp"),
      ("tile.json", "sharp", "tiles"),
    ]

    /// Runs all steps, and tells of each how many inputs were done now, and how many before.
    func run(from photos: String = "photos") throws -> [[Int]] {
      try Self.steps.map { file, input, output in
        let outcome = try Command.run(
          ["run", file, "-i", input == "photos" ? photos : input, "-o", output, "--json"],
          in: folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let counts = try #require(outcome.json?["counts"] as? [String: Int])
        return [counts["ok"] ?? -1, counts["skipped"] ?? -1]
      }
    }

    func expectVerified() throws {
      let outcome = try Command.run(["verify"] + Self.steps.map(\.2), in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test("Photographs become JPEG, are sharpened and tiled, each under its own name")
  func first() throws {
    let chain = try Chain()
    #expect(try chain.run() == [[3, 0], [3, 0], [3, 0]])
    let names = ["a", "trip/b", "trip/day 2/c"]
    for folder in ["converted", "sharp"] {
      #expect(chain.folder.outputs(in: folder) == names.map { $0 + ".jpg" })
      for name in names {
        #expect(try chain.folder.bytes("\(folder)/\(name).jpg").starts(with: [0xFF, 0xD8, 0xFF]))
      }
    }
    #expect(chain.folder.outputs(in: "tiles") == names.map { $0 + ".npy" })
    let shapes = try chain.folder.report(in: "sharp").map { $0.outputs.map(\.shape) }
    #expect(try chain.folder.report(in: "converted").map { $0.outputs.map(\.shape) } == shapes)
    for (line, shape) in zip(try chain.folder.report(in: "tiles"), shapes.joined()) {
      let count = ((shape[1] + 63) / 64) * ((shape[2] + 63) / 64)
      #expect(line.outputs.map(\.shape) == [[count, 64 * 64 * 3]])
    }
    try chain.expectVerified()
  }

  @Test("A sharpened photograph is not the one that came in, and not white")
  func sharpened() throws {
    let chain = try Chain()
    _ = try chain.run()
    let before = try chain.folder.bytes("converted/a.jpg")
    #expect(try chain.folder.bytes("sharp/a.jpg") != before)
    let values = try NPYFile.integers(in: chain.folder.path("tiles/a.npy"))
    #expect(Set(values).count > 200)
  }

  @Test("The same again does nothing, nor after photographs were touched or copied")
  func again() throws {
    let chain = try Chain()
    _ = try chain.run()
    let nothing = [[0, 3], [0, 3], [0, 3]]
    #expect(try chain.run() == nothing)
    for name in Chain.photographs.keys {
      #expect(utimes(chain.folder.path("photos/\(name)"), nil) == 0)
    }
    #expect(try chain.run() == nothing)
    try chain.folder.copy(chain.folder.path("photos"), to: "copies")
    #expect(try chain.run(from: "copies") == nothing)
    #expect(try chain.run(from: "./photos/") == nothing)
    try chain.expectVerified()
  }

  @Test("A photograph that has changed is done again in every step, and only that one")
  func changed() throws {
    let chain = try Chain()
    _ = try chain.run()
    unlink(chain.folder.path("photos/trip/b.png"))
    try chain.folder.copy(Repository.sample("retina-palette.png"), to: "photos/trip/b.png")
    let before = chain.folder.stamps(of: ["sharp/a.jpg", "tiles/trip/day 2/c.npy"])
    #expect(try chain.run() == [[1, 2], [1, 2], [1, 2]])
    #expect(chain.folder.stamps(of: ["sharp/a.jpg", "tiles/trip/day 2/c.npy"]) == before)
    #expect(try chain.run() == [[0, 3], [0, 3], [0, 3]])
    try chain.expectVerified()
  }

  @Test("A photograph that is added, renamed or taken away concerns no other")
  func others() throws {
    let chain = try Chain()
    _ = try chain.run()
    try chain.folder.copy(Repository.sample("camera-gray.jpg"), to: "photos/new.jpg")
    #expect(try chain.run() == [[1, 3], [1, 3], [1, 3]])
    rename(chain.folder.path("photos/new.jpg"), chain.folder.path("photos/newer.jpg"))
    #expect(try chain.run()[0] == [1, 3])
    unlink(chain.folder.path("photos/a.png"))
    #expect(try chain.run()[0] == [0, 3])
    try chain.expectVerified()
  }

  @Test("Outputs that were taken to another folder are done there")
  func moved() throws {
    let chain = try Chain()
    _ = try chain.run()
    rename(chain.folder.path("sharp"), chain.folder.path("kept"))
    let outcome = try Command.run(
      ["run", "Pipelines/sharpen.json", "-i", "converted", "-o", "kept"], in: chain.folder.path)
    #expect(outcome.status == 0 && outcome.errors.contains("3 done before"), "\(outcome.errors)")
  }
}
