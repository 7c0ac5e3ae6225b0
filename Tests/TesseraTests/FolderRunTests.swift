import Foundation
import Synchronization
import Tessera
import Testing

/// How a run is ended by who is told of its progress.
private final class Ending: Sendable {
  let end = Mutex<(@Sendable () -> Void)?>(nil)
}

/// Folders run from code: once, again, with a failure, and until the task is cancelled.
struct FolderRunTests: ~Copyable {
  let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

  init() throws {
    try FileManager.default.createDirectory(
      atPath: "\(root)/in/deep", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  private func save(_ name: String, side: Int) throws {
    try NPYFileWriter(path: "\(root)/in/\(name)", shape: [3, side, side], elementType: .uint8)
      .finish()
  }

  private func files(in folder: String) -> [String] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
    return names.filter { $0.hasSuffix(".png") }.sorted()
  }

  private func pipeline(_ stages: [any Stage] = []) throws -> Pipeline {
    try Pipeline(stages: [Load { $0.exclude = ["skipped*"] }] + stages + [Encode()])
  }

  @Test("A folder is run, and a second time there is nothing to do")
  func twice() async throws {
    for (index, name) in ["a.npy", "b.npy", "deep/c.npy", "skipped.npy"].enumerated() {
      try save(name, side: 10 + index)
    }
    let last = Mutex(RunProgress())
    let first = try await pipeline().run(onFolder: "\(root)/in", to: "\(root)/out") { progress in
      last.withLock { $0 = progress }
    }
    #expect(first.exitStatus == .done && first.progress.okCount == 3)
    #expect(last.withLock { $0.endedCount } == 3)
    #expect(files(in: "out") == ["a.png", "b.png", "deep/c.png"])
    #expect(first.reportPath == "\(root)/out/report.jsonl")
    let again = try await pipeline().run(onFolder: "\(root)/in", to: "\(root)/out")
    #expect(again.exitStatus == .done && again.progress.skippedCount == 3)

    // With other settings, what is there has to be let go.
    let other = try pipeline([
      Pad { $0.amount = Pad.Amount(top: 1) }
    ])
    let refused = try await other.run(onFolder: "\(root)/in", to: "\(root)/out")
    #expect(refused.exitStatus == .failedInputs && refused.progress.failedCount == 3)
    let failures = refused.failures.flatMap(\.examples).map(\.failure)
    #expect(failures.map(\.kind) == [.exists, .exists, .exists])
    #expect(failures.allSatisfy { $0.message.contains("allow overwriting") })
    let report = try String(contentsOfFile: "\(root)/out/report.jsonl", encoding: .utf8)
    #expect(report.contains("allow overwriting") && !report.contains("--"))
    let replaced = try await other.run(onFolder: "\(root)/in", to: "\(root)/out", overwrites: true)
    #expect(replaced.exitStatus == .done && replaced.progress.okCount == 3)
  }

  @Test("Options count, and the pipeline's own folders are taken where no other is named")
  func options() async throws {
    for name in ["a.npy", "b.npy"] { try save(name, side: 20) }
    try Data("no image".utf8).write(to: URL(filePath: "\(root)/in/0.png"))
    var options = FolderOptions {
      $0.jobs = 1
      $0.failsFast = true
      $0.stateFolder = "\(root)/state"
    }
    let pipeline = try Pipeline(stages: [Load(), Encode(path: "\(root)/own", format: .png)])
    let stopped = try await pipeline.run(onFolder: "\(root)/in", options: options)
    #expect(stopped.progress.failedCount == 1 && stopped.notRunCount == 2)
    #expect(stopped.failures.map(\.kind) == [.malformed])
    options.failsFast = false
    let rest = try await pipeline.run(onFolder: "\(root)/in", options: options)
    #expect(rest.progress.okCount == 2 && rest.exitStatus == .failedInputs)
    #expect(files(in: "own") == ["a.png", "b.png"])
    #expect(FileManager.default.fileExists(atPath: "\(root)/state/records"))
    options.memoryLimit = 1
    let starved = try await pipeline.run(
      onFolder: "\(root)/in", to: "\(root)/small", options: options)
    let failure = starved.failures.first { $0.kind == .memory }?.examples.first?.failure
    #expect(failure?.message.hasSuffix("the run's limit allows 1 B") == true)
  }

  @Test("What refuses a run is thrown before anything is written")
  func refusals() async throws {
    let pipeline = try pipeline()
    await #expect(throws: DiscoveryError.self) {
      try await pipeline.run(onFolder: "\(root)/none", to: "\(root)/out")
    }
    await #expect(throws: DiscoveryError.self) {
      try await pipeline.run(onFolder: "\(root)/in", to: "\(root)/out")
    }
    await #expect(throws: PipelineFileError.self) {
      try await pipeline.run(onFolder: "\(root)/in")
    }
    try save("a.npy", side: 3)
    try save("a.x.npy", side: 3)
    let same = try Pipeline(stages: [Load(), Encode { $0.outputName = try? NameTemplate("x.png") }])
    let collision = await #expect(throws: BatchError.self) {
      try await same.run(onFolder: "\(root)/in", to: "\(root)/out")
    }
    #expect(collision?.description.contains(": stages[1].name=") == true)
    #expect(!FileManager.default.fileExists(atPath: "\(root)/out"))
  }

  @Test("A task that is cancelled before the run begins leaves every input to the next call")
  func cancelledBefore() async throws {
    for name in ["a.npy", "b.npy"] { try save(name, side: 5) }
    let (pipeline, root) = (try pipeline(), root)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await pipeline.run(onFolder: "\(root)/in", to: "\(root)/out")
    }
    let summary = try await task.value
    #expect(summary.isInterrupted && summary.notRunCount == 2 && summary.exitStatus == .interrupted)
    #expect(files(in: "out") == [])
    #expect(try await pipeline.run(onFolder: "\(root)/in", to: "\(root)/out").progress.okCount == 2)
  }

  @Test("A task that is cancelled ends the image in work, and leaves nothing of it")
  func cancelledAtWork() async throws {
    try save("a.npy", side: 1500)
    // Two million blocks of three thousand values: minutes of work.
    let pipeline = try pipeline([
      Normalize(), Unfold(Window(kernelSize: Size(32))),
      TransformConvolve { $0.bank = AnyKernelBank(Gaussian()) }, Fold(),
    ])
    let root = root
    // Asked from the run itself: other tests may keep all threads that tasks have.
    let own = Ending()
    let task = Task {
      try await pipeline.run(
        onFolder: "\(root)/in", to: "\(root)/out", options: FolderOptions { $0.jobs = 2 }
      ) { _ in own.end.withLock { $0?() } }
    }
    own.end.withLock { $0 = { task.cancel() } }
    let summary = try await task.value
    #expect(summary.isInterrupted && summary.notRunCount == 1 && summary.progress.okCount == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(root)/out")
    #expect(!left.contains { $0.hasSuffix("png") || $0.hasSuffix("part") })
  }
}
