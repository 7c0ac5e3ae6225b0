import Foundation

/// A folder with small arrays in "in", and "copy.json" that writes them to "out" as they are.
struct Workbench {
  let folder: TemporaryFolder

  init(_ names: [String] = ["a.npy", "b.npy", "c.npy"]) throws {
    folder = try TemporaryFolder()
    for (index, name) in names.enumerated() { try write(name, seed: index) }
    try writePipeline()
  }

  /// An array of one channel whose bytes tell it from those of other seeds.
  static func array(seed: Int, height: Int = 8, width: Int = 9) -> [UInt8] {
    NPYFile.file(descriptor: "|u1", shape: [1, height, width])
      + (0..<height * width).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed &* 17 &+ 5) }
  }

  /// Writes an input.
  func write(_ name: String, seed: Int, height: Int = 8, width: Int = 9) throws {
    try folder.write(Self.array(seed: seed, height: height, width: width), to: "in/\(name)")
  }

  /// Writes "copy.json" with some stages between `load` and `encode`.
  func writePipeline(load: String = "", _ stages: [String] = [], encode: String = "") throws {
    try folder.write(
      pipeline(
        load: #""path": "in""# + load, stages,
        encode: #""path": "out", "format": "npy""# + encode), to: "copy.json")
  }

  /// Runs "copy.json".
  func run(_ arguments: String..., through wrapper: [String] = []) throws -> Command.Outcome {
    try Command.run(["run", "copy.json"] + arguments, in: folder.path, through: wrapper)
  }

  /// The content of every output, by its path below "out".
  func contents() throws -> [String: [UInt8]] {
    Dictionary(
      uniqueKeysWithValues: try folder.outputs(in: "out").map {
        ($0, try folder.bytes("out/\($0)"))
      }
    )
  }

  /// What tells one writing of every output from another.
  func stamps() -> [String: [Int]] {
    folder.stamps(of: folder.outputs(in: "out").map { "out/\($0)" })
  }

  /// Names of half files in "out".
  func halfFiles() -> [String] { folder.files(in: "out").filter { $0.hasSuffix(".tessera-part") } }

  /// Sources of the report whose status is one of those given.
  func sources(_ statuses: String...) throws -> [String] {
    try folder.report().filter { statuses.contains($0.status) }.map(\.source)
  }
}

extension Workbench {
  /// A picture that becomes a larger JPEG.
  static func jpeg(quality: Int = 90) throws -> Workbench {
    let bench = try Workbench([])
    try bench.folder.copy(Repository.sample("chelsea-rgb.png"), to: "in/a.png")
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "pad", "amount": 1 }"#],
        encode: #""path": "out", "format": "jpeg", "quality": \#(quality)"#), to: "copy.json")
    return bench
  }
}
