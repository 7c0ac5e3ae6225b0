import Foundation
import RandomPipelines
import Testing

/// NPY arrays of every type, and what their channels mean.
@Suite struct ArrayTypeTests {
  /// Numbers as NumPy stores them.
  private static func words(_ numbers: [Int], _ descriptor: String) -> [UInt8] {
    let width = Int(String(descriptor.last ?? "1")) ?? 1
    return numbers.flatMap { number -> [UInt8] in
      let word =
        descriptor.contains("f")
        ? (width == 8 ? Double(number).bitPattern : UInt64(Float(number).bitPattern))
        : UInt64(bitPattern: Int64(number))
      let bytes = (0..<width).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
      return descriptor.hasPrefix(">") ? bytes.reversed() : bytes
    }
  }

  /// The file of an image of 3 × 4 × 5, one number for each value, in some order of axes.
  private static func file(
    _ descriptor: String, _ layout: String, isFortranOrder: Bool, _ value: (Int, Int, Int) -> Int
  ) -> [UInt8] {
    let (sides, isPlanar) = (layout == "chw" ? [3, 4, 5] : [4, 5, 3], layout == "chw")
    var numbers: [Int] = []
    for index in 0..<60 {
      var (rest, place) = (index, [0, 0, 0])
      for axis in isFortranOrder ? [0, 1, 2] : [2, 1, 0] {
        (rest, place[axis]) = rest.quotientAndRemainder(dividingBy: sides[axis])
      }
      numbers.append(
        isPlanar ? value(place[0], place[1], place[2]) : value(place[2], place[0], place[1]))
    }
    var header = NPYFile.file(descriptor: descriptor, shape: sides)
    if isFortranOrder, let range = header.firstRange(of: "False, ".utf8) {
      header.replaceSubrange(range, with: "True,  ".utf8)
    }
    return header + words(numbers, descriptor)
  }

