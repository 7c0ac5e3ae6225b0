import Foundation
import Testing

/// Banks on the command line: `tessera bank`, and names of channels in what runs write.
@Suite struct BankTests {
  private func bank(_ folder: TemporaryFolder, _ arguments: String...) throws -> Command.Outcome {
    try Command.run(["bank"] + arguments, in: folder.path)
  }

  /// Ramps and noise of one or three channels.
  private static func picture(_ channels: Int, width: Int = 40, height: Int = 30) -> Picture {
    .noise(width: width, height: height, channels: channels, seed: UInt64(channels))
  }

  // MARK: bank

  @Test("A bank is listed by names, and drawn in rows of orientations around mid-gray")
  func drawn() throws {
    let folder = try TemporaryFolder()
    let outcome = try bank(folder, "lm", "--png", "lm.png")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.first == "lm: 48 kernels of 49 × 49")
    #expect(lines.count == 2 + 48)
    #expect(lines.contains { $0.hasPrefix("0 ") && $0.contains("lm_edge_s0_o0") })
    #expect(lines.contains { $0.hasPrefix("47") && $0.contains("lm_log3_s3") })
    let picture = Picture(try PNGFile(folder.bytes("lm.png")))
    // Six in a row, eight rows of them, of 49 pixels each.
    let (left, top) = (8, 8)
    let pitch = (picture.width - 8) / 6
    #expect((picture.width - 8) % 6 == 0 && (picture.height - 8) % 8 == 0 && pitch >= 49)
    func gray(_ column: Int, _ row: Int) -> Int {
      picture.pixel(row: top + row, column: left + column).first ?? -1
    }
    // At θ = 0 an edge has its dark half above, at any the corners are 0.
    #expect(gray(24, 22) == 1 || gray(24, 22) < 20)
    #expect(gray(24, 26) == 255 || gray(24, 26) > 236)
    #expect(gray(24, 24) == 128)
    for kernel in 0..<6 { #expect(gray(kernel * pitch, 0) == 128) }
    #expect(try bank(folder, "lm", "--png", "lm.png").status == 73)
    #expect(try bank(folder, "lms", "--png", "lm.png", "--overwrite").status == 0)
    #expect(Picture(try PNGFile(folder.bytes("lm.png"))) != picture)
  }

