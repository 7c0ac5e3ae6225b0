import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// What is kept of things that may be a million.
struct FirstFoundTests {
  @Test(
    "The first thousand by the bytes of their paths are kept, and all are counted",
    arguments: [0, 1, 3, 999, 1000, 1001, 1999, 2000, 2001, 7000], [1, 2] as [UInt64])
  func kept(_ count: Int, _ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let paths = (0..<count).map { "in/\($0)/\u{E9}" }
    var found = FirstFound<FileError>()
    for path in paths.shuffled(using: &random) { found.add(FileError(.read, path, code: EACCES)) }
    found.sort()
    #expect(found.count == count && found.isEmpty == (count == 0))
    let first = paths.sorted { PathKey($0) < PathKey($1) }.prefix(1000)
    #expect(found.kept.map(\.path) == Array(first))
    #expect(found == FirstFound(paths.map { FileError(.read, $0, code: EACCES) }))
  }

  @Test(
    "Of very many special files their number is told",
    arguments: [
      (1, "passed over: 'in/0' is a FIFO"),
      (5, "'in/2' is a FIFO, and 2 more FIFOs"),
      (1000, "'in/10' is a FIFO, and 997 more FIFOs"),
      (1001, "'in/10' is a FIFO, and 998 more FIFOs, sockets and devices"),
      (4321, "'in/10' is a FIFO, and 4318 more FIFOs, sockets and devices"),
    ])
  func special(_ count: Int, _ words: String) throws {
    let files = (0..<count).compactMap { SpecialFile("in/\($0)", .pipe) }
    let line = try #require(SpecialFile.line(of: FirstFound(files)))
    #expect(line.hasSuffix(words), "\(line)")
    #expect(SpecialFile.line(of: []) == nil)
  }

  @Test("A walk keeps no more of them than that")
  func walk() throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "in/a.png")
    for index in 0..<1100 {
      _ = folder.path("in/\(index)").withPathBytes { mkfifo($0, 0o600) }
    }
    let found = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    #expect(found.items.count == 1)
    #expect(found.specialFiles.count == 1100 && found.specialFiles.kept.count == 1000)
    #expect(found.specialFiles.kept.first?.path == folder.path("in/0"))
  }
}
