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

  @Test("what a killed run left does not matter, and a link planted there is not followed")
  func leftovers() throws {
    try folder.write("precious", to: "precious")
    folder.link(".a.txt.tessera-part", to: "precious")
    let file = try AtomicFile(at: folder.path("a.txt"))
    try file.write("new".utf8)
    try file.finish()
    #expect(folder.text("precious") == "precious")
    #expect(folder.text("a.txt") == "new")
  }

  @Test("writers of one file never meet, and the last to finish gives it", arguments: [2, 3, 9])
  func sharedName(count: Int) throws {
    let files = try (0..<count).map { _ in try AtomicFile(at: folder.path("a.txt")) }
    #expect(Set(files.map(\.temporaryPath)).count == count)
    for index in 0..<count {
      for part in 0..<3 {
        try files[(index + part) % count].write("\((index + part) % count)".utf8)
      }
    }
    for (index, file) in files.enumerated() {
      try file.finish()
      #expect(folder.text("a.txt") == String(repeating: "\(index)", count: 3))
    }
    #expect(folder.tree() == ["a.txt"])
  }

  @Test("what nobody writes any more is removed, and nothing else")
  func removal() throws {
    try folder.write("half", to: ".a.txt.tessera-part")
    try folder.write("half", to: ".a.txt.0123456789abcdef.tessera-part")
    try folder.write("half", to: "sub/.a.txt.tessera-part")
    try folder.write("other", to: "b.tessera-part")
    try folder.write("other", to: ".c.tessera-parts")
    try folder.write("x", to: ".d.tessera-part/x")
    try folder.write("precious", to: "precious")
    folder.link(".e.tessera-part", to: "precious")
    folder.link(".f.tessera-part", to: "missing")
    let kept = Set(folder.tree()).subtracting([
      ".a.txt.tessera-part", ".a.txt.0123456789abcdef.tessera-part", ".e.tessera-part",
      ".f.tessera-part",
    ])
    AtomicFile.removeLeftovers(in: folder.path(""))
    #expect(Set(folder.tree()) == kept)
    AtomicFile.removeLeftovers(in: folder.path("missing"))
  }

  @Test("a file at work stays from its first byte until it has its name", arguments: [false, true])
  func live(isShared: Bool) throws {
    if isShared { try folder.write("half", to: ".a.txt.tessera-part") }
    let file = try AtomicFile(at: folder.path("a.txt"))
    AtomicFile.removeLeftovers(in: folder.path(""))
    try file.write("new".utf8)
    AtomicFile.removeLeftovers(in: folder.path(""))
    try file.close()
    AtomicFile.removeLeftovers(in: folder.path(""))
    #expect(folder.tree() == [Path.name(of: file.temporaryPath)])
    try file.finish()
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

  @Test(
    "half files have names of at most 255 bytes beside the final one, none of which two share",
    arguments: [nil, 0, UInt64.max])
  func temporaryNames(number: UInt64?) {
    var names: Set<String> = []
    let end = (number.map { "." + $0.hexadecimal } ?? "") + ".tessera-part"
    for count in 1...255 {
      for letter in ["x", "é", "漢"] where count % letter.utf8.count == 0 {
        let name = String(repeating: letter, count: count / letter.utf8.count)
        for folder in ["", "f/", "/f/g/"] {
          let path = AtomicFile.temporaryPath(for: folder + name, besides: number)
          #expect(path.hasPrefix(folder + ".") && path.hasSuffix(end))
          let half = path.dropFirst(folder.count)
          #expect(!half.contains("/") && half.utf8.count <= 255)
          // The name says what it belongs to where there is room.
          let isLong = count + 1 + end.utf8.count > 255
          #expect((half == ".\(name)\(end)") == !isLong, "\(count)")
        }
        names.insert(AtomicFile.temporaryPath(for: name, besides: number))
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

  @Test("files with a keeper are closed, and stay until it is gone")
  func kept() throws {
    do {
      var keeper: PartKeeper? = try PartKeeper(in: folder.path)
      let long = String(repeating: "x", count: 250)
      let files = try ["a.txt", "b.txt", long].map {
        try AtomicFile(at: folder.path($0), keptBy: keeper)
      }
      for file in files {
        try file.write("text".utf8)
        try file.close()
      }
      keeper = nil
      AtomicFile.removeLeftovers(in: folder.path)
      #expect(folder.tree().count == 4)
      try files[0].synchronize()
      try files[0].finish(synchronized: true)
      try files[2].finish()
      #expect(folder.text("a.txt") == "text" && folder.text(long) == "text")
      #expect(folder.tree().count == 4)
    }
    #expect(folder.tree().count == 2)
  }

  @Test("what a killed run has left goes, with its keeper or without")
  func keptLeftovers() throws {
    let mark = "kept-0123456789abcdef"
    for hasKeeper in [false, true] {
      for name in [".a.png.\(mark)", ".b.png.0000000000000001.\(mark)", ".kept-12"] {
        try folder.write("half", to: "\(name).tessera-part")
      }
      if hasKeeper { try folder.write("", to: ".\(mark).tessera-part") }
      AtomicFile.removeLeftovers(in: folder.path)
      #expect(folder.tree() == [])
    }
  }
}