  @Test("Parameters, files of banks and arrays of kernels are taken")
  func sources() throws {
    let folder = try TemporaryFolder()
    let set = try bank(folder, "gabor", "--set", "wavelengths=[4,6,8]", "--set", "orientations=4")
    #expect(set.output.hasPrefix("gabor: 12 kernels of 27 × 27"))
    try folder.write(#"{ "name": "dct", "kernel_size": 4 }"#, to: "b.json")
    #expect(try bank(folder, "b.json").output.hasPrefix("dct: 16 kernels of 4 × 4"))
    let changed = try bank(folder, "b.json", "--set", "kernel_size=3")
    #expect(changed.output.hasPrefix("dct: 9 kernels of 3 × 3"))
    try folder.write(#""laws""#, to: "l.json")
    #expect(try bank(folder, "l.json").output.hasPrefix("laws: 25 kernels of 5 × 5"))
    try folder.write(
      NPYFile.float32((0..<24).map { Float($0) }, shape: [2, 3, 2, 2]), to: "w.npy")
    let weights = try bank(folder, "w.npy", "--png", "w.png")
    #expect(weights.output.hasPrefix("kernels: 6 kernels of 2 × 2"))
    #expect(weights.output.contains("1_2"))
    try folder.copy(
      Repository.path + "/Tests/Vectors/banks/kernels.safetensors", to: "k.safetensors")
    let tensor = try bank(folder, "k.safetensors", "--tensor", "haar", "--json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(tensor.output.utf8)) as? [String: Any])
    #expect(object["shape"] as? [Int] == [4, 2, 2])
    let kernels = try #require(object["kernels"] as? [[String: Any]])
    #expect(kernels.count == 4 && kernels[0]["sum"] as? Double == 2)
    #expect(
      try bank(folder, "mr8").output.hasPrefix("mr8: 38 kernels of 49 × 49, 8 maxima of them"))
  }

  @Test(
    "What is no bank is refused in words",
    arguments: [
      (["gabour"], 64, "did you mean 'gabor'?"), (["nothing-like-it"], 64, "there are box"),
      (["nowhere.json"], 66, "nowhere.json"), (["nowhere.npy"], 66, "nowhere.npy"),
      (["lm", "--set", "kernel_size=4"], 78, "an odd integer in 3…255"),
      (["lm", "--set", "size=9"], 78, "unknown key"),
      (["lm", "--png", "x.jpg"], 64, "expected the name of a .png file"),
      (["lm", "--overwrite"], 64, "there is no --png"), (["bad.json"], 78, "bad.json"),
      (["line.npy"], 65, "expected kernels of two to four sides, found 7"),
      (["a.npy", "--set", "sigma=2"], 64, "is an array"),
      (["a.safetensors"], 64, "--tensor"), (["lm", "--tensor", "x"], 64, ".safetensors"),
    ] as [([String], Int32, String)])
  func refusals(_ arguments: [String], _ status: Int32, _ words: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(#"{ "name": "sobell" }"#, to: "bad.json")
    try folder.write(NPYFile.float32((0..<7).map { Float($0) }, shape: [7]), to: "line.npy")
    let outcome = try Command.run(["bank"] + arguments, in: folder.path)
    #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(folder.files().filter { $0.hasSuffix(".png") } == [])
  }

  // MARK: Names

  @Test(
    "Files per channel are called by the bank's names, and a second run knows them for done",
    arguments: [
      (1, nil, ["a.sobel_x.png", "a.sobel_y.png"]),
      (1, "{channel}/{stem}.png", ["sobel_x/a.png", "sobel_y/a.png"]),
      (
        3, "{stem}-{channel}.png",
        ["r", "g", "b"].flatMap { c in ["x", "y"].map { "a-\(c)_sobel_\($0).png" } }.sorted()
      ),
    ] as [(Int, String?, [String])])
  func files(_ channels: Int, _ name: String?, _ expected: [String]) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.picture(channels).png(), to: "in/a.png")
    let template = name.map { #", "name": "\#($0)""# } ?? ""
    try folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "convolve", "bank": "sobel", "padding": 1 }"#],
        encode: #""path": "out", "range": "symmetric"\#(template)"#), to: "p.json")
    let first = try Command.run(["run", "p.json"], in: folder.path)
    #expect(first.status == 0, "\(first.errors)")
    #expect(folder.outputs(in: "out").sorted() == expected)
    let again = try Command.run(["run", "p.json"], in: folder.path)
    #expect(again.status == 0 && again.errors.contains("1 done before"), "\(again.errors)")
    #expect(try folder.report().first?.outputs.map(\.path).sorted() == expected)
  }

  @Test("Inputs whose named channels would be one file fail, whoever is first, and no others")
  func conflicts() throws {
    for (names, failing) in [
      // a + r_sobel_x, and ar_ + sobel_x.
      ([("a", 3), ("ar_", 1), ("b", 1)], ["a.png", "ar_.png"]),
      ([("a", 3), ("ar_", 3), ("ar_sobel_x", 1)], []),
    ] {
      let folder = try TemporaryFolder()
      for (name, channels) in names {
        try folder.write(Self.picture(channels).png(), to: "in/\(name).png")
      }
      try folder.write(
        pipeline(
          load: #""path": "in""#, [#"{ "stage": "convolve", "bank": "sobel", "padding": 1 }"#],
          encode: #""path": "out", "range": "symmetric", "name": "{stem}{channel}.png""#),
        to: "p.json")
      let outcome = try Command.run(["run", "p.json", "--jobs", "2"], in: folder.path)
      #expect(outcome.status == (failing.isEmpty ? 0 : 65), "\(outcome.errors)")
      let report = try folder.report()
      let failed = report.filter { $0.status == "failed" }.map(\.source)
      #expect(Set(failed).isSubset(of: failing) && failed.isEmpty == failing.isEmpty)
    }
  }

  @Test("dataset.json tells the names")
  func dataset() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.picture(1).png(), to: "in/a.png")
    try folder.write(
      pipeline(
        load: #""path": "in""#,
        [
          #"{ "stage": "convolve", "bank": "haar", "stride": 2 }"#,
          #"{ "stage": "unfold", "kernel_size": 5, "stride": 5 }"#,
        ], encode: #""path": "out", "format": "npy", "images_per_shard": 4"#), to: "p.json")
    let outcome = try Command.run(["run", "p.json"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let index = try #require(
      try JSONSerialization.jsonObject(with: Data(try folder.bytes("out/dataset.json")))
        as? [String: Any])
    #expect(index["channel_names"] as? [String] == ["haar_a", "haar_h", "haar_v", "haar_d"])
    #expect(try Command.run(["inspect", "out"], in: folder.path).status == 0)
  }

  // MARK: Montage

  @Test(
    "A montage has every channel as its own file would be, side by side, white between",
    arguments: ["symmetric", "bounds", "auto"], [8, 16])
  func montage(_ range: String, _ depth: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.picture(1).png(), to: "in/a.png")
    let convolve = #"{ "stage": "convolve", "bank": "haar", "padding": "same" }"#
    for channels in ["files", "montage"] {
      try folder.write(
        pipeline(
          load: #""path": "in""#, [convolve],
          encode:
            #""path": "\#(channels)", "range": "\#(range)", "bit_depth": \#(depth), "channels": "\#(channels)", "verify": true"#
        ), to: "p.json")
      let outcome = try Command.run(["run", "p.json"], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(folder.outputs(in: "montage") == ["a.png"])
    let sheet = Picture(try PNGFile(folder.bytes("montage/a.png")))
    let sides: [Int] = [sheet.width, sheet.height, sheet.channels, sheet.bitDepth]
    #expect(sides == [82, 62, 1, depth])
    for (number, name) in ["a", "h", "v", "d"].enumerated() {
      let file = Picture(try PNGFile(folder.bytes("files/a.haar_\(name).png")))
      for row in 0..<30 {
        let found = (0..<40).map {
          sheet.pixel(row: number / 2 * 32 + row, column: number % 2 * 42 + $0).first
        }
        let expected = (0..<40).map { file.pixel(row: row, column: $0).first }
        #expect(found == expected)
      }
    }
    #expect(sheet.pixel(row: 30, column: 3).first == (1 << depth) - 1)
  }

  @Test("A montage of channels with opacity has it over each, and empty places are opaque white")
  func opaque() throws {
    let folder = try TemporaryFolder()
    let picture = Self.picture(2)
    try folder.write(picture.png(), to: "in/a.png")
    let kernels = (1...7).map { "[[\(Double($0) / 8)]]" }.joined(separator: ", ")
    try folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "convolve", "kernels": [\#(kernels)] }"#],
        encode: #""path": "out", "range": "clip", "channels": "montage", "verify": true"#),
      to: "p.json")
    let outcome = try Command.run(["run", "p.json"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let sheet = Picture(try PNGFile(folder.bytes("out/a.png")))
    // 3 rows of 3, two places of them empty.
    let sides: [Int] = [sheet.width, sheet.height, sheet.channels]
    #expect(sides == [124, 94, 2])
    for number in 0..<7 {
      let (down, across) = (number / 3 * 32, number % 3 * 42)
      for (row, column) in [(0, 0), (12, 33), (29, 39)] {
        let pixel = picture.pixel(row: row, column: column)
        let found = Array(sheet.pixel(row: down + row, column: across + column))
        let gray = (Double(pixel.first ?? 0) * Double(number + 1) / 8).rounded(.toNearestOrEven)
        #expect(found.first == Int(gray) && found.last == pixel.last)
      }
    }
    for (row, column) in [(93, 123), (30, 0)] {
      let pixel = Array(sheet.pixel(row: row, column: column))
      #expect(pixel == [255, 255])
    }
  }

  @Test(
    "A montage where there are no pictures of channels is refused",
    arguments: [
      (#""format": "npy", "channels": "montage""#, [], 78),
      (#""format": "npy", "channels": "files""#, [], 0),
      (
        #""format": "tiles", "channels": "montage""#,
        [#"{ "stage": "unfold", "kernel_size": 5, "stride": 5 }"#], 78
      ),
      (#""format": "jpeg", "channels": "montage""#, [], 0),
    ] as [(String, [String], Int32)])
  func misplaced(_ encode: String, _ stages: [String], _ status: Int32) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.picture(3).png(), to: "in/a.png")
    try folder.write(
      pipeline(load: #""path": "in""#, stages, encode: #""path": "out", "# + encode), to: "p.json")
    let outcome = try Command.run(["run", "p.json"], in: folder.path)
    #expect(outcome.status == status, "\(outcome.errors)")
    if status == 78 { #expect(outcome.errors.contains("channels")) }
  }

  // MARK: Refusals

  @Test(
    "Banks where they do not belong end with 78",
    arguments: [
      #"{ "stage": "convolve", "bank": "mr8", "response": "linear" }"#,
      #"{ "stage": "convolve", "bank": "mr8", "response": "energy" }"#,
      #"{ "stage": "convolve", "bank": "mr8", "response": "max", "groups_of": 2 }"#,
      #"{ "stage": "convolve", "bank": "laws", "response": "max", "groups_of": 4 }"#,
      #"{ "stage": "convolve", "bank": "laws", "groups_of": 5 }"#,
      #"{ "stage": "convolve", "bank": "laws", "window": 5 }"#,
      #"{ "stage": "convolve", "bank": "laws", "response": "energy", "window": 4 }"#,
      #"{ "stage": "unfold", "kernel_size": 8 }, { "stage": "transform.convolve", "bank": "mr8" }, { "stage": "fold" }"#,
      #"{ "stage": "unfold", "kernel_size": 8 }, { "stage": "transform.convolve", "bank": "laws" }, { "stage": "fold" }"#,
    ])
  func refused(_ stages: String) throws {
    let folder = try TemporaryFolder()
    for channels in [1, 3] {
      try folder.write(Self.picture(channels).png(), to: "in/\(channels).png")
    }
    try folder.write(
      pipeline(load: #""path": "in""#, [stages], encode: #""path": "out""#), to: "p.json")
    let outcome = try Command.run(["run", "p.json"], in: folder.path)
    #expect(outcome.status == 78, "\(outcome.errors)")
    #expect(folder.outputs(in: "out") == [])
  }

  @Test("A bank of one kernel, or of one per channel, filters inside patches")
  func inside() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      NPYFile.float32((0..<4 * 400).map { Float($0 % 31) }, shape: [4, 20, 20]), to: "in/a.npy")
    for bank in ["motion", "haar"] {
      try folder.write(
        pipeline(
          load: #""path": "in""#,
          [
            #"{ "stage": "unfold", "kernel_size": 8, "stride": 4 }"#,
            #"{ "stage": "transform.convolve", "bank": "\#(bank)" }"#, #"{ "stage": "fold" }"#,
          ], encode: #""path": "out-\#(bank)", "format": "npy""#), to: "p.json")
      let outcome = try Command.run(["run", "p.json"], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try NPYFile.header(of: folder.path("out-\(bank)/a.npy")).shape == [4, 20, 20])
    }
  }
}
