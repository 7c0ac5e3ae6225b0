import Foundation
import Glibc
import Testing

/// WebP and TIFF files from the command: what is written, what is refused, what travels along.
@Suite struct WrittenFormatTests {
  private func bench(_ names: [String] = ["chelsea-rgb.png"]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in names { try folder.copy(Repository.sample(name), to: "in/\(name)") }
    return folder
  }

  private func run(
    _ folder: TemporaryFolder, load: String = "", _ stages: [String] = [], encode: String,
    in input: String = "in", to output: String = "out"
  ) throws -> Command.Outcome {
    try folder.write(
      pipeline(
        load: #""path": "\#(input)""# + load, stages, encode: #""path": "\#(output)""# + encode),
      to: "p.json")
    return try Command.run(["run", "p.json"], in: folder.path)
  }

  @Test(
    "What goes out without loss comes in as it was",
    arguments: [
      (#", "format": "tiff", "verify": true"#, "tif"),
      (#", "format": "tiff", "compression": "none", "verify": true"#, "tif"),
      (#", "format": "webp", "lossless": true, "verify": true"#, "webp"),
    ])
  func lossless(_ encode: String, _ fileExtension: String) throws {
    let names = ["chelsea-rgb.png", "coffee-rgba.png", "camera-gray.jpg"]
    let folder = try bench(names)
    let out = try run(folder, load: #", "color": "rgb""#, encode: encode)
    #expect(out.status == 0, "\(out.errors)")
    for (input, output) in [("in", "there"), ("out", "back")] {
      let array = try run(
        folder, load: #", "color": "rgb""#, encode: #", "format": "npy""#, in: input, to: output)
      #expect(array.status == 0, "\(array.errors)")
    }
    for name in ["chelsea-rgb", "coffee-rgba", "camera-gray"] {
      #expect(
        try folder.bytes("there/\(name).npy") == folder.bytes("back/\(name).npy"), "\(name)")
      #expect(folder.files(in: "out").contains("\(name).\(fileExtension)"))
    }
  }

  @Test("The canonical chain restores 8 and 16 bits, and floats stay floats")
  func chain() throws {
    let folder = try TemporaryFolder()
    for (name, type, bytes) in [("a", "|u1", 1), ("b", "<u2", 2), ("c", "<f4", 4)] {
      let values = (0..<20 * 30 * bytes).map { UInt8(truncatingIfNeeded: $0 &* 37 & 0x3F) }
      try folder.write(
        NPYFile.file(descriptor: type, shape: [1, 20, 30]) + values, to: "in/\(name).npy")
    }
    let stages = [#"{"stage": "normalize"}"#]
    let out = try run(folder, stages, encode: #", "format": "tiff", "verify": true"#)
    #expect(out.status == 0, "\(out.errors)")
    let types = try folder.report().map { line in
      (line.values["outputs"] as? [[String: Any]])?.first?["dtype"] as? String
    }
    #expect(types == ["uint8", "uint16", "float32"])
    let back = try run(folder, encode: #", "format": "npy""#, in: "out", to: "back")
    #expect(back.status == 0, "\(back.errors)")
    for name in ["a", "b"] {
      #expect(try folder.bytes("back/\(name).npy") == folder.bytes("in/\(name).npy"))
    }
    let bits = try run(
      folder, encode: #", "format": "tiff", "bit_depth": 32, "name": "{stem}-32.tif""#)
    #expect(bits.status == 0, "\(bits.errors)")
  }

  @Test(
    "Keys of other formats are mistakes of the pipeline",
    arguments: [
      (#", "format": "webp", "compression": "best""#, "compression"),
      (#", "format": "webp", "bit_depth": 16"#, "bit_depth"),
      (#", "format": "tiff", "quality": 80"#, "quality"),
      (#", "format": "tiff", "lossless": true"#, "lossless"),
      (#", "format": "png", "lossless": true"#, "lossless"),
      (#", "format": "png", "bit_depth": 32"#, "bit_depth"),
      (#", "format": "webp", "lossless": true, "quality": 80"#, "quality"),
      (#", "format": "tiff", "name": "{stem}.png""#, "name"),
      (#", "format": "webp", "subsampling": "4:4:4""#, "subsampling"),
      (#", "format": "tiff", "layout": "tokens""#, "layout"),
    ])
  func keys(_ encode: String, _ key: String) throws {
    let folder = try bench()
    let refused = try run(folder, encode: encode)
    #expect(refused.status == 78, "\(refused.errors)")
    #expect(refused.errors.contains("stages[1] (encode).\(key): "), "\(refused.errors)")
  }

  @Test("Patches are no picture, and a WebP file has a largest side")
  func refusals() throws {
    let folder = try bench()
    for format in ["webp", "tiff"] {
      let patches = try run(
        folder, [#"{"stage": "unfold", "kernel_size": 8, "stride": 8}"#],
        encode: #", "format": "\#(format)""#)
      #expect(patches.status == 78 && patches.errors.contains("patches are written as npy"))
    }
    let wide = try run(
      folder, [#"{"stage": "pad", "amount": [0, 0, 0, 16200]}"#],
      encode: #", "format": "webp""#)
    #expect(wide.status == 65 || wide.status == 78)
    #expect(wide.errors.contains("webp holds at most 16383 rows and columns"), "\(wide.errors)")
  }

  @Test("Profile and Exif data travel as far as a format has a place for them")
  func metadata() throws {
    let folder = try bench(["chelsea-rotated.jpg"])
    let out = try run(
      folder, encode: #", "format": "webp", "metadata": "keep""#, to: "webp")
    #expect(out.status == 0, "\(out.errors)")
    let bytes = try folder.bytes("webp/chelsea-rotated.webp")
    #expect(bytes.count > 16 && Array(bytes[12..<16]) == Array("VP8X".utf8))
    #expect(String(decoding: bytes, as: Unicode.ASCII.self).contains("EXIF"))
    // It is turned already: once more would be once too often.
    let back = try run(
      folder, encode: #", "format": "npy""#, in: "webp", to: "back")
    let first = try run(folder, encode: #", "format": "npy""#, to: "first")
    #expect(back.status == 0 && first.status == 0)
    let shapes = try ["back", "first"].map { try folder.report(in: $0)[0].values["height"] as? Int }
    #expect(shapes[0] != nil)
    let tiff = try run(
      folder, encode: #", "format": "tiff", "metadata": "keep""#, to: "tiff")
    #expect(tiff.errors.contains("its EXIF is left out"), "\(tiff.errors)")
  }

  @Test(
    "Channels go into a file each, or side by side into one, as PNG has them",
    arguments: ["tiff", "webp"], ["files", "montage"])
  func channels(_ format: String, _ channels: String) throws {
    let folder = try bench(["chelsea-rgb.png", "coffee-rgba.png"])
    let sobel = #"{"stage": "convolve", "bank": "sobel", "padding": "same"}"#
    let keys = #", "range": "auto", "verify": true, "channels": "\#(channels)""#
    let lossless = format == "webp" ? #", "lossless": true"# : ""
    for (format, extra) in [("png", ""), (format, lossless)] {
      let out = try run(
        folder, [sobel], encode: #", "format": "\#(format)""# + keys + extra, to: format)
      #expect(out.status == 0, "\(out.errors)")
      let array = try run(
        folder, load: #", "color": "gray", "alpha": "keep""#,
        encode: #", "format": "npy", "name": "{stem}.npy""#, in: format, to: "npy-\(format)")
      #expect(array.status == 0, "\(array.errors)")
    }
    let names = folder.outputs(in: "npy-png")
    #expect(
      names.count == (channels == "files" ? 12 : 2) && names == folder.outputs(in: "npy-\(format)"))
    for name in names {
      let (png, other) = (
        try folder.bytes("npy-png/\(name)"), try folder.bytes("npy-\(format)/\(name)")
      )
      // Opacity that is full everywhere is left out of WebP.
      #expect(other.starts(with: png) || png.dropFirst(128).starts(with: other.dropFirst(128)))
    }
  }

  @Test("One image goes into a file of the name that is given")
  func oneFile() throws {
    let folder = try bench()
    for name in ["a.tif", "b.tiff", "c.webp"] {
      let format = name.hasSuffix("webp") ? "webp" : "tiff"
      try folder.write(
        pipeline(load: "\"path\": \"in\"", encode: #""format": "\#(format)""#), to: "p.json")
      let outcome = try Command.run(["run", "p.json", "-o", name], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try folder.bytes(name).count > 1000)
    }
    let wrong = try Command.run(["run", "p.json", "-o", "d.tif"], in: folder.path)
    #expect(wrong.status == 64 && wrong.errors.contains("format=tiff"), "\(wrong.errors)")
  }

  @Test("A full disk loses no name", arguments: ["tiff", "webp"])
  func fullDisk(_ format: String) throws {
    let folder = try bench()
    let fault = FaultyCalls.Fault(call: "write", code: ENOSPC, path: ".tessera-part")
    try folder.write(
      pipeline(load: "\"path\": \"in\"", encode: #""path": "out", "format": "\#(format)""#),
      to: "p.json")
    let outcome = try Command.run(
      ["run", "p.json"], in: folder.path,
      environment: FaultyCalls.environment(fault, below: "out"))
    #expect(outcome.status == 74, "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
    #expect(folder.outputs(in: "out").isEmpty)
    #expect(!folder.files(in: "out").contains { $0.hasSuffix(".tessera-part") })
  }
}
