import Glibc
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

  @Test("half files have names of at most 255 bytes beside the final one, none of which two share")
  func temporaryNames() {
    var names: Set<String> = []
    for count in 1...255 {
      for letter in ["x", "é", "漢"] where count % letter.utf8.count == 0 {
        let name = String(repeating: letter, count: count / letter.utf8.count)
        for folder in ["", "f/", "/f/g/"] {
          let path = AtomicFile.temporaryPath(for: folder + name)
          #expect(path.hasPrefix(folder + ".") && path.hasSuffix(".tessera-part"))
          let half = path.dropFirst(folder.count)
          #expect(!half.contains("/") && half.utf8.count <= 255)
          // The name says what it belongs to where there is room: 14 bytes go to dots and suffix.
          #expect((half == ".\(name).tessera-part") == (count <= 241), "\(count)")
        }
        names.insert(AtomicFile.temporaryPath(for: name))
      }
    }
    #expect(names.count == 255 + 127 + 85)
  }

  @Test(
    "a name in bytes that are no text counts its bytes, and is created",
    arguments: [240, 241, 242, 255])
  func bytes(count: Int) throws {
    let name = String(pathBytes: [UInt8](repeating: 0xFF, count: count))
    let file = try AtomicFile(at: folder.path(name))
    try file.write("text".utf8)
    try file.finish()
    #expect(folder.tree() == [name] && folder.text(name) == "text")
  }

  @Test("an old file stays until the new one has its name")
  func old() throws {
    try folder.write("old", to: "a.txt")
    let file = try AtomicFile(at: folder.path("a.txt"))
    for _ in 0..<3 {
      try file.write("new".utf8)
      #expect(folder.text("a.txt") == "old")
    }
    try file.finish(synchronized: true)
    #expect(folder.text("a.txt") == "newnewnew")
    // Once it has its name it is no longer to be thrown away.
    file.discard()
    #expect(folder.tree() == ["a.txt"])
  }

  @Test("a file with its name is open no longer")
  func closed() throws {
    let file = try AtomicFile(at: folder.path("a.txt"))
    try file.write("new".utf8)
    #expect(FileStatus(of: file.descriptor) != nil)
    try file.finish()
    #expect(FileStatus(of: file.descriptor)?.byteCount != 3)
  }

  @Test("a name that cannot be given is told, and leaves nothing")
  func taken() throws {
    try folder.write("x", to: "a.txt/x")
    do {
      let file = try AtomicFile(at: folder.path("a.txt"))
      try file.write("new".utf8)
      #expect(throws: FileError(.create, folder.path("a.txt"), code: EISDIR)) {
        try file.finish()
      }
    }
    #expect(folder.tree() == ["a.txt/", "a.txt/x"])
  }

  @Test("a device that takes nothing is told under the file's own name")
  func full() throws {
    let file = try AtomicFile(at: folder.path("a.txt"))
    let device = open("/dev/full", O_WRONLY)
    #expect(dup2(device, file.descriptor) == file.descriptor)
    close(device)
    #expect(throws: FileError(.write, folder.path("a.txt"), code: ENOSPC)) {
      try file.write("new".utf8)
    }
    file.discard()
    #expect(folder.tree() == [])
  }

  @Test("two names that differ in their last byte have half files of their own")
  func neighbours() throws {
    for count in [200, 254] {
      let names = ["a", "b"].map { String(repeating: "x", count: count) + $0 }
      let files = try names.map { try AtomicFile(at: folder.path($0)) }
      for (file, name) in zip(files, names) { try file.write(name.suffix(1).utf8) }
      for file in files { try file.finish() }
      for name in names { #expect(folder.text(name) == String(name.suffix(1))) }
    }
  }
}
