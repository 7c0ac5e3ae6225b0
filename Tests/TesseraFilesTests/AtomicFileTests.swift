import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraFiles

struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a file appears when it is finished, and not before")
  func finish() throws {
    let file = try AtomicFile(at: folder.path("a.txt"))
    try file.write("text".utf8)
    #expect(folder.tree() == [".a.txt.tessera-part"])
    try file.finish()
    #expect(folder.tree() == ["a.txt"])
    #expect(folder.text("a.txt") == "text")
  }

  @Test("a file that is given up leaves nothing, and what it would have replaced stays")
  func discard() throws {
    try folder.write("old", to: "a.txt")
    do {
      let file = try AtomicFile(at: folder.path("a.txt"))
      try file.write("new".utf8)
    }
    #expect(folder.tree() == ["a.txt"])
    #expect(folder.text("a.txt") == "old")
  }

  @Test("what a killed run left is replaced, and a link planted there is not followed")
  func leftovers() throws {
    try folder.write("precious", to: "precious")
    folder.link(".a.txt.tessera-part", to: "precious")
    let file = try AtomicFile(at: folder.path("a.txt"))
    try file.write("new".utf8)
    try file.finish()
    #expect(folder.text("precious") == "precious")
    #expect(folder.text("a.txt") == "new")
  }

  @Test("the longest names have room for their temporary ones")
  func longNames() throws {
    let name = String(repeating: "é", count: 125) + ".png"
    let file = try AtomicFile(at: folder.path(name))
    try file.finish()
    #expect(folder.tree() == [name])
  }

  @Test("what cannot be created is told with its own name")
  func errors() throws {
    let path = folder.path("missing/a.txt")
    #expect(throws: FileError(.create, path, code: 2)) { try AtomicFile(at: path) }
  }
}
