import Glibc
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Outputs that are compared with what the records tell of them, one of them or a whole folder.
@Suite struct OutputVerificationTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["a", "x/b", "x/y/c"] {
      try folder.write("content of \(name)", to: "in/\(name).png")
    }
  }

  /// Copies "in" to "out", and to more folders.
  private func run(to others: [String] = [], state: String? = nil) throws {
    let folders = (["out"] + others).map { folder.path($0) }
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    var options = BatchOptions(recipe: "recipe", folder: folder.path("out"))
    options.otherFolders = Array(folders.dropFirst())
    options.stateFolder = state.map { folder.path($0) }
    #expect(
      try BatchRun(CopyProcessor(to: folders), on: inputs, options: options).run().exitStatus
        == .done)
  }

  private func verified(_ name: String, state: String? = nil) throws -> OutputVerification {
    try OutputVerification(of: folder.path(name), state: state.map { folder.path($0) })
  }

  @Test("What is wrong with an output is told with its input")
  func findings() throws {
    try run()
    #expect(try verified("out").checkedCount == 3 && verified("out").findings == [])
    try folder.write("CONTENT of a", to: "out/a.out")
    folder.remove("out/x/b.out")
    try folder.write("short", to: "out/x/y/c.out")
    let found = try verified("out")
    #expect(found.checkedCount == 3 && found.otherFolders == [])
    #expect(
      found.findings.map(\.description) == [
        "'a.out' (from 'a.png') has changed since the run wrote it",
        "'x/b.out' (from 'x/b.png') cannot be read: No such file or directory",
        "'x/y/c.out' (from 'x/y/c.png') has 5 bytes, the run wrote 16",
      ])
  }

  @Test("One output is looked for in the folders above it, and no other is told of")
  func single() throws {
    try run()
    try folder.write("changed", to: "out/a.out")
    for name in ["out/x/b.out", "out/x/y/c.out", "out/x/y/../b.out"] {
      let found = try verified(name)
      #expect(
        found.checkedCount == 1 && found.findings == [] && found.otherFolders == [], "\(name)")
    }
    try folder.write("CONTENT of x/y/c", to: "out/x/y/c.out")
    let found = try verified("out/x/y/c.out")
    #expect(
      found.findings == [
        .init(path: "x/y/c.out", source: "x/y/c.png", problem: .content)
      ])
    #expect(
      try verified("out/a.out").findings == [
        .init(path: "a.out", source: "a.png", problem: .size(7, recorded: 12))
      ])
    // What no record tells of is not looked at, and neither is what only has a name alike.
    try folder.write("x", to: "out/x/b.outer")
    #expect(try verified("out/x/b.outer").checkedCount == 0)
    #expect(try verified("in/a.png").checkedCount == 0)
  }

  @Test("Outputs in another folder of the run are found by what its records refer to")
  func references() throws {
    try run(to: ["more"])
    try folder.write("changed", to: "out/a.out")
    try folder.write("changed", to: "more/x/b.out")
    let other = try verified("more")
    #expect(other.checkedCount == 3 && other.otherFolders == [folder.path("out")])
    #expect(
      other.findings == [
        .init(path: "x/b.out", source: "x/b.png", problem: .size(7, recorded: 14))
      ])
    let whole = try verified("out")
    #expect(whole.checkedCount == 6 && whole.otherFolders == [])
    #expect(whole.findings.map(\.path) == ["a.out", "../more/x/b.out"])
    let single = try verified("more/x/b.out")
    #expect(single.checkedCount == 1 && single.otherFolders == [])
    #expect(single.findings.map(\.path) == ["x/b.out"])
  }

  @Test("Records that are kept apart tell of the folder of the outputs, and of it alone")
  func apart() throws {
    try run(to: ["more"], state: "state")
    try folder.write("changed", to: "more/a.out")
    #expect(try verified("out").checkedCount == 0)
    let first = try verified("out", state: "state")
    #expect(first.checkedCount == 6 && first.findings.map(\.path) == ["../more/a.out"])
    let second = try verified("more", state: "state")
    #expect(second.checkedCount == 3 && second.findings.map(\.path) == ["a.out"])
    let single = try verified("more/a.out", state: "state")
    #expect(single.checkedCount == 1 && single.findings.map(\.path) == ["a.out"])
    // Where the records are is known: no folder above is looked at.
    #expect(try verified("out/x/b.out", state: "state").checkedCount == 1)
  }

  @Test("What is not there is an error, and an ended reading finds nothing")
  func ended() throws {
    let missing = #expect(throws: FileError.self) { try verified("out") }
    #expect(missing?.path == folder.path("out") && missing?.code == ENOENT)
    try run()
    try folder.write("changed", to: "out/a.out")
    let found = try OutputVerification(
      of: folder.path("out"), cancellation: Cancellation { true })
    #expect(found.checkedCount == 0 && found.findings == [])
  }
}
