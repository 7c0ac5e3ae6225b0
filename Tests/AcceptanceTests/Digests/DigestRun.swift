import Foundation
import Testing

/// One batch run with one set of kernels.
struct DigestRun {
  let cases: [DigestCase]
  /// What was found, by key; see `DigestTable`.
  private(set) var findings: [String: String] = [:]
  private let folder: TemporaryFolder
  private let kernels: String

  init(_ batch: DigestBatch, kernels: String) throws {
    folder = try TemporaryFolder()
    self.kernels = kernels
    cases = try batch.cases(in: folder)
    for each in cases { try run(each) }
    try digestPixels()
  }

  private mutating func run(_ each: DigestCase) throws {
    let pipeline = "pipelines/\(each.name)/pipeline.json"
    try folder.write(each.text, to: pipeline)
    for (name, bytes) in each.files {
      try folder.write(bytes, to: "pipelines/\(each.name)/\(name)")
    }
    let parts = each.files.sorted { $0.key < $1.key }.map { $0.key + XXHash.digest($0.value) }
    findings["text \(each.name) -"] = XXHash.digest(each.text + parts.joined())

    // Not --output: where a pipeline has several folders, they matter.
    let outcome = try Command.run(
      ["run", pipeline, "--input", each.input, "--quiet"], in: folder.path,
      environment: ["TESSERA_ISA": kernels])
    let output = "pipelines/\(each.output)"
    let reports = folder.files(in: output).filter { $0.hasSuffix("report.jsonl") }
    guard reports.count == 1 else {
      let said = outcome.errors.replacingOccurrences(of: folder.path, with: "")
      findings["run \(each.name) -"] = "\(outcome.status) none \(XXHash.digest(said))"
      return
    }
    let place = "\(output)/\(reports[0])".dropLast("/report.jsonl".count)
    for line in try folder.report(in: String(place)) {
      // Wherever the report stands, files are named from the folder of all of them.
      let files = line.outputs.map { file in
        var file = file
        let path = URL(fileURLWithPath: folder.path("\(place)/\(file.path)")).standardized.path
        file.path = String(path.dropFirst(folder.path(output).count + 1))
        return file
      }
      findings["run \(each.name) \(line.source)"] =
        "\(outcome.status) \(summary(of: line, files))"
      for file in files {
        let key = "file \(each.name) \(file.path)"
        findings[key] = XXHash.digest(try folder.bytes("\(output)/\(file.path)"))
        if file.path.hasSuffix(".npy") { try keep("\(output)/\(file.path)", as: key) }
      }
    }
  }

  /// How an input ended, and the digest of everything but files that the report tells of it.
  private func summary(of line: ReportLine, _ files: [ReportLine.Output]) -> String {
    if let kind = line.failureKind {
      let message = (line.failureMessage ?? "").replacingOccurrences(of: folder.path, with: "")
      return "\(line.status):\(kind) \(XXHash.digest(message))"
    }
    var figures = ["channels", "height", "width", "partial", "blocks", "saturated"].map {
      "\($0) \(line.values[$0] ?? "-")"
    }
    figures += line.metrics.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    figures += line.warnings
    figures += files.map { "\($0.path) \($0.shape) \($0.dtype)" }
    return "\(line.status) \(XXHash.digest(figures.joined(separator: "\n")))"
  }

  /// Puts the digest of the pixels before that of the bytes, for files that are no arrays.
  private mutating func digestPixels() throws {
    let pictures = findings.keys.filter(DigestTable.isPicture)
    guard !pictures.isEmpty else { return }
    try folder.write(
      """
      { "version": 1, "stages": [
        {
          "stage": "load", "path": "pipelines", "include": ["*.png", "*.jpg", "*.tif", "*.webp"],
          "orientation": "ignore"
        },
        { "stage": "encode", "path": "values", "format": "npy", "name": "{dir}/{stem}-{ext}.npy" }
      ] }
      """, to: "values.json")
    _ = try Command.run(["run", "values.json", "--quiet"], in: folder.path)
    for key in pictures {
      let path = try #require(valuesPath(of: key))
      findings[key] = "\(XXHash.digest(try folder.bytes(path))) \(findings[key] ?? "")"
      try keep(path, as: key)
    }
  }

  /// The array with the values of an output.
  private func valuesPath(of key: String) -> String? {
    let words = key.split(separator: " ").map(String.init)
    guard words[0] == "file", let output = cases.first(where: { $0.name == words[1] })?.output
    else { return nil }
    if words[2].hasSuffix(".npy") { return "pipelines/\(output)/\(words[2])" }
    guard DigestTable.isPicture(key) else { return nil }
    let name = words[2].split(separator: ".")
    return "values/\(output)/\(name.dropLast().joined(separator: "."))-\(name[name.count - 1]).npy"
  }
}

extension DigestRun {
  /// The folder that keeps the values of all outputs, where the environment names one.
  private static let keptFolder = ProcessInfo.processInfo.environment["TESSERA_DIGESTS_FOLDER"]

  private func keptPath(_ key: String) -> String? {
    let name = key.split(separator: " ").dropFirst().joined(separator: "/")
    return Self.keptFolder.map { "\($0)/\(kernels)/\(name).npy" }
  }

  /// Keeps an array unless an earlier build has.
  private func keep(_ path: String, as key: String) throws {
    guard let kept = keptPath(key), !FileManager.default.fileExists(atPath: kept) else { return }
    try FileManager.default.createDirectory(
      atPath: (kept as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder.path(path), toPath: kept)
  }

  /// Where the values of an output first differ from those that an earlier build has kept.
  func firstDifference(in key: String) -> String {
    guard let kept = keptPath(key), let path = valuesPath(of: key),
      let before = try? NPYFile.values(of: kept),
      let after = try? NPYFile.values(of: folder.path(path))
    else { return "" }
    guard before.shape == after.shape else { return "shape \(before.shape), now \(after.shape)" }
    let places = before.values.indices.filter {
      before.values[$0].bitPattern != after.values[$0].bitPattern
    }
    guard let place = places.first else { return "the same values as those kept" }
    return "value \(place) of \(before.shape) was \(before.values[place]), now "
      + "\(after.values[place]); \(places.count) differ"
  }
}
