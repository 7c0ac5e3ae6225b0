import Glibc
import TesseraFiles
import Testing

@testable import TesseraBatch

/// Why there is nothing to process, word for word.
@Suite struct DiscoveryErrorTests {
  typealias Case = ToldError<DiscoveryError>

  private static let wide =
    "is UTF-16 or UTF-32 text, as some shells write it: expected UTF-8; save it as that, in "
    + "PowerShell with Out-File -Encoding utf8"

  private static let pipe = FirstFound([SpecialFile("in/p", .pipe)].compactMap(\.self))

  static let cases: [Case] = [
    Case(
      .unreadable(FileError(.read, "in", code: EACCES)), "unreadable", "in", .nothingToDo,
      "cannot read 'in': Permission denied"),
    Case(
      .outputFolderUnknown(FileError(.create, "o", code: EIO)), "create", "o", .cannotCreate,
      "cannot create 'o': Input/output error"),
    Case(
      .listOfWideCharacters("-"), "unreadable", "-", .nothingToDo,
      "the list on standard input \(wide)"),
    Case(
      .listOfWideCharacters("l\n"), "unreadable", "l\n", .nothingToDo, "the list 'l\\n' \(wide)"),
    Case(
      .nothingMatches([.path("in")], skippedCount: 0, kinds: "PNG or JPEG"), "no_input", "in",
      .nothingToDo, "nothing to process: no image in 'in'"),
    Case(
      .nothingMatches([.list("-"), .list("l"), .path("in")], skippedCount: 1, kinds: "PNG"),
      "no_input", "-", .nothingToDo,
      "nothing to process: no image in the list on standard input, the list 'l', 'in'; passed "
        + "over 1 that is not PNG"),
    Case(
      .nothingMatches(
        [.list("l")], skippedCount: 2, kinds: "PNG",
        specialFiles: pipe,
        warnings: ["one", "two"]), "no_input", "l", .nothingToDo,
      "nothing to process: no image in the list 'l'; passed over 2 that are not PNG; passed over: "
        + "'in/p' is a FIFO\none\ntwo"),
    Case(
      .nothingMatches([], skippedCount: 0, kinds: "PNG"), "no_input", nil, .nothingToDo,
      "nothing to process: no image in "),
    Case(
      .outputFolderIsInput("in"), "conflict", "in", .badPipeline,
      "'in' is both read and written: write to another folder, or load a glob such as 'in/*.jpg'"),
    Case(
      .malformed(path: "m.json", "m.json: no list"), "unreadable", "m.json", .nothingToDo,
      "m.json: no list"),
    Case(
      .cancelled, "interrupted", nil, .interrupted,
      "interrupted while looking for inputs; nothing has been written"),
  ]

  @Test("Every error has its sentence, kind, file and exit status", arguments: cases)
  func told(_ wanted: Case) {
    #expect(wanted.error.description == wanted.sentence)
    #expect(wanted.error.kind == wanted.kind)
    #expect(wanted.error.path == wanted.path)
    #expect(wanted.error.exitStatus == wanted.status)
  }

  @Test("What ends the reading of a source is told apart from what fails it")
  func reading() {
    let error = FileError(.read, "x", code: EIO)
    #expect(throws: DiscoveryError.unreadable(error)) {
      try DiscoveryError.reading { () throws(FileError) in throw error }
    }
    #expect(throws: DiscoveryError.cancelled) {
      try DiscoveryError.reading { () throws(FileError) in throw FileError.cancelled("x") }
    }
  }

  @Test("What is read by waiting has a word for itself")
  func special() {
    let kinds: [FileStatus.Kind] = [.pipe, .socket, .device]
    let found = kinds.compactMap { SpecialFile("in/x", $0) }
    #expect(found.map(\.word) == ["fifo", "socket", "device"])
    #expect(
      found.map(\.description) == [
        "'in/x' is a FIFO", "'in/x' is a socket", "'in/x' is a device",
      ])
    for kind in [FileStatus.Kind.file, .link, .folder] { #expect(SpecialFile("x", kind) == nil) }
  }

  @Test("Of more than three that are passed over the rest is counted by kinds")
  func line() {
    let kinds: [FileStatus.Kind] = [
      .pipe, .pipe, .socket, .pipe, .socket, .socket, .device, .device,
    ]
    let all = kinds.enumerated().compactMap { SpecialFile("in/\($0.offset)", $0.element) }
    #expect(SpecialFile.line(of: []) == nil)
    #expect(
      SpecialFile.line(of: FirstFound(all.prefix(3)))
        == "passed over: 'in/0' is a FIFO, 'in/1' is a FIFO, 'in/2' is a socket")
    #expect(
      SpecialFile.line(of: FirstFound(all))
        == "passed over: 'in/0' is a FIFO, 'in/1' is a FIFO, 'in/2' is a socket, and 1 more FIFO, "
        + "2 more sockets, 2 more devices")
    let many = FirstFound((0...1000).compactMap { SpecialFile("x/\($0)", .pipe) })
    #expect(
      SpecialFile.line(of: many)
        == "passed over: 'x/0' is a FIFO, 'x/1' is a FIFO, 'x/10' is a FIFO, and 998 more FIFOs, "
        + "sockets and devices")
  }
}
