import Foundation
import Testing

@Suite struct ShippedPipelinesTests {
  /// A copy of Pipelines/ and samples/ in a folder of its own, so that out/ is beside them.
  private func checkout() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.pipelines, to: "Pipelines")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("samples"), withDestinationPath: Repository.samples)
    return folder
  }

  /// Whether a file tells of a dataset.
  private static func isIndex(_ path: String) -> Bool {
    ["/dataset.json", "/images.jsonl"].contains { path.hasSuffix($0) }
  }

  /// Whether a file is one of many images.
  private static func isShard(_ path: String) -> Bool {
    path.contains(#/\/data-\d{5}\.\w+$/#)
  }

  private func reportFolder(of folder: TemporaryFolder) throws -> String {
    let reports = folder.files(in: "out").filter { $0.hasSuffix("/report.jsonl") }
    try #require(reports.count == 1)
    return "out/" + reports[0].dropLast("/report.jsonl".count)
  }

  @Test(
    "Every pipeline does all samples, and a second run finds everything done",
    arguments: Repository.pipelineNames)
  func runs(_ name: String) throws {
    let folder = try checkout()
    let first = try Command.run(["run", "Pipelines/\(name).json"], in: folder.path)
    #expect(first.status == 0 && !first.hasCrashed, "\(first.errors)")
    let reportFolder = try reportFolder(of: folder)
    let report = try folder.report(in: reportFolder)
    #expect(report.map(\.source) == Repository.sampleNames)
    for line in report {
      #expect(line.status == "ok" && line.failureKind == nil)
      #expect(Set(line.values.keys).subtracting(["dataset", "dropped"]) == ReportLine.keys)
      for output in line.outputs { try check(output, of: "\(folder.path)/\(reportFolder)") }
    }
    let told = report.flatMap(\.outputs).map { output in
      URL(fileURLWithPath: folder.path("\(reportFolder)/\(output.path)")).standardized.path
    }
    let written = folder.outputs(in: "out").filter { !Self.isIndex($0) }
    #expect(Set(told) == Set(written.map { folder.path("out/\($0)") }))
    // Every image tells of the shard that it is in.
    let own = told.filter { !Self.isShard($0) }
    #expect(own.count == Set(own).count)

    let outputs = folder.outputs(in: "out").map { "out/\($0)" }
    let before = folder.stamps(of: outputs)
    let second = try Command.run(["run", "Pipelines/\(name).json"], in: folder.path)
    #expect(second.status == 0)
    #expect(second.errors.contains("\(report.count) done before"))
    #expect(folder.stamps(of: outputs) == before)
    #expect(folder.outputs(in: "out").map { "out/\($0)" } == outputs)
    let repeated = try folder.report(in: reportFolder)
    #expect(repeated.map(\.source) == Repository.sampleNames)
    #expect(repeated.allSatisfy { $0.status == "skipped" })
    #expect(repeated.map { $0.outputs.map(\.hash) } == report.map { $0.outputs.map(\.hash) })
  }

  @Test("Blurring tiles gives the bytes of blurring the image: no seam")
  func noSeams() throws {
    let folder = try checkout()
    for name in ["blur", "blur_patches"] {
      let outcome = try Command.run(["run", "Pipelines/\(name).json"], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let whole = folder.outputs(in: "out/blur").filter { $0.hasSuffix(".png") }
    #expect(whole.count == Repository.sampleNames.count)
    for file in whole {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("out/blur/\(file)")))
      let tiled = try Data(
        contentsOf: URL(fileURLWithPath: folder.path("out/blur_patches/\(file)")))
      #expect(bytes == tiled, "\(file)")
    }
  }

  @Test("The number of jobs changes no byte", arguments: Repository.pipelineNames)
  func jobs(_ name: String) throws {
    try expectSameBytes(name, [["--jobs", "1"], ["--jobs", "2"]], environments: [[:], [:]])
  }

  @Test("Copies are the same on every processor", arguments: ["roundtrip", "edge_policies"])
  func processors(_ name: String) throws {
    try expectSameBytes(name, [[], []], environments: [[:], ["TESSERA_ISA": "baseline"]])
  }

  private func expectSameBytes(
    _ name: String, _ arguments: [[String]], environments: [[String: String]]
  ) throws {
    let folders = try zip(arguments, environments).map { arguments, environment in
      let folder = try checkout()
      let outcome = try Command.run(
        ["run", "Pipelines/\(name).json", "--quiet"] + arguments, in: folder.path,
        environment: environment)
      #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.output.isEmpty)
      return folder
    }
    let files = folders[0].outputs(in: "out")
    #expect(files == folders[1].outputs(in: "out") && !files.isEmpty)
    for file in files {
      #expect(try folders[0].bytes("out/\(file)") == folders[1].bytes("out/\(file)"), "\(file)")
    }
    let reports = try folders.map { try $0.timelessReport(in: reportFolder(of: $0)) }
    #expect(reports[0] == reports[1])
  }

  /// Looks into a file for the shape and the type that the report tells of.
  private func check(_ output: ReportLine.Output, of folder: String) throws {
    let path = "\(folder)/\(output.path)"
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(bytes.count == output.byteCount)
    if output.path.hasSuffix(".npy") {
      let header = try NPYFile.header(of: path)
      #expect(header.shape == output.shape && header.dtype == output.dtype)
      #expect(header.dataCount == output.shape.reduce(4, *) && output.dtype == "float32")
    } else if output.path.hasSuffix(".safetensors") {
      let size = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + size]))
      let tensors = try #require(header as? [String: [String: Any]])
      #expect(tensors["patches"]?["shape"] as? [Int] == output.shape)
      #expect(tensors["patches"]?["dtype"] as? String == "F32" && output.dtype == "float32")
    } else if output.path.hasSuffix(".jpg") {
      #expect(try JPEGFile.shape(of: bytes) == output.shape && output.dtype == "uint8")
    } else {
      let header = try PNGFile.Header(bytes)
      #expect([header.channels, header.height, header.width] == output.shape)
      #expect("uint\(header.bitDepth)" == output.dtype)
    }
  }
}
