import Glibc
import TesseraKernels
import TesseraPipeline
import TesseraTestSupport

@testable import TesseraConfiguration

/// A folder with a pipeline and inputs to send through it.
struct Workplace {
  let folder: TemporaryFolder

  /// Makes a folder with "pipeline.json" and `count` arrays in "in".
  init(inputs count: Int = 3, stages: String? = nil) throws {
    folder = try TemporaryFolder()
    try folder.write(
      """
      {
        "version": 1,
        "stages": [
          { "stage": "load", "path": "in" },
          \(stages ?? #"{ "stage": "unfold", "kernel_size": 3 }, { "stage": "fold" },"#)
          { "stage": "encode", "path": "out", "format": "npy" }
        ]
      }
      """, to: "pipeline.json")
    for index in 0..<count {
      try folder.write(Self.array(height: 16, width: 20, seed: index), to: "in/\(index).npy")
    }
  }

  /// A two-dimensional array of uint8 as NumPy stores it.
  static func array(height: Int, width: Int, seed: Int) -> [UInt8] {
    var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(height), \(width)), }"
    header += String(repeating: " ", count: 127 - 10 - header.utf8.count) + "\n"
    let values = (0..<height * width).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed &* 17) }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
      + Array(header.utf8) + values
  }

  /// Runs `tessera run pipeline.json` with more arguments.
  func run(_ arguments: String..., input: String = "") throws -> Child.Outcome {
    try Child(["run", "pipeline.json"] + arguments, input: input, in: folder.path).wait()
  }

  /// The lines of the report.
  func report(in output: String = "out") -> [JSONValue] {
    (folder.text(output + "/report.jsonl") ?? "").split(separator: "\n").compactMap {
      try? JSONParser.parse(Array($0.utf8))
    }
  }

  /// Waits until a run has written its first output.
  func waitForFirstOutput() {
    while !(folder.text("out/.tessera-records") ?? "").contains("done\t") { usleep(1000) }
  }

  /// The bytes of name and content of every output, in order of the names.
  func outputs(in output: String = "out") -> [[UInt8]] {
    folder.tree(output).filter { $0.hasSuffix(".npy") && !$0.contains("/.") }.map { path in
      path.dropFirst(output.count).utf8
        + (folder.content(path) ?? [])
    }
  }
}
