import Glibc
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// The folder of a run: what refuses it, and what is left of one that was refused.
@Suite struct RunFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func options(state: String? = nil) -> BatchOptions {
    var options = BatchOptions(recipe: "r", folder: folder.path("out"))
    options.stateFolder = state.map { folder.path($0) }
    return options
  }

  private func open(
    _ name: String = "out", others: [String] = [], state: String? = nil
  ) throws -> RunFolder {
    try RunFolder(
      RunPlaces(folder.path(name), state: state.map { folder.path($0) }),
      others: others.map { folder.path($0) }, options(state: state))
  }

  private func check(_ name: String = "out", others: [String] = [], state: String? = nil) throws {
    try RunFolder.check(
      RunPlaces(folder.path(name), state: state.map { folder.path($0) }),
      others: others.map { folder.path($0) })
  }

  @Test("What a run that is refused has made goes, and nothing else")
  func withdrawn() throws {
    try folder.makeFolder("there")
    let first = try open("there/new/deep")
    #expect(
      folder.tree() == [
        "there/", "there/new/", "there/new/deep/", "there/new/deep/.tessera-lock",
        "there/new/deep/.tessera-records",
      ])
    first.withdraw()
    first.release()
    #expect(folder.tree() == ["there/"])
    let second = try open("there")
    try second.append([])
    second.withdraw()
    #expect(folder.tree("there") == [])
  }

  @Test("Records that have lines, or were there before, outlive a run that is refused")
  func kept() throws {
    try folder.write("", to: "out/.tessera-records")
    try open().withdraw()
    #expect(folder.tree("out") == ["out/.tessera-records"])
    folder.remove("out/.tessera-records")
    let begun = try open()
    try begun.begin(in: folder.path("out/sub"))
    try begun.begin(in: folder.path("out/./sub"))
    try begun.begin(in: folder.path("out"))
    begun.withdraw()
    #expect(folder.text("out/.tessera-records") == RecordLine.begun("./sub").text)
  }

  @Test("Where another folder cannot refer to the records, nothing of the run is left")
  func notReferring() throws {
    try folder.makeFolder("more")
    folder.link("more/.tessera-records", to: folder.path("nowhere"))
    let path = folder.path("more/.tessera-records")
    #expect(throws: BatchError.file(FileError(.create, path, code: ELOOP))) {
      try open("out/deep", others: ["more"])
    }
    #expect(folder.tree() == ["more/", "more/.tessera-records"])
    #expect(throws: BatchError.file(FileError(.create, path, code: ELOOP))) {
      try check("out/deep", others: ["more"])
    }
  }

  @Test("A folder that cannot be made leaves none of those that could")
  func notMade() throws {
    try folder.write("x", to: "file")
    let error = BatchError.file(FileError(.create, folder.path("file/sub"), code: ENOTDIR))
    #expect(throws: error) { try open("new/deep", others: ["file/sub"]) }
    #expect(folder.tree() == ["file"])
  }

  @Test(
    "Records that are somebody's are refused, and told apart from those of another folder",
    arguments: [nil, "state"])
  func foreign(_ state: String?) throws {
    let records = state == nil ? "out/.tessera-records" : "state/records"
    try folder.write("my own records", to: records)
    let error = BatchError.recordsExist(folder.path(records), inStateFolder: state != nil)
    #expect(throws: error) { try open(state: state) }
    #expect(throws: error) { try check(state: state) }
    if state == nil {
      #expect(throws: error) { try check("x", others: ["out"]) }
      #expect(throws: error) { try open("x", others: ["out"]) }
    }
    #expect(folder.text(records) == "my own records")
    #expect(folder.tree().filter { $0.hasSuffix("lock") } == [])
  }

  @Test("What is no file under the name of lock or records is told before anything is made")
  func checked() throws {
    try check()
    #expect(folder.tree() == [])
    for name in [".tessera-lock", ".tessera-records"] {
      for code in [ELOOP, EISDIR] {
        let path = "out/\(name)"
        if code == ELOOP {
          try folder.makeFolder("out")
          folder.link(path, to: folder.path("out"))
        } else {
          try folder.makeFolder(path)
        }
        let error = BatchError.file(FileError(.create, folder.path(path), code: code))
        #expect(throws: error) { try check() }
        #expect(throws: error) { try check("other", others: ["out"]) }
        folder.removeAll("out")
      }
    }
    try folder.write("x", to: "out")
    #expect(throws: BatchError.self) { try check() }
    #expect(throws: BatchError.self) { try check("out/sub") }
  }

  @Test("Folders count once, by whatever links they are reached")
  func distinct() throws {
    for name in ["a", "b"] { try folder.makeFolder(name) }
    folder.link("c", to: folder.path("a"))
    let names = ["a", "./b", "c", "b", "new", "new/."].map { folder.path($0) }
    #expect(
      RunFolder.distinct(names, from: folder.path("c")) == [
        folder.path("./b"), folder.path("new"),
      ])
  }
}

/// Names that a run keeps for itself.
@Suite struct OwnFilesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func held(_ options: BatchOptions, _ names: [String]) -> [String] {
    let files = OwnFiles(options)
    return names.filter { files.hold(folder.path($0)) }
  }

  @Test("A file has the place of one of them or lies below it, by whatever links")
  func places() throws {
    try folder.makeFolder("out")
    folder.link("link", to: folder.path("out"))
    var options = BatchOptions(recipe: "", folder: folder.path("out"))
    options.otherFolders = [folder.path("more")]
    let names = [
      "out/report.jsonl", "out/report.jsonl/a", "out/report.jsonlx", "out/sub/report.jsonl",
      "report.jsonl", "out/.tessera-records", "out/.tessera-lock/x/y", "link/report.jsonl",
      "out/x/../report.jsonl", "more/.tessera-records", "more/.tessera-lock", "more/report.jsonl",
      "other/.tessera-lock", "out/records", "out", "outer/report.jsonl",
    ]
    #expect(
      held(options, names) == [
        "out/report.jsonl", "out/report.jsonl/a", "out/.tessera-records", "out/.tessera-lock/x/y",
        "link/report.jsonl", "out/x/../report.jsonl", "more/.tessera-records",
        "more/.tessera-lock",
      ])
    options.stateFolder = folder.path("out/state")
    options.reportPath = nil
    #expect(held(options, names) == [])
    #expect(
      held(options, ["out/state/records", "out/state/lock", "out/state/lock/x", "out/state/x"])
        == ["out/state/records", "out/state/lock", "out/state/lock/x"])
  }
}
