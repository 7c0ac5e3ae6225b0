import Testing

/// Values that a file of integers does not hold, where nobody said how they become integers.
@Suite struct SaturationTests {
  private static func array(_ range: ClosedRange<Float>, count: Int = 100) -> [UInt8] {
    let span = range.upperBound - range.lowerBound
    let values = (0..<count).map { range.lowerBound + span * Float($0) / Float(count - 1) }
    return NPYFile.float32(values, shape: [1, 10, count / 10])
  }

  private func warnings(
    of file: [UInt8], name: String, _ stages: [String] = [], encode: String = "", load: String = ""
  ) throws -> [String] {
    let folder = try TemporaryFolder()
    try folder.write(file, to: "in/\(name)")
    try folder.write(pipeline(load: load, stages, encode: encode), to: "p.json")
    let outcome = try Command.run(
      ["run", "p.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try folder.report().first).warnings
  }

  @Test(
    "A float array that does not fit says what fits, what was met, and the key that mends it",
    arguments: [
      (Float(0)...255, "", "0…1, which becomes 0…255", "from 0 to 255", "[0, 255]"),
      (
        0...65_535, #""bit_depth": 16"#, "0…1, which becomes 0…65535", "from 0 to 65535",
        "[0, 65535]"
      ),
      (-3...3, "", "0…1", "from -3 to 3", "\"auto\""),
      (0...1.5, #""format": "jpeg""#, "0…1", "from 0 to 1.5", "\"auto\""),
      (0...1e6, #""format": "npy", "dtype": "uint16""#, "0…1", "from 0 to 1000000", "\"auto\""),
    ] as [(ClosedRange<Float>, String, String, String, String)])
  func arrays(
    _ range: ClosedRange<Float>, _ encode: String, _ fits: String, _ met: String, _ key: String
  ) throws {
    let warnings = try warnings(of: Self.array(range), name: "a.npy", encode: encode)
    #expect(warnings.count == 1)
    let warning = warnings.first ?? ""
    #expect(warning.hasPrefix("stages[1] (encode): ") && warning.contains(" % of the values"))
    for part in [fits, met, key] { #expect(warning.contains(part), "\(part): \(warning)") }
  }

  @Test("Patches that become integers say so, too, and so do values that were normalized")
  func elsewhere() throws {
    let unfold = #"{ "stage": "unfold", "kernel_size": 2, "stride": 2 }"#
    let integers = #""format": "npy", "dtype": "uint8""#
    let file = Self.array(0...255)
    for stages in [
      [unfold], [#"{ "stage": "normalize" }"#],
      [#"{ "stage": "normalize", "mean": 0.5, "std": 0.25 }"#],
      [#"{ "stage": "normalize", "per_image": "standardize" }"#],
      [#"{ "stage": "normalize", "per_image": "minmax" }"#, unfold],
    ] {
      let warnings = try warnings(of: file, name: "a.npy", stages, encode: integers)
      #expect(warnings.count == 1, "\(stages) \(warnings)")
      #expect(warnings.first?.hasPrefix("stages[\(stages.count + 1)] (encode): ") == true)
    }
  }

  @Test(
    "One value in a hundred is let pass, and so is everything that somebody asked for",
    arguments: [
      (Float(0)...1, ""), (0...1.009, ""), (0...255, #""range": [0, 255]"#),
      (0...255, #""range": "restore""#), (-3...3, #""range": "auto""#),
      (0...255, #""range": "clip""#),
      (0...255, #""format": "npy""#),
    ] as [(ClosedRange<Float>, String)])
  func silent(_ range: ClosedRange<Float>, _ encode: String) throws {
    #expect(try warnings(of: Self.array(range), name: "a.npy", encode: encode).isEmpty)
  }

  @Test("Opacity of an array beyond its full scale is told, whatever the range is")
  func opacity() throws {
    let color = (0..<100).map { Float($0) / 99 }
    let load = #""npy_color": "gray_alpha""#
    for (top, isTold) in [(Float(1), false), (255, true)] {
      let file = NPYFile.float32(
        color + (0..<100).map { top * Float($0) / 99 }, shape: [2, 10, 10])
      for encode in ["", #""range": [0, 1]"#, #""range": "auto""#, #""bit_depth": 16"#] {
        let warnings = try warnings(of: file, name: "a.npy", encode: encode, load: load)
        #expect(warnings.count == (isTold ? 1 : 0), "\(encode): \(warnings)")
        for part in isTold ? ["of the opacity", "from 0 to 255", #""alpha": "drop""#] : [] {
          #expect(warnings.first?.contains(part) == true, "\(part): \(warnings)")
        }
      }
    }
  }

  @Test("Values that are not finite are called so, and do not count among those that do not fit")
  func notFinite() throws {
    var values = (0..<200).map { Float($0) / 199 }
    for index in [3, 50, 120] { values[index] = [.nan, .infinity, -.infinity][index % 3] }
    let warnings = try warnings(
      of: NPYFile.float32(values, shape: [1, 10, 20]), name: "a.npy")
    #expect(warnings.count == 1 && warnings[0].contains("3 of 200 values are not finite"))
    values = values.map { $0 * 255 }
    let both = try self.warnings(
      of: NPYFile.float32(values, shape: [1, 10, 20]), name: "a.npy")
    #expect(both.count == 2 && both[1].contains("[0, 255]"), "\(both)")
  }

  @Test("Warnings with other values to be typed, or of other stages, are told one by one")
  func several() throws {
    let folder = try TemporaryFolder()
    for (name, top) in [("a", Float(255)), ("b", 65_535), ("c", 255)] {
      try folder.write(Self.array(0...top), to: "in/\(name).npy")
    }
    let first = #"{ "stage": "encode", "name": "{stem}.8.png" }"#
    try folder.write(pipeline([first], encode: #""bit_depth": 16"#), to: "p.json")
    let outcome = try Command.run(
      ["run", "p.json", "--input", "in", "--output", "out"], in: folder.path)
    let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(lines.count == 4, "\(outcome.errors)")
    for (place, key) in [("[1]", "[0, 255]"), ("[1]", "65535]"), ("[2]", "255]")] {
      #expect(lines.contains { $0.contains("stages\(place)") && $0.contains(key) })
    }
  }

  @Test("Of a picture it takes more than half, whatever way its pixels go")
  func pictures() throws {
    let picture = Picture.noise(width: 40, height: 30, channels: 3, seed: 9)
    let lighter = #"{ "stage": "convolve", "kernels": [[40]] }"#
    let light = #"{ "stage": "convolve", "kernels": [[1.25]] }"#
    let wide =
      #"{ "stage": "convolve", "kernels": [[9, 9, 9], [9, 9, 9], [9, 9, 9]], "padding": "same" }"#
    let cut = #"{ "stage": "unfold", "kernel_size": 4, "stride": 4, "edge": "shift" }"#
    let fold = #"{ "stage": "fold" }"#
    for (stages, isTold) in [
      ([lighter], true), ([#"{ "stage": "normalize" }"#, lighter], true), ([wide], true),
      ([cut, fold, lighter], true), ([light], false), ([#"{ "stage": "normalize" }"#], false),
      ([], false),
    ] {
      for bitDepth in [8, 16] {
        let picture =
          bitDepth == 8
          ? picture
          : Picture.noise(
            width: 40, height: 30, channels: 3, bitDepth: 16, seed: 9)
        let warnings = try warnings(of: picture.png(), name: "a.png", stages)
        #expect(warnings.count == (isTold ? 1 : 0), "\(stages) \(warnings)")
        #expect(warnings.allSatisfy { $0.contains("(encode): ") && $0.contains("\"range\"") })
      }
    }
  }
}
