import TesseraTestSupport

@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraThreads

/// A folder of texts that are gathered into files of three.
struct ShardWorkshop {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  struct Run {
    let processor: GatherProcessor
    let summary: RunSummary
    /// Names of the items that were processed, sorted.
    var processed: [String] { processor.processed.withLock { $0.sorted() } }
  }

  /// Writes `count` items, fewer than eleven, so that their names sort as their numbers do.
  func write(_ count: Int) throws {
    for index in 0..<count { try folder.write("text \(index)", to: "in/\(index).png") }
  }

  func inputs() throws -> DiscoveredInputs {
    try InputDiscovery().inputs(in: [.path(folder.path("in"))])
  }

  func run(
    jobs: Int = 1, itemsPerShard: Int = 3, memory: Int? = nil, failsFast: Bool = false,
    overwrites: Bool = false, cancellation: Cancellation = Cancellation(),
    fileName: @escaping @Sendable (Int) -> String = { "part-\($0).txt" },
    delay: @escaping @Sendable (Item) -> Int = { _ in 0 },
    onProcess: @escaping @Sendable (Int) -> Void = { _ in },
    onOpening: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> Run {
    let processor = GatherProcessor(
      to: folder.path("out"), itemsPerShard: itemsPerShard, fileName: fileName, delay: delay,
      onProcess: onProcess, onOpening: onOpening)
    var options = BatchOptions(recipe: "recipe", folder: folder.path("out"), jobs: jobs)
    options.memoryLimit = memory
    options.failsFast = failsFast
    options.overwrites = overwrites
    let summary = try BatchRun(processor, on: inputs(), options: options)
      .run(cancellation: cancellation)
    return Run(processor: processor, summary: summary)
  }

  /// What a dry run says of each item, in a word.
  func plan() throws -> [String] {
    let processor = GatherProcessor(to: folder.path("out"), itemsPerShard: 3)
    let options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
    return try BatchRun(processor, on: inputs(), options: options).plan().map { outcome in
      switch outcome {
      case .planned: "planned"
      case .done: "done"
      case .failed: "failed"
      }
    }
  }

  /// The report's lines without their times.
  func report() -> [String] {
    (folder.text("out/report.jsonl") ?? "").split(separator: "\n").map { line in
      let end = line.indices.first { line[$0...].hasPrefix(",\"seconds\":") }
      return String(line[..<(end ?? line.endIndex)])
    }
  }

  /// The status in each of the report's lines.
  func statuses() -> [String] {
    report().map { line in
      ["ok", "failed", "skipped", "not_run"].first { line.contains("\"status\":\"\($0)\"") } ?? ""
    }
  }
}
