import Foundation
import Testing

/// Memory that a run takes at most, against what was planned.
@Suite(.serialized) struct PeakMemoryTests {
  /// A pipeline, and the image that it is run on.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var stages: [String]
    var encode = ""
    /// Channels, height and width.
    var shape = [3, 2000, 2500]

    var testDescription: String { name }
  }

  /// What allocators and threads may take beside what is planned [B].
  static let allowance = 8_000_000

  private static let fold = #"{ "stage": "fold" }"#

  private static func unfold(_ kernel: Int, _ stride: Int, _ keys: String = "") -> String {
    #"{ "stage": "unfold", "kernel_size": \#(kernel), "stride": \#(stride), "edge": "shift"\#(keys) }"#
  }

  private static func convolve(_ bank: String, _ keys: String) -> String {
    #"{ "stage": "convolve", "bank": \#(bank), \#(keys) }"#
  }

  static let rows = [
    Case(name: "copy", stages: []),
    Case(name: "floats", stages: [#"{ "stage": "normalize" }"#], encode: #""format": "npy""#),
    Case(
      name: "per image", stages: [#"{ "stage": "normalize", "per_image": "standardize" }"#]),
    Case(
      name: "automatic range",
      stages: [convolve(#"{ "name": "sobel", "direction": "x" }"#, #""padding": 1"#)],
      encode: #""range": "auto""#),
    Case(
      name: "Gaussian",
      stages: [
        convolve(
          #"{ "name": "gaussian", "sigma": 5 }"#,
          #""padding": "same", "padding_mode": "reflect""#)
      ]),
    Case(
      name: "magnitude", stages: [convolve(#""sobel""#, #""padding": 1, "response": "magnitude""#)]),
    Case(
      name: "maxima of a bank",
      stages: [convolve(#"{ "name": "mr8", "kernel_size": 9 }"#, #""padding": "same""#)],
      encode: #""format": "npy""#, shape: [1, 2000, 1200]),
    Case(
      name: "energy",
      stages: [
        convolve(#""sobel""#, #""padding": 1, "response": "energy", "window": 31"#)
      ], encode: #""format": "npy""#),
    Case(
      name: "energy of blocks",
      stages: [
        unfold(3, 2), #"{ "stage": "convolve", "bank": "sobel", "response": "energy" }"#, fold,
      ], encode: #""format": "npy""#),
    Case(
      name: "montage", stages: [convolve(#""haar""#, #""padding": "same""#)],
      encode: #""channels": "montage", "range": "symmetric""#, shape: [3, 900, 1100]),
    Case(
      name: "circular rows",
      stages: [
        convolve(
          #"{ "name": "box", "kernel_size": 9 }"#,
          #""padding": "same", "padding_mode": "circular""#)
      ]),
    Case(
      name: "large kernel",
      stages: [convolve(#"{ "name": "box", "kernel_size": 127 }"#, #""padding": "same""#)]),
    Case(
      name: "large weights",
      stages: [#"{ "stage": "convolve", "weights": "weights.npy", "padding": "same" }"#],
      shape: [1, 16, 16]),
    Case(name: "progressive JPEG", stages: [], encode: #""format": "jpeg", "progressive": true"#),
    Case(name: "read back", stages: [], encode: #""verify": true"#, shape: [3, 500, 700]),
  ]

  static let patches = [
    Case(name: "patches of 64", stages: [unfold(64, 16), fold]),
    Case(
      name: "spread patches",
      stages: [unfold(5, 3, #", "dilation": 7"#), #"{ "stage": "fold", "uncovered": "zero" }"#]),
    Case(name: "patches of 512", stages: [unfold(512, 256), fold]),
    Case(name: "patches twice", stages: [unfold(16, 8), fold, unfold(31, 5), fold]),
    Case(
      name: "patches less their means",
      stages: [unfold(8, 4), #"{ "stage": "transform.mean_removal" }"#, fold]),
    Case(
      name: "standardized patches of 256",
      stages: [unfold(256, 64), #"{ "stage": "transform.standardize" }"#, fold],
      encode: #""range": "auto""#),
    Case(
      name: "tokens", stages: [unfold(16, 16)], encode: #""format": "npy", "layout": "tokens""#),
    Case(
      name: "filtered patches",
      stages: [
        unfold(32, 16),
        #"{ "stage": "transform.convolve", "bank": { "name": "gaussian", "sigma": 1 } }"#, fold,
      ]),
    Case(
      name: "patches under a large kernel",
      stages: [
        unfold(64, 64),
        #"{ "stage": "transform.convolve", "bank": { "name": "box", "kernel_size": 39 } }"#, fold,
      ], shape: [1, 64, 64]),
    Case(
      name: "a large matrix",
      stages: [unfold(16, 16), #"{ "stage": "transform.linear", "weights": "matrix.npy" }"#, fold],
      encode: #""format": "npy""#, shape: [8, 32, 32]),
    Case(
      name: "large filtered patches",
      stages: [
        unfold(512, 256),
        #"{ "stage": "transform.convolve", "bank": { "name": "gaussian", "sigma": 2 } }"#, fold,
      ], encode: #""format": "npy""#, shape: [3, 800, 1000]),
    Case(
      name: "patches as large as images",
      stages: [
        #"{ "stage": "unfold", "kernel_size": 4096, "edge": "pad" }"#,
        #"{ "stage": "transform.convolve", "bank": { "name": "gaussian", "sigma": 2 } }"#, fold,
      ], shape: [1, 200, 300]),
    Case(
      name: "means of large patches",
      stages: [unfold(1024, 512), #"{ "stage": "transform.mean_removal" }"#, fold],
      encode: #""range": "auto""#, shape: [1, 1500, 1600]),
    Case(
      name: "quantized patches",
      stages: [unfold(256, 256), #"{ "stage": "transform.quantize", "step": 8 }"#, fold],
      shape: [3, 512, 600]),
    Case(
      name: "padded", stages: [#"{ "stage": "pad", "to_multiple": 1024 }"#],
      shape: [3, 1025, 1100]),
    Case(
      name: "padded in a circle",
      stages: [#"{ "stage": "pad", "amount": 500, "padding_mode": "circular" }"#],
      shape: [3, 900, 1000]),
    Case(
      name: "pixels in strips",
      stages: [
        #"{ "stage": "normalize", "mean": "imagenet", "std": "imagenet" }"#,
        convolve(#""sharpen""#, #""padding": "same""#),
      ]),
    Case(
      name: "pixels in integers", stages: [convolve(#""sharpen""#, #""padding": "same""#)]),
    Case(
      name: "columns of all patches", stages: [unfold(8, 4)],
      encode: #""format": "npy", "layout": "torch", "dtype": "float32""#, shape: [3, 700, 800]),
    Case(
      name: "structural similarity",
      stages: [unfold(8, 4), fold, #"{ "stage": "compare", "metrics": ["ssim"] }"#],
      shape: [3, 40, 4000]),
  ]

  @Test(
    "One image takes no more than its plan says, on 1 and on 4 threads", arguments: rows + patches)
  func oneImage(_ row: Case) throws {
    let folder = try Self.folder(of: row, images: 1)
    let base = try Self.base.get()
    for jobs in ["1", "4"] {
      let planned = try Self.planned(jobs: jobs, in: folder)
      let peak = try Self.peak(["--jobs", jobs], in: folder)
      #expect(
        peak <= base + planned + Self.allowance,
        "\(jobs) jobs: planned \(planned), taken \(peak - base)")
    }
  }

  @Test("Images at once take no more than their plans together, nor than --memory lets in")
  func severalImages() throws {
    let row = Case(
      name: "per image", stages: [#"{ "stage": "normalize", "per_image": "minmax" }"#],
      encode: #""format": "npy""#, shape: [6, 1900, 2100])
    let folder = try Self.folder(of: row, images: 4)
    let base = try Self.base.get()
    let planned = try Self.planned(jobs: "4", in: folder)
    let peak = try Self.peak(["--jobs", "4"], in: folder)
    #expect(peak <= base + 4 * planned + Self.allowance, "\(planned), \(peak - base)")
    // One is let in, and no other beside it.
    let limited = try Self.peak(
      ["--jobs", "4", "--memory", "\(planned)"], in: folder)
    #expect(limited <= base + planned + Self.allowance, "\(planned), \(limited - base)")
    let refused = try Command.run(
      Self.arguments + ["--jobs", "4", "--memory", "\(planned - 1)", "--overwrite"], in: folder.path
    )
    #expect(refused.status != 0, "\(refused.errors)")
  }

  static let arguments = ["run", "row.json", "--input", "in", "--output", "out"]

  private static func folder(of row: Case, images: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let count = row.shape.reduce(1, *)
    for index in 0..<images {
      try folder.write(
        NPYFile.file(descriptor: "|u1", shape: row.shape) + [UInt8](repeating: 55, count: count),
        to: "in/\(index).npy")
    }
    // Zeros of any type are zero bytes.
    for (name, side) in [("weights.npy", 1501), ("matrix.npy", 2048)]
    where row.stages.contains(where: { $0.contains(name) }) {
      try folder.write(
        NPYFile.file(descriptor: "<f4", shape: [side, side])
          + [UInt8](repeating: 0, count: 4 * side * side), to: name)
    }
    try folder.write(pipeline(row.stages, encode: row.encode), to: "row.json")
    return folder
  }

  /// What the plan of one image says.
  static func planned(jobs: String, in folder: TemporaryFolder) throws -> Int {
    let outcome = try Command.run(
      Self.arguments + ["--jobs", jobs, "--dry-run", "--json"], in: folder.path)
    let inputs = try #require(outcome.json?["inputs"] as? [[String: Any]], "\(outcome.errors)")
    return try #require(inputs.first?["memory_bytes"] as? Int)
  }

  static func peak(_ more: [String], in folder: TemporaryFolder) throws -> Int {
    let (outcome, peak) = try Command.peak(
      Self.arguments + ["--overwrite", "--quiet"] + more, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    try FileManager.default.removeItem(atPath: folder.path("out"))
    return peak
  }

  /// What the command takes for next to nothing.
  static let base = Result {
    let nothing = Case(name: "nothing", stages: [], shape: [1, 4, 4])
    return try peak(["--jobs", "1"], in: folder(of: nothing, images: 1))
  }
}
