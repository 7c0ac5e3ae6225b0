import Glibc
import TesseraCore
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Inputs that have become others, and give fewer files or none where they gave some.
struct SurplusTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("two channels", to: "in/x.png")
    try folder.write("two others", to: "in/y.png")
  }

  @discardableResult
  private func run(
    _ source: String = "in", name: String? = nil, cancellation: Cancellation = Cancellation(),
    onProcess: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> RunSummary {
    let processor = try CopyProcessor(to: [folder.path("out")], name: name, onProcess: onProcess)
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path(source))])
    let options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
    return try BatchRun(processor, on: inputs, options: options).run(cancellation: cancellation)
  }

  /// Outputs, without what the run keeps for itself.
  private var outputs: [String] {
    folder.tree("out").filter { !$0.contains(".tessera") && !$0.hasSuffix("report.jsonl") }
      .map { String($0.dropFirst("out/".count)) }
  }

  @Test(
    "What an earlier state of an input gave and the present one does not is removed",
    arguments: [nil, "{stem}-{channel}.out", "{channel}/{stem}.out"] as [String?])
  func removed(name: String?) throws {
    try run(name: name)
    try folder.write("one alone", to: "in/x.png")
    let summary = try run(name: name)
    #expect(summary.exitStatus == .done && summary.warnedCount == 0)
    let kept = outputs.filter { !$0.hasSuffix("/") }
    let names =
      switch name {
      case nil: ["x.out", "y.0.out", "y.1.out"]
      case "{stem}-{channel}.out": ["x-0.out", "y-0.out", "y-1.out"]
      default: ["0/x.out", "0/y.out", "1/y.out"]
      }
    #expect(kept == names)
    #expect(try OutputVerification(of: folder.path("out")).findings == [])
    #expect(try run(name: name).progress.skippedCount == 2)
    // And back again.
    try folder.write("two again", to: "in/x.png")
    #expect(try run(name: name).exitStatus == .done)
    #expect(outputs.filter { !$0.hasSuffix("/") }.count == 4)
  }

  @Test("What has been changed since stays, with a warning")
  func changed() throws {
    try run()
    try folder.write("mine", to: "out/x.1.out")
    try folder.write("one alone", to: "in/x.png")
    let summary = try run()
    #expect(summary.exitStatus == .done && summary.warnedCount == 1)
    #expect(summary.warnings.first?.message.hasPrefix("'x.1.out' is of an earlier run") == true)
    #expect(outputs == ["x.1.out", "x.out", "y.0.out", "y.1.out"])
    #expect(folder.text("out/x.1.out") == "mine")
  }

  @Test(
    "An input that fails now, or a run that ends early, removes nothing", arguments: [true, false])
  func failing(isCancelled: Bool) throws {
    try run()
    let before = outputs
    try folder.write(isCancelled ? "slow" : "fail", to: "in/x.png")
    let cancellation = Cancellation()
    let summary = try run(cancellation: cancellation) { _ in
      if isCancelled { cancellation.cancel() }
    }
    #expect(summary.exitStatus == (isCancelled ? .interrupted : .failedInputs))
    #expect(outputs == before)
    try folder.write("one alone", to: "in/x.png")
    #expect(try run().exitStatus == .done)
    #expect(outputs == ["x.out", "y.0.out", "y.1.out"])
  }

  @Test(
    "A run that is killed before it removes them leaves them to the next", arguments: [true, false])
  func killed(isNamed: Bool) throws {
    try run()
    try folder.write("one alone", to: "in/x.png")
    let records = Locked<[UInt8]?>(nil)
    let path = folder.path("out/.tessera-records")
    try run { _ in records.withLock { $0 = try? FileSystem.content(of: path) } }
    // As it was in the midst of the second run.
    try folder.write(#require(records.withLock { $0 }), to: "out/.tessera-records")
    for name in ["x.0.out", "x.1.out"] { try folder.write("two channels", to: "out/\(name)") }
    if !isNamed { folder.remove("out/x.out") }
    #expect(try run().exitStatus == .done)
    #expect(outputs == ["x.out", "y.0.out", "y.1.out"])
  }

  @Test("What a killed run was only about to make stays: it may be somebody's")
  func begun() throws {
    try run()
    let lines = (folder.text("out/.tessera-records") ?? "").split(separator: "\n")
    try folder.write(
      lines.filter { $0.hasPrefix("record\tstarted") }.joined(separator: "\n") + "\n",
      to: "out/.tessera-records")
    try folder.write("mine", to: "out/x.1.out")
    try folder.write("one alone", to: "in/x.png")
    #expect(try run().exitStatus == .done)
    #expect(folder.text("out/x.1.out") == "mine" && outputs.contains("x.out"))
  }

  @Test("What another input writes now, or is one, stays")
  func others() throws {
    try run()
    try folder.write("one alone", to: "in/x.png")
    try folder.write("two channels", to: "in/x.1.png")
    _ = try run()
    #expect(folder.text("out/x.1.out") == "two channels")
  }

  @Test(
    "The output of an input of the same name in another folder stays",
    arguments: ["{root}-{stem}.out", "{parent}-{stem}.out", "{root}-{stem}-{channel}.out"])
  func otherRoots(name: String) throws {
    // Even where nothing but the folder tells them apart.
    for index in 0..<3 { try folder.write("two the same", to: "\(index)/x.png") }
    var count = 0
    for index in 0..<3 {
      #expect(try run("\(index)", name: name).exitStatus == .done)
      #expect(outputs.count > count)
      count = outputs.count
    }
    #expect(outputs.filter { $0.hasPrefix("0-x") }.count == count / 3)
  }
}
