import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraPipeline

/// What a plan says of the files that will be written.
@Suite struct PlannedFileTests {
  private static let cut = #"{"stage": "unfold", "kernel_size": 16, "stride": 16},"#
  private static let normalize = #"{"stage": "normalize", "mean": 0.5, "std": 0.25},"#

  @Test(
    "Shape, type, values and what becomes of them are those of the file",
    arguments: [
      (
        cut, #""format": "npy", "layout": "tokens""#, "1200 × 768", "uint8", "0 … 255",
        "npy, 921.7 kB, values as they are"
      ),
      (cut, #""format": "npy""#, "768 × 1200", "uint8", "0 … 255", "values as they are"),
      (
        cut, #""format": "npy", "layout": "patches""#, "1200 × 3 × 16 × 16", "uint8", "0 … 255",
        "values as they are"
      ),
      (
        normalize + cut, #""format": "npy", "layout": "tokens""#, "1200 × 768", "float32", "-2 … 2",
        "npy, 3.7 MB, values as they are, normalize not undone"
      ),
      (
        normalize + cut, #""format": "npy", "layout": "tokens", "dtype": "uint8""#, "1200 × 768",
        "uint8", "0 … 255",
        "normalize undone"
      ),
      (
        normalize, #""format": "png""#, "3 × 480 × 640", "uint8", "0 … 255", "png, normalize undone"
      ),
      (
        normalize, #""range": [-1, 1]"#, "3 × 480 × 640", "uint8", "0 … 255",
        "-1 … 1 becomes 0 … 255"
      ),
      (
        normalize, #""range": "auto", "bit_depth": 16"#, "3 × 480 × 640", "uint16", "0 … 65535",
        "each image's smallest and largest value become 0 and 65535"
      ),
      (
        #"{"stage": "normalize", "per_image": "standardize"},"#, "", "3 × 480 × 640", "uint8",
        "0 … 255",
        "normalize undone"
      ),
      (
        #"{"stage": "convolve", "bank": "sobel"},"#, #""range": "symmetric""#,
        "6 files of 1 × 478 × 638",
        "uint8", "0 … 255", "becomes 0 … 255"
      ),
      (
        #"{"stage": "convolve", "bank": "box"},"#, "", "3 × 478 × 638", "uint8", "0 … 255",
        "values rounded"
      ),
      (
        "", #""format": "npy""#, "3 × 480 × 640", "uint8", "0 … 255",
        "npy, 921.7 kB, values as they are"
      ),
      (
        cut + #"{"stage": "transform.standardize"},"#, #""format": "npy""#, "768 × 1200", "float32",
        "", "npy, 3.7 MB, values as they are"
      ),
      (
        normalize + #"{"stage": "convolve", "bank": "laplacian"},"#, #""format": "npy""#,
        "3 × 478 × 638", "float32", "", "values as they are, normalize not undone"
      ),
    ] as [(String, String, String, String, String, String)])
  func rows(
    _ stages: String, _ encode: String, _ shape: String, _ type: String, _ values: String,
    _ words: String
  ) throws {
    let plan = try plan(stages, encode, .uint8)
    let row = try #require(
      plan.table.split(separator: "\n", omittingEmptySubsequences: false).last {
        $0.contains("encode ")
      })
    let isUndone = !words.hasSuffix("not undone")
    #expect(!(isUndone && row.contains("not undone")), "\(row)")
    for cell in ["  \(shape)  ", "  \(type)  ", values.isEmpty ? "" : "  \(values)  ", words] {
      #expect(cell.isEmpty || row.contains(cell), "\(cell) in \(row)")
    }
    #expect(plan.summary.hasPrefix("3 × 480 × 640 uint8 → "), "\(plan.summary)")
  }

  @Test("A float array tells which of its values become black and white")
  func scale() throws {
    let plan = try plan("", "", .float32)
    #expect(plan.table.contains("png, 0 … 1 becomes 0 … 255"), "\(plan.table)")
  }

  @Test("The planned size of an array is that of the file", arguments: ["", cut])
  func sizes(_ stages: String) throws {
    let workshop = try Workshop()
    let path = try workshop.savePNG(.noise([3, 33, 50], .uint8), as: "a.png")
    for dtype in ["uint8", "uint16", "float32"] {
      let text = stages + #" {"stage": "encode", "format": "npy", "dtype": "\#(dtype)"}"#
      let outcome = try workshop.run(text, onFile: path)
      let file = try #require(outcome.result.outputs.first)
      let planned = try #require(
        try workshop.planner(text).plan(ImageShape(channels: 3, height: 33, width: 50)).files.first)
      #expect(planned.byteCount == file.byteCount && planned.shape == file.shape)
      #expect(planned.storedType.rawValue == file.dtype)
    }
  }

  @Test("An image of more pixels than load takes has no plan, whatever names its size")
  func limit() throws {
    let workshop = try Workshop()
    let text = #"{"stage": "encode", "format": "npy"}"#
    let planner = try workshop.planner(text, load: #", "max_pixels": 100"#)
    #expect(try planner.plan(ImageShape(channels: 3, height: 10, width: 10)).byteCount > 0)
    #expect {
      _ = try planner.plan(ImageShape(channels: 3, height: 11, width: 10))
    } throws: {
      ($0 as? PlanningError)?.key == "max_pixels"
    }
  }

  private func plan(_ stages: String, _ encode: String, _ type: ElementType) throws -> Plan {
    let keys = encode.isEmpty ? "" : ", \(encode)"
    return try Workshop().planner(#"\#(stages) {"stage": "encode"\#(keys)}"#).plan(
      ImageHeader(
        format: .png, shape: ImageShape(channels: 3, height: 480, width: 640), elementType: type,
        colorModel: .rgb, sourceBitDepth: 8, decoderBytes: 0, decoder: ""))
  }
}