  private func run(
    _ files: [String: [UInt8]], load: String, encode: String = #""format": "npy""#
  ) throws -> (folder: TemporaryFolder, outcome: Command.Outcome) {
    let folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(bytes, to: "in/\(name)") }
    try folder.write(pipeline(load: load, encode: encode), to: "p.json")
    let outcome = try Command.run(
      ["run", "p.json", "--input", "in", "--output", "out"], in: folder.path)
    return (folder, outcome)
  }

  @Test(
    "Integers of every width become floats of the same value, in every order",
    arguments: [
      "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "<u4", ">u4", "<u8", ">u8", "<f8",
    ],
    ["chw", "hwc"])
  func integers(_ descriptor: String, _ layout: String) throws {
    let sign = descriptor.contains("u") ? 1 : -1
    let value = { (c: Int, y: Int, x: Int) in sign * (c * 40 + y * 6 + x) }
    let (folder, outcome) = try run(
      [
        "c.npy": Self.file(descriptor, layout, isFortranOrder: false, value),
        "f.npy": Self.file(descriptor, layout, isFortranOrder: true, value),
      ], load: "\"npy_layout\": \"\(layout)\", \"npy_color\": \"rgb\"")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let expected = (0..<60).map { Float(value($0 / 20, $0 / 5 % 4, $0 % 5)) }
    for name in ["c", "f"] {
      #expect(try NPYFile.header(of: folder.path("out/\(name).npy")).shape == [3, 4, 5])
      #expect(try NPYFile.floats(in: folder.path("out/\(name).npy")) == expected)
    }
  }

  @Test(
    "A value that is not exact fails its input, with the key and the expression that round it",
    arguments: ["<i4", ">u4", "<i8", ">u8", "<f8"])
  func inexact(_ descriptor: String) throws {
    let value = { (c: Int, y: Int, x: Int) in c == 2 ? 16_777_217 : 5 }
    let files = [
      "bad.npy": Self.file(descriptor, "chw", isFortranOrder: false, value),
      "good.npy": Self.file(descriptor, "chw", isFortranOrder: true) { _, _, _ in 7 },
    ]
    let (folder, outcome) = try run(files, load: #""npy_layout": "chw""#)
    #expect(outcome.status == 65)
    let line = try #require(folder.report().first)
    #expect(line.failureKind == "unsupported")
    for text in ["16777217", #""dtype": "float32""#, "a.astype(np.float32)"] {
      #expect(line.failureMessage?.contains(text) == true, "\(line.failureMessage ?? "")")
    }
    let rounded = try run(files, load: #""dtype": "float32""#)
    #expect(rounded.outcome.status == 0, "\(rounded.outcome.errors)")
    #expect(
      try NPYFile.floats(in: rounded.folder.path("out/bad.npy")).suffix(20)
        == Array(repeating: 16_777_216, count: 20)[...])
  }

  @Test("With `dtype` integers flow as floats in their own units, and come back as they were")
  func floats() throws {
    for bitDepth in [8, 16] {
      let picture = Picture.noise(width: 6, height: 5, channels: 4, bitDepth: bitDepth, seed: 9)
      let (folder, outcome) = try run(
        ["a.png": picture.png()], load: #""dtype": "float32""#)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let floats = try NPYFile.floats(in: folder.path("out/a.npy"))
      #expect(floats.max() ?? 0 > Float(1 << (bitDepth - 2)))
      let again = try run(["a.png": picture.png()], load: #""dtype": "float32""#, encode: "")
      #expect(try PNGFile(again.folder.path("out/a.png")).pixels == picture.bytes)
    }
  }

  /// Bytes of an array in the order of `layout`, whose last channel is 255 or 0.
  private static func bytes(_ channels: Int, _ layout: String, alpha: UInt8) -> [UInt8] {
    let (height, width) = (6, 7)
    let value = { (c: Int, pixel: Int) in
      channels % 2 == 0 && c == channels - 1 ? alpha : UInt8(truncatingIfNeeded: c * 60 + pixel)
    }
    let (count, isPlanar) = (height * width, layout == "chw")
    let header = NPYFile.file(
      descriptor: "|u1",
      shape: isPlanar ? [channels, height, width] : [height, width, channels])
    return header
      + (0..<channels * count).map {
        isPlanar ? value($0 / count, $0 % count) : value($0 % channels, $0 / channels)
      }
  }

  @Test(
    "Channels that mean something are pictures of that kind, opacity and all",
    arguments: [("gray", 1), ("gray_alpha", 2), ("rgb", 3), ("rgba", 4)], ["chw", "hwc"])
  func colors(_ kind: (name: String, channels: Int), _ layout: String) throws {
    let files = ["a.npy": Self.bytes(kind.channels, layout, alpha: 9)]
    let load = "\"npy_layout\": \"\(layout)\", \"npy_color\": \"\(kind.name)\""
    let kept = try run(files, load: load, encode: "")
    #expect(kept.outcome.status == 0, "\(kept.outcome.errors)")
    let png = try PNGFile(kept.folder.path("out/a.png"))
    #expect(png.header.channels == kind.channels)
    #expect(
      png.pixels.prefix(kind.channels)
        == Self.bytes(kind.channels, "hwc", alpha: 9).suffix(42 * kind.channels)
        .prefix(kind.channels))

    let gray = try run(files, load: load + #", "color": "gray""#, encode: "")
    #expect(try PNGFile(gray.folder.path("out/a.png")).header.channels == 1)
    let hasAlpha = kind.channels % 2 == 0
    #expect(try gray.folder.report().first?.warnings.count == (hasAlpha ? 1 : 0))

    guard hasAlpha else { return }
    let matte = try run(
      ["a.npy": Self.bytes(kind.channels, layout, alpha: 0)],
      load: load + ##", "color": "rgb", "alpha": "matte", "matte": "#0a141e""##, encode: "")
    #expect(try PNGFile(matte.folder.path("out/a.png")).pixels.prefix(3) == [10, 20, 30])
    let premultiplied = try run(files, load: load + #", "alpha": "premultiply""#, encode: "")
    #expect(
      try PNGFile(premultiplied.folder.path("out/a.png")).pixels.last == 9)
  }

  @Test("Without a word channels mean what their number tells, and opacity is none")
  func nameless() throws {
    let (folder, outcome) = try run(["a.npy": Self.bytes(4, "chw", alpha: 9)], load: "", encode: "")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(folder.outputs(in: "out").count == 4)
  }

  @Test(
    "Another number of channels fails that input alone, with what would fix it",
    arguments: [
      ("rgb", 4, "chw", #""npy_color": "rgba" fits, or save a[:3]"#),
      ("rgb", 4, "hwc", #"save a[..., :3]"#), ("gray", 3, "chw", "save a[:1]"),
      ("rgba", 3, "chw", "np.insert(a, 3, 255, axis=0)"),
      ("rgba", 3, "hwc", "np.insert(a, 3, 255, axis=2)"),
      ("rgb", 1, "chw", #""npy_color": "gray" with "color": "rgb""#),
      ("gray_alpha", 1, "hwc", "np.insert(a.reshape(*a.shape[:2], 1), 1, 255, axis=2)"),
      ("rgba", 2, "chw", #""npy_color": "gray_alpha" fits"#), ("rgb", 5, "chw", "save a[:3]"),
    ])
  func misfits(_ color: String, _ channels: Int, _ layout: String, _ fix: String) throws {
    let expected = ["gray": 1, "gray_alpha": 2, "rgb": 3, "rgba": 4][color] ?? 0
    let (folder, outcome) = try run(
      [
        "bad.npy": Self.bytes(channels, layout, alpha: 1),
        "good.npy": Self.bytes(expected, layout, alpha: 1),
      ], load: "\"npy_layout\": \"\(layout)\", \"npy_color\": \"\(color)\"", encode: "")
    #expect(outcome.status == 65)
    let line = try #require(folder.report().first)
    #expect(line.failureKind == "plan")
    #expect(line.failureMessage?.contains(fix) == true, "\(line.failureMessage ?? "")")
    #expect(try folder.report().last?.status == "ok")
  }

  @Test("An array whose axes stand the other way is told by the key that turns them")
  func otherLayout() throws {
    for (stored, read) in [("hwc", "chw"), ("chw", "hwc")] {
      let (folder, _) = try run(
        ["a.npy": Self.bytes(3, stored, alpha: 0)],
        load: "\"npy_layout\": \"\(read)\", \"npy_color\": \"rgb\"")
      let message = try folder.report().first?.failureMessage ?? ""
      #expect(message.contains("\"npy_layout\": \"\(stored)\" takes its"), "\(message)")
    }
  }

  @Test("PNG and JPEG files have colours of their own, whatever arrays are said to have")
  func pictures() throws {
    let picture = Picture.noise(width: 4, height: 4, channels: 3, seed: 5)
    let (folder, outcome) = try run(
      ["a.png": picture.png()], load: #""npy_color": "rgba""#, encode: "")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try PNGFile(folder.path("out/a.png")).pixels == picture.bytes)
  }
}
