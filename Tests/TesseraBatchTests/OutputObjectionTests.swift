import Glibc
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Why an output may not be written where it would go, as a dry run and a run tell it.
@Suite struct OutputObjectionTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("content", to: "in/a.png")
  }

  private func run(
    name: String? = nil, overwrites: Bool = false, recipe: String = "recipe", report: String? = nil,
    state: String? = nil, oneFile: Bool = false
  ) throws -> BatchRun<CopyProcessor> {
    var options = BatchOptions(recipe: recipe, folder: folder.path("out"))
    options.overwrites = overwrites
    options.writesOneFile = oneFile
    options.stateFolder = state.map { folder.path($0) }
    if let report { options.reportPath = folder.path(report) }
    return BatchRun(
      try CopyProcessor(to: [folder.path("out")], name: name),
      on: try InputDiscovery().inputs(in: [.path(folder.path("in"))]), options: options)
  }

  /// What a dry run and then a run say of the only input.
  private func causes(
    name: String? = nil, overwrites: Bool = false, recipe: String = "recipe"
  ) throws -> [InputFailure.Cause?] {
    let run = try run(name: name, overwrites: overwrites, recipe: recipe)
    let planned = try run.plan().map { outcome -> InputFailure.Cause? in
      if case .failed(_, let failure) = outcome { failure.cause } else { nil }
    }
    return planned + [try run.run().failures.first?.examples.first?.failure.cause]
  }

  @Test("Names of a run's own files are reserved, and those that only look like them are not")
  func reserved() throws {
    for name in ["a", ".tesserax", ".tessera", ".tesser"] {
      try folder.write("content", to: "in/\(name).png")
    }
    var options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
    options.reportPath = folder.path("out/a.out")
    let inputs = try InputDiscovery().inputs(
      in: ["a", ".tesserax", ".tessera", ".tesser"].map { .path(folder.path("in/\($0).png")) })
    let outcomes = try BatchRun(
      CopyProcessor(to: [folder.path("out")]), on: inputs, options: options
    ).plan()
    let causes = outcomes.map { outcome -> InputFailure.Cause? in
      if case .failed(_, let failure) = outcome { failure.cause } else { nil }
    }
    #expect(
      causes == [
        nil, .outputIsReserved(".tessera.out"), .outputIsReserved(".tesserax.out"),
        .outputIsReserved("a.out"),
      ])
  }

  @Test("What is there decides: folders and links stay, other pipelines' outputs are told apart")
  func there() throws {
    try folder.makeFolder("out/a.out")
    #expect(try causes() == [.outputIsFolder("a.out"), .outputIsFolder("a.out")])
    #expect(try causes(overwrites: true) == [.outputIsFolder("a.out"), .outputIsFolder("a.out")])
    folder.removeAll("out/a.out")
    folder.link("out/a.out", to: folder.path("nowhere"))
    #expect(try causes() == [.outputExists("a.out"), .outputExists("a.out")])
    folder.remove("out/a.out")
    #expect(try causes() == [nil, nil])
    let other = InputFailure.Cause.outputOfOtherPipeline("a.out")
    #expect(try causes(recipe: "other") == [other, other])
    #expect(try causes(overwrites: true, recipe: "other") == [nil, nil])
  }

  @Test("A name that is too long, and a way that leads through a file or a link, are told")
  func ways() throws {
    let long = String(repeating: "x", count: 256)
    let path = folder.path("out/\(long)")
    let cause = InputFailure.Cause.output(FileError(.create, path, code: ENAMETOOLONG))
    #expect(try causes(name: long) == [cause, cause])
    folder.link("out/link", to: folder.path("in"))
    let behind = InputFailure.Cause.outputBehindLink("link/b", link: "link")
    #expect(try causes(name: "link/b") == [behind, behind])
    try folder.write("x", to: "out/file")
    let through = try causes(name: "file/b")
    #expect(
      through == [
        .output(FileError(.create, folder.path("out/file"), code: ENOTDIR)),
        .output(FileError(.create, folder.path("out/file"), code: ENOTDIR)),
      ])
  }

  @Test("An output is never an input, whatever is overwritten")
  func input() throws {
    let input = folder.path("in/a.png")
    try folder.makeFolder("out")
    #expect(link(input, folder.path("out/a.out")) == 0)
    let error = BatchError.inputWouldBeReplaced(input: input, output: folder.path("out/a.out"))
    for overwrites in [false, true] {
      #expect(throws: error) { try run(overwrites: overwrites).run() }
      #expect(throws: error) { try run(overwrites: overwrites).plan() }
    }
    #expect(folder.tree("out") == ["out/a.out"] && folder.text("in/a.png") == "content")
  }

  @Test("A report that is somebody's refuses a run, with where it lies")
  func report() throws {
    try folder.write("mine", to: "state/r")
    for (oneFile, isState) in [(false, false), (true, true)] {
      let error = BatchError.reportExists(folder.path("state/r"), inStateFolder: isState)
      let run = try run(report: "state/r", state: "state", oneFile: oneFile)
      #expect(throws: error) { try run.plan() }
      #expect(throws: error) { try run.run() }
    }
    #expect(folder.tree() == ["in/", "in/a.png", "state/", "state/r"])
    let folderError = BatchError.file(FileError(.create, folder.path("state"), code: EISDIR))
    #expect(throws: folderError) { try run(overwrites: true, report: "state").run() }
    let apart = BatchError.reportExists(folder.path("state/r"), inStateFolder: false)
    #expect(throws: apart) { try run(report: "state/r", oneFile: true).run() }
    #expect(folder.tree() == ["in/", "in/a.png", "state/", "state/r"])
  }

  @Test("The folder of a report is made, and goes where it cannot be made whole")
  func reportFolder() throws {
    #expect(try run(report: "new/deep/r").run().exitStatus == .done)
    #expect(folder.text("new/deep/r")?.hasPrefix(#"{"source":"a.png","status":"ok""#) == true)
    folder.removeAll("out")
    let path = folder.path("in/a.png/x")
    #expect(throws: BatchError.file(FileError(.create, path, code: ENOTDIR))) {
      try run(report: "in/a.png/x/r").run()
    }
    #expect(folder.tree("out") == [])
  }

  @Test("What one image alone needs is held against the machine, and little is not asked for")
  func memory() throws {
    let kept = Locked<[Int]>([])
    func objection(_ byteCount: Int) -> InputFailure.Cause? {
      MemoryBudget.objection(to: byteCount) { count in kept.withLock { $0.append(count) } }?.cause
    }
    let machine = try #require(MachineMemory.current)
    #expect(objection(0) == nil && objection(16 << 20) == nil)
    #expect(kept.withLock { $0 } == [])
    #expect(objection(16 << 20 + 1) == nil)
    #expect(kept.withLock { $0 } == [machine.freeByteCount - (16 << 20 + 1)])
    let most = machine.freeByteCount
    #expect(
      objection(most + 1) == .memoryOfMachine(needed: most + 1, limit: machine.description))
    #expect(kept.withLock { $0.count } == 1)
  }
}
