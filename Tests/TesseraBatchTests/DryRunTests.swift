import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

struct DryRunTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a dry run tells what would be written, and writes nothing")
  func plan() throws {
    try folder.write("one", to: "in/a.png")
    try folder.write("two", to: "in/b.png")
    try folder.write("misfit", to: "in/c.png")
    let processor = try CopyProcessor(to: [folder.path("out")])
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    let run = BatchRun(
      processor, on: inputs,
      options: BatchOptions(recipe: "", folder: folder.path("out"), jobs: 2))
    let outcomes = try run.plan()
    let outputs = outcomes.map { outcome in
      switch outcome {
      case .planned(_, let plan): plan.outputs.map { Path.name(of: $0) }
      case .done: ["done"]
      case .failed(_, let failure): [failure.kind.rawValue]
      }
    }
    #expect(outputs == [["a.out"], ["b.0.out", "b.1.out"], ["plan"]])
    #expect(folder.tree() == ["in/", "in/a.png", "in/b.png", "in/c.png"])
  }

  @Test("what can never have its memory would fail, by itself or with its shard")
  func memory() throws {
    try folder.write("small", to: "in/a.png")
    try folder.write(String(repeating: "large", count: 40), to: "in/b.png")
    let processor = try CopyProcessor(to: [folder.path("out")])
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    var options = BatchOptions(recipe: "", folder: folder.path("out"))
    options.memoryLimit = 100
    let failures = try BatchRun(processor, on: inputs, options: options).plan().map {
      outcome -> InputFailure.Cause? in
      if case .failed(_, let failure) = outcome { failure.cause } else { nil }
    }
    #expect(failures == [nil, .memory(needed: 200, allowed: 100)])
  }

  @Test("what may not be written where something lies is known before anything is read")
  func objections() throws {
    for name in ["a", "b", "c"] { try folder.write(name, to: "in/\(name).png") }
    try folder.makeFolder("out/a.out")
    try folder.write("else", to: "c.out")
    folder.link("out/c.out", to: folder.path("c.out"))
    let processor = try CopyProcessor(to: [folder.path("out")])
    var options = BatchOptions(recipe: "", folder: folder.path("out"))
    options.memoryLimit = 100
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    let failures = try BatchRun(processor, on: inputs, options: options).plan().compactMap {
      outcome -> InputFailure? in
      if case .failed(_, let failure) = outcome { failure } else { nil }
    }
    #expect(failures.map(\.kind) == [.exists, .exists], "\(failures)")
    #expect(failures.map(\.isPlanning) == [true, true], "\(failures)")
  }
}
