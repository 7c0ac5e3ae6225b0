import Foundation
import Testing

/// What proves a round trip must notice when there is none.
@Suite struct MutationTests {
  private static let stages = [
    #"{ "stage": "unfold", "kernel_size": 4, "stride": 3, "edge": "shift" }"#,
    #"{ "stage": "transform.linear", "weights": "weights.npy" }"#,
    #"{ "stage": "fold", "normalize": "count" }"#,
    #"{ "stage": "compare", "require": { "max_abs": 0, "psnr": "inf" } }"#,
  ]

  /// Runs samples of 8 bits through a matrix for patches of 3 × 4 × 4 values.
  private func run(_ matrix: [Float]) throws -> (Command.Outcome, TemporaryFolder) {
    let folder = try TemporaryFolder()
    try folder.write(NPYFile.float32(matrix, shape: [48, 48]), to: "weights.npy")
    try folder.write(pipeline(Self.stages), to: "mutant.json")
    for name in ["chelsea-rgb.png", "astronaut.jpg"] {
      try folder.copy(Repository.sample(name), to: "in/\(name)")
    }
    let outcome = try Command.run(
      ["run", "mutant.json", "--input", "in", "--output", "out"], in: folder.path)
    return (outcome, folder)
  }

  @Test("The identity between unfold and fold changes nothing")
  func identity() throws {
    let (outcome, folder) = try run(NPYFile.identity(48))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(folder.outputs(in: "out") == ["astronaut.png", "chelsea-rgb.png"])
    #expect(
      try PNGFile(folder.path("out/chelsea-rgb.png")).content
        == ExpectedPixels.ofSamples(.rgb)["chelsea-rgb.png"])
  }

  @Test(
    "One changed entry of the matrix fails every image, and leaves no output",
    arguments: [(0, 0, 0.5), (17, 17, 1.25), (47, 0, 0.5)])
  func changedEntry(_ row: Int, _ column: Int, _ value: Float) throws {
    var matrix = NPYFile.identity(48)
    matrix[row * 48 + column] = value
    let (outcome, folder) = try run(matrix)
    #expect(outcome.status == 65 && !outcome.hasCrashed)
    #expect(outcome.errors.contains("2 inputs failed (requirement)"))
    #expect(folder.files(in: "out").filter { !$0.hasPrefix(".tessera-") } == ["report.jsonl"])
    for line in try folder.report() {
      #expect(line.status == "failed" && line.failureKind == "requirement")
      #expect(line.failureMessage?.contains("max_abs") == true, "\(line.failureMessage ?? "")")
      #expect(line.outputs.isEmpty && (line.metrics["max_abs"] as? Double ?? 0) > 0)
    }
  }

  @Test("One value of one patch, changed by one, is found")
  func changedValue() throws {
    let folder = try TemporaryFolder()
    let values = (0..<3 * 4 * 4).map { UInt8($0 * 5) }
    try folder.write(
      NPYFile.file(descriptor: "|u1", shape: [3, 4, 4]) + values, to: "in/image.npy")
    var bias = [Float](repeating: 0, count: 48)
    for (change, status) in [(Float(0), Int32(0)), (1, 65)] {
      bias[29] = change
      try folder.write(NPYFile.float32(NPYFile.identity(48), shape: [48, 48]), to: "weights.npy")
      try folder.write(NPYFile.float32(bias, shape: [48]), to: "bias.npy")
      var stages = Self.stages
      stages[1] = #"{ "stage": "transform.linear", "weights": "weights.npy", "bias": "bias.npy" }"#
      try folder.write(pipeline(stages, encode: #""format": "npy""#), to: "mutant.json")
      let outcome = try Command.run(
        ["run", "mutant.json", "--input", "in", "--output", "out", "--overwrite"],
        in: folder.path)
      #expect(outcome.status == status, "\(outcome.errors)")
      let line = try #require(try folder.report().first)
      #expect(line.metrics["max_abs"] as? Double == Double(change))
      #expect(line.values["blocks"] as? Int == 1)
    }
    // What the good run wrote is still there, untouched by the one that failed.
    #expect(folder.outputs(in: "out") == ["image.npy"])
  }
}

/// `tessera verify` on a folder of which a file is no longer what was written.
@Suite struct VerifyTests {
  private func run() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["chelsea-rgb.png", "horse-1bit.png"] {
      try folder.copy(Repository.sample(name), to: "in/\(name)")
    }
    try folder.write(pipeline([]), to: "copy.json")
    let outcome = try Command.run(
      ["run", "copy.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return folder
  }

  @Test("A folder as it was written passes")
  func unchanged() throws {
    let folder = try run()
    let outcome = try Command.run(["verify", "out"], in: folder.path)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output == "out: 2 outputs as written\n")
  }

  @Test("One flipped bit is found")
  func changed() throws {
    let folder = try run()
    var bytes = try folder.bytes("out/horse-1bit.png")
    bytes[bytes.count / 2] ^= 1
    try folder.write(bytes, to: "out/horse-1bit.png")
    try expect("has changed since the run wrote it", in: folder)
  }

  @Test("A missing last byte is found")
  func truncated() throws {
    let folder = try run()
    let bytes = try folder.bytes("out/horse-1bit.png")
    try folder.write(bytes.dropLast(), to: "out/horse-1bit.png")
    try expect("has \(bytes.count - 1) bytes, the run wrote \(bytes.count)", in: folder)
  }

  @Test("A missing file is found, and the next run makes it again")
  func missing() throws {
    let folder = try run()
    let before = try folder.bytes("out/horse-1bit.png")
    try FileManager.default.removeItem(atPath: folder.path("out/horse-1bit.png"))
    try expect("cannot be read: No such file or directory", in: folder)
    let outcome = try Command.run(
      ["run", "copy.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == 0 && outcome.errors.contains("1 done, 1 done before"))
    #expect(try folder.bytes("out/horse-1bit.png") == before)
  }

  @Test("A folder that no run wrote to, and one that is not there, are nothing to verify")
  func nothing() throws {
    let folder = try TemporaryFolder()
    let empty = try Command.run(["verify", "."], in: folder.path)
    #expect(empty.status == 66 && empty.errors.contains("no run has written to '.'"))
    let absent = try Command.run(["verify", "absent"], in: folder.path)
    #expect(absent.status == 66 && absent.errors.contains("'absent'"))
  }

  private func expect(_ finding: String, in folder: TemporaryFolder) throws {
    let outcome = try Command.run(["verify", "out"], in: folder.path)
    #expect(outcome.status == 65 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("1 of 2 outputs are not as written"))
    #expect(outcome.errors.contains("'horse-1bit.png' (from 'horse-1bit.png') \(finding)"))
  }
}
