import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// What is there already where a run would write.
extension ResumeTests {
  @Test(
    "an input of whose outputs one cannot have its name loses none, and is done again",
    arguments: ["two new", "two channels", "two newer ones"])
  func refusedName(_ next: String) throws {
    try run()
    try folder.write("two new", to: "in/two.png")
    let path = folder.path("out/two.1.out")
    let processor = try CopyProcessor(
      to: [folder.path("out")],
      onProcess: { _ in
        // Somebody is faster than the run.
        FileSystem.remove(path)
        mkdir(path, 0o777)
      })
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    let summary = try BatchRun(processor, on: inputs, options: options).run()
    #expect(summary.failures.map(\.kind) == [.create] && summary.progress.skippedCount == 3)
    #expect(folder.text("out/two.0.out") == "two new")
    rmdir(folder.path("out/two.1.out"))
    // Even where the input is another one by now, what is there is known as the run's.
    try folder.write(next, to: "in/two.png")
    let again = try run()
    #expect(again.summary.exitStatus == .done && again.processed == ["two.png"])
    for name in ["two.0.out", "two.1.out"] { #expect(folder.text("out/\(name)") == next) }
    #expect(try run().processed == [])
  }

  @Test("files that no run has written are never replaced unasked, and in the way of one input")
  func foreign() throws {
    try folder.write("mine", to: "out/b.out")
    for _ in 0..<2 {
      let summary = try run().summary
      #expect(summary.failures.map(\.kind) == [.exists] && summary.failures[0].count == 1)
      #expect(summary.exitStatus == .failedInputs && summary.progress.failedCount == 1)
      #expect(folder.text("out/b.out") == "mine")
      #expect(!folder.tree("out").contains { $0.hasSuffix("-part") })
    }
  }

  @Test("without records, what holds the bytes that would be written is adopted as done")
  func adopted() throws {
    try run()
    let first = line("two.png")
    folder.remove("out/.tessera-records")
    folder.remove("out/c.out")
    try folder.write("mine", to: "out/a.out")
    let again = try run()
    #expect(again.processed.count == 4)
    let progress = again.summary.progress
    #expect(progress.skippedCount == 2 && progress.okCount == 1 && progress.failedCount == 1)
    #expect(progress.writtenByteCount == 9)
    #expect(line("two.png").contains("\"status\":\"skipped\""))
    let outputs = first.range(of: "\"outputs\":").map { first[$0...] }
    #expect(outputs.map { line("two.png").contains($0.dropLast(24)) } == true)
    folder.remove("out/a.out")
    #expect(try run().processed == ["a.png"])
  }

  @Test("an input that has become bad leaves its output known as it was")
  func becameBad() throws {
    try run()
    try folder.write("fail now", to: "in/b.png")
    #expect(try run().summary.failures.map(\.kind) == [.malformed])
    #expect(try OutputVerification(of: folder.path("out")).checkedCount == 5)
    try folder.write("good again", to: "in/b.png")
    #expect(try run().processed == ["b.png"])
    #expect(folder.text("out/b.out") == "good again")
  }

  @Test("a name that an input of this run failed to write is nobody's afterwards")
  func failedClaim() throws {
    try folder.write("fail", to: "in/b.png")
    try run()
    try folder.write("mine", to: "out/b.out")
    try folder.write("good", to: "in/b.png")
    #expect(try run().summary.failures.map(\.kind) == [.exists])
    #expect(folder.text("out/b.out") == "mine")
  }

  @Test("an input of another name does not take an output over, unless it would be the same")
  func otherName() throws {
    try run()
    folder.remove("in/a.png")
    try folder.write("another", to: "in/a.jpg")
    #expect(try run().summary.failures.map(\.kind) == [.exists])
    try folder.write("content a", to: "in/a.jpg")
    let run = try run()
    #expect(run.processed == ["a.jpg"] && run.summary.progress.skippedCount == 4)
  }

  @Test(
    "a link, a folder and a pipe are never taken for outputs",
    arguments: ["link", "folder", "pipe"])
  func otherKinds(kind: String) throws {
    try folder.write("content b", to: "elsewhere")
    try folder.makeFolder("out")
    switch kind {
    case "link": folder.link("out/b.out", to: folder.path("elsewhere"))
    case "folder": try folder.makeFolder("out/b.out")
    default: mkfifo(folder.path("out/b.out"), 0o600)
    }
    #expect(try run().summary.failures.map(\.kind) == [.exists])
    #expect(folder.text("elsewhere") == "content b")
  }

  @Test("a file per channel is in the way of its own input alone")
  func foreignChannel() throws {
    try folder.write("mine", to: "out/two.1.out")
    let summary = try run().summary
    #expect(summary.failures.map(\.kind) == [.exists])
    #expect(summary.progress.okCount == 3)
    #expect(folder.text("out/two.1.out") == "mine" && folder.text("out/two.0.out") == nil)
    // Where one of two is what would be written, the other is written beside it.
    try folder.write("two channels", to: "out/two.1.out")
    #expect(try run().summary.progress.okCount == 1)
    #expect(folder.text("out/two.0.out") == "two channels")
  }

  @Test("inputs are never replaced, whatever is asked for")
  func inputsStay() throws {
    var overwriting = options
    overwriting.overwrites = true
    folder.link("out", to: "in")
    let error = #expect(throws: BatchError.self) {
      let processor = try CopyProcessor(to: [folder.path("out")], fileExtension: "png")
      let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
      _ = try BatchRun(processor, on: inputs, options: overwriting).run()
    }
    guard case .inputWouldBeReplaced(let input, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // Of several it is the first.
    #expect(input == folder.path("in/a.png"))
    #expect(folder.text("in/a.png") == "content a")
  }

  @Test("two inputs for one output are refused before anything is written")
  func collision() throws {
    try folder.write("x", to: "in/a.jpg")
    let error = #expect(throws: BatchError.self) { try run() }
    let text = error?.description ?? ""
    #expect(
      text.contains("'\(folder.path("in/a.jpg"))' and '\(folder.path("in/a.png"))' would both"))
    #expect(text.contains("`name`"))
    #expect(error?.exitStatus == .cannotCreate)
    #expect(folder.tree("out") == [])
    #expect(try run(name: "{dir}/{stem}-{ext}.out").summary.exitStatus == .done)
  }

  @Test("a file per channel does not take the name of another input's output")
  func channelCollision() throws {
    try folder.write("x", to: "in/two.1.png")
    let summary = try run().summary
    #expect(summary.failures.map(\.kind) == [.conflict])
    #expect(folder.text("out/two.1.out") == "x")
  }
}

extension Substring {
  /// The place of `text`.
  fileprivate func range(of text: String) -> Index? {
    indices.first { self[$0...].hasPrefix(text) }
  }
}
