import Glibc
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Reports: the order of their lines, and what they take the place of.
@Suite struct ReportWriterTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.makeFolder("out")
  }

  private static let line =
    #"{"source":"a","status":"ok","error":null,"outputs":[],"seconds":1}"# + "\n"

  /// Writes a report while something comes to lie under its name.
  private func written(
    overwriting: Bool = false, before: String? = nil, meanwhile: String? = nil
  ) throws -> FileError? {
    if let before { try folder.write(before, to: "out/r") }
    var report = try ReportWriter(at: folder.path("out/r"), overwriting: overwriting)
    report.add("b\n", at: 1)
    #expect(report.holds(1) && !report.holds(0) && !report.holds(2))
    report.add("a\n", at: 0)
    #expect(report.holds(0) && report.holds(1) && !report.holds(2))
    report.add("d\n", at: 3)
    report.add("c\n", at: 2)
    #expect(
      folder.tree("out").filter { !$0.hasSuffix("-part") } == (before == nil ? [] : ["out/r"]))
    if let meanwhile { try folder.write(meanwhile, to: "out/r") }
    report.finish()
    return report.error
  }

  @Test("Lines are in the order of their numbers, and the report replaces what was there")
  func order() throws {
    #expect(try written() == nil && folder.text("out/r") == "a\nb\nc\nd\n")
    #expect(try written(before: "old") == nil && folder.text("out/r") == "a\nb\nc\nd\n")
    #expect(folder.tree("out") == ["out/r"])
  }

  @Test("What somebody puts there meanwhile stays, unless it is another run's, or is to go")
  func meanwhile() throws {
    let error = FileError(.create, folder.path("out/r"), code: EEXIST)
    #expect(try written(meanwhile: "mine") == error)
    #expect(folder.text("out/r") == "mine" && folder.tree("out") == ["out/r"])
    folder.remove("out/r")
    #expect(try written(meanwhile: Self.line) == nil && folder.text("out/r") == "a\nb\nc\nd\n")
    folder.remove("out/r")
    #expect(try written(overwriting: true, meanwhile: "mine") == nil)
    #expect(folder.text("out/r") == "a\nb\nc\nd\n")
  }

  @Test("A report that cannot have its name is told and removed")
  func folderInPlace() throws {
    var report = try ReportWriter(at: folder.path("out/r"), overwriting: true)
    report.add(Self.line, at: 0)
    try folder.makeFolder("out/r")
    report.finish()
    #expect(report.error == FileError(.create, folder.path("out/r"), code: EISDIR))
    #expect(folder.tree("out") == ["out/r/"])
  }

  @Test("Without a file lines are dropped, and a folder that is missing is told")
  func without() throws {
    var report = try ReportWriter(at: nil)
    report.add(Self.line, at: 0)
    report.finish()
    #expect(report.error == nil && report.holds(0) && folder.tree("out") == [])
    let path = folder.path("none/r")
    let error = #expect(throws: FileError.self) { _ = try ReportWriter(at: path).error }
    #expect(error == FileError(.create, path, code: ENOENT))
  }

  @Test("Long reports are written piece by piece, whole and in order")
  func long() throws {
    var report = try ReportWriter(at: folder.path("out/r"))
    let lines = (0..<3000).map { "line \($0) \(String(repeating: "x", count: 40))\n" }
    for index in lines.indices.reversed() { report.add(lines[index], at: index) }
    report.finish()
    #expect(folder.text("out/r") == lines.joined())
  }

  @Test(
    "A report of a run is known by its first line and its last",
    arguments: [
      ("", true), (line, true), (line + line, true), (line + "x\n" + line, true),
      (String(line.dropLast()), false), ("x\n", false), (line + "x\n", false),
      ("x\n" + line, false), ("\n", false),
      (line.replacing(#""status":"ok""#, with: #""status":"not_run""#), true),
      (line.replacing(#""status":"ok""#, with: #""status":"good""#), false),
      (line.replacing(#""source":"a""#, with: #""source":1"#), false),
      (line.replacing(#""error":null,"#, with: ""), false),
      (line.replacing(#""outputs":[]"#, with: #""outputs":1"#), false),
      (line.replacing(#","seconds":1"#, with: ""), false),
    ])
  func free(_ text: String, _ isFree: Bool) throws {
    try folder.write(text, to: "out/r")
    #expect(ReportWriter.isFree(folder.path("out/r")) == isFree)
  }

  @Test("Nothing at all is free, a link or a folder is somebody's, and long lines are cut")
  func others() throws {
    #expect(ReportWriter.isFree(folder.path("out/none")))
    try folder.write(Self.line, to: "out/r")
    #expect(ReportWriter.isFree(folder.path("out/r/below")))
    folder.link("out/link", to: folder.path("out/r"))
    #expect(!ReportWriter.isFree(folder.path("out/link")))
    #expect(!ReportWriter.isFree(folder.path("out")))
    #expect(!ReportWriter.isFree(folder.path("out/" + String(repeating: "x", count: 300))))
    let end = String(repeating: "y", count: 1 << 20) + "\n"
    try folder.write(#"{"source":""# + end + Self.line, to: "out/long")
    #expect(ReportWriter.isFree(folder.path("out/long")))
    try folder.write(#"{"sources":""# + end + Self.line, to: "out/long")
    #expect(!ReportWriter.isFree(folder.path("out/long")))
  }
}

/// Names of files that tell of all outputs.
@Suite struct IndexPlacesTests {
  /// An index with two files, which are those of a run where they begin with "index".
  private final class Index: RunIndex {
    let paths: [String]
    init(_ paths: [String]) { self.paths = paths }
    func isFree(_ path: String) -> Bool {
      (try? FileSystem.content(of: path))?.starts(with: "index".utf8) == true
    }
    func add(_ item: Item, at index: Int, details: String?) {}
    func isSurplus(_ path: String) -> Bool { false }
    func finish() {}
    func discard() {}
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var index: any RunIndex { Index(["a", "b"].map { folder.path($0) }) }

  @Test("What an earlier run has left is taken away; what has been put there since stays")
  func removed() throws {
    try folder.write("index 1", to: "a")
    let places = try IndexPlaces(index, overwriting: false)
    try folder.write("index 2", to: "b")
    places.remove()
    #expect(folder.tree() == ["b"])
    let later = try IndexPlaces(index, overwriting: false)
    folder.remove("b")
    try folder.write("another", to: "b")
    later.remove()
    #expect(folder.text("b") == "another")
    try IndexPlaces(nil, overwriting: false).remove()
  }

  @Test("What is somebody's is refused by its name, a folder even where all is overwritten")
  func refused() throws {
    try folder.write("index 1", to: "a")
    try folder.write("mine", to: "b")
    #expect(throws: BatchError.indexExists(folder.path("b"))) {
      try IndexPlaces(index, overwriting: false)
    }
    try IndexPlaces(index, overwriting: true).remove()
    #expect(folder.tree() == [])
    try folder.makeFolder("a")
    #expect(throws: BatchError.indexExists(folder.path("a"))) {
      try IndexPlaces(index, overwriting: true)
    }
  }
}
