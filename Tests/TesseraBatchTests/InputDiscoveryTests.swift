import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

struct InputDiscoveryTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func names(
    _ discovery: InputDiscovery = InputDiscovery(), in relativePath: String = ""
  ) throws -> [String] {
    try discovery.inputs(in: [.path(folder.path(relativePath))]).items.map(\.name)
  }

  @Test("inputs are sorted by the bytes of their relative paths")
  func order() throws {
    for name in ["b.png", "a/z.png", "a.png", "B.png", "a-b.png", "é.png", "z.png"] {
      try folder.write("", to: name)
    }
    #expect(
      try names() == ["B.png", "a-b.png", "a.png", "a/z.png", "b.png", "z.png", "é.png"])
  }

  @Test("an input has a known extension or known first bytes, and others are counted")
  func recognition() throws {
    try folder.write("", to: "a.JPEG")
    try folder.write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], to: "png")
    try folder.write([0xFF, 0xD8, 0xFF, 0xE0], to: "photo.dat")
    try folder.write([0x93] + Array("NUMPY".utf8), to: "array.bin")
    try folder.write("hello", to: "readme.txt")
    try folder.write([0xFF, 0xD8], to: "short")
    mkfifo(folder.path("pipe"), 0o600)
    let found = try InputDiscovery().inputs(in: [.path(folder.path)])
    #expect(found.items.map(\.name) == ["a.JPEG", "array.bin", "photo.dat", "png"])
    #expect(found.skippedCount == 2)
    #expect(found.specialFiles.kept.map(\.description) == ["'\(folder.path("pipe"))' is a FIFO"])
  }

  @Test("hidden files and folders are not looked at")
  func hidden() throws {
    for name in [".a.png", ".git/b.png", "c/.d/e.png", "c/f.png"] {
      try folder.write("", to: name)
    }
    #expect(try names() == ["c/f.png"])
  }

  @Test("loops of links end, and a folder counts once, under its own path")
  func loops() throws {
    try folder.write("", to: "real/a.png")
    folder.link("again", to: "real")
    folder.link("real/up", to: "..")
    folder.link("real/self", to: ".")
    for index in 0..<12 { folder.link("real/loop\(index)", to: "../real") }
    #expect(try names() == ["real/a.png"])
  }

  @Test("links to files are followed wherever they lead, broken ones stay inputs")
  func links() throws {
    let elsewhere = try TemporaryFolder()
    try elsewhere.write("x", to: "sub/b.png")
    folder.link("c.png", to: elsewhere.path("sub/b.png"))
    try folder.write("x", to: "deep/e.png")
    folder.link("deep/d.png", to: "../c.png")
    folder.link("broken.png", to: "nowhere")
    #expect(try names() == ["broken.png", "c.png", "deep/d.png", "deep/e.png"])
  }

  @Test("links to folders that leave the one that is walked are followed where that is wished for")
  func leavingLinks() throws {
    let elsewhere = try TemporaryFolder()
    try elsewhere.write("x", to: "sub/b.png")
    try elsewhere.write("x", to: "more/c.png")
    elsewhere.link("sub/up", to: "..")
    try folder.write("x", to: "a/a.png")
    folder.link("a/linked", to: elsewhere.path("sub"))
    folder.link("inside", to: "a/../b")
    try folder.write("x", to: "b/b.png")
    // A folder whose name begins as that of the root does is not in it.
    let twin = folder.path + "-twin"
    try FileSystem.makeFolder(twin)
    defer { FileSystem.removeFolder(twin) }
    folder.link("twin", to: twin)
    let found = try InputDiscovery().inputs(in: [.path(folder.path)])
    #expect(found.items.map(\.name) == ["a/a.png", "b/b.png"])
    #expect(
      found.warnings == [
        "passed over 2 links that lead out of the folder that is loaded, first "
          + "'\(folder.path("a/linked"))'; \"follow_links\": true of load has them followed"
      ])
    let followed = try InputDiscovery(followsLinks: true).inputs(in: [.path(folder.path)])
    #expect(
      followed.items.map(\.name) == [
        "a/a.png", "a/linked/b.png", "a/linked/up/more/c.png", "b/b.png",
      ])
    #expect(followed.warnings == [])
    #expect(try names(InputDiscovery(exclude: ["a/linked", "twin"])) == ["a/a.png", "b/b.png"])
  }

  @Test(
    "links to folders around the one that is walked are never followed", arguments: [false, true])
  func linksUpwards(_ followsLinks: Bool) throws {
    try folder.write("x", to: "in/deep/a.png")
    try folder.write("x", to: "beside.png")
    for (name, target) in [("in/root", "/"), ("in/deep/up", "../.."), ("in/deep/top", "..")] {
      folder.link(name, to: target)
    }
    let found = try InputDiscovery(followsLinks: followsLinks).inputs(
      in: [.path(folder.path("in"))])
    #expect(found.items.map(\.name) == ["deep/a.png"])
    #expect(
      found.warnings == [
        "passed over 2 links that lead back to folders around the one that is loaded, first "
          + "'\(folder.path("in/deep/up"))'"
      ])
  }

  @Test("names that lead to nothing are told of, unless they are those of images")
  func goneNames() throws {
    try folder.write("x", to: "a.png")
    for name in ["z", "notes", "deep.txt"] { folder.link(name, to: "nowhere") }
    let found = try InputDiscovery().inputs(in: [.path(folder.path)])
    #expect(found.items.map(\.name) == ["a.png"] && found.skippedCount == 0)
    #expect(
      found.warnings == [
        "passed over 3 names that lead to nothing, broken links or files that are gone, first "
          + "'\(folder.path("deep.txt"))'"
      ])
    // A link to itself leads somewhere, only nobody knows where.
    folder.link("self", to: "self")
    #expect(try names() == ["a.png", "self"])
  }

  @Test("include and exclude choose by name and by path")
  func includeAndExclude() throws {
    for name in ["a.png", "b.jpg", "thumbs/c.png", "x/d.png", "x/y/e.png"] {
      try folder.write("", to: name)
    }
    #expect(try names(InputDiscovery(include: ["*.jpg"])) == ["b.jpg"])
    #expect(try names(InputDiscovery(include: ["x/**"])) == ["x/d.png", "x/y/e.png"])
    #expect(
      try names(InputDiscovery(exclude: ["thumbs", "x/y"])) == ["a.png", "b.jpg", "x/d.png"])
    #expect(try names(InputDiscovery(exclude: ["**/*.png"])) == ["b.jpg"])
    #expect(try names(InputDiscovery(isRecursive: false)) == ["a.png", "b.jpg"])
  }

  @Test(
    "the root of an input is the name of its folder, and what tells that from others",
    arguments: [
      (["in"], ["in"]), (["in/"], ["in"]), (["a/in", "b/in"], ["a/in", "b/in"]),
      (["in", "in/sub"], ["in", "in/sub"]),
    ])
  func roots(_ folders: [String], _ roots: [String]) throws {
    for (index, name) in folders.enumerated() {
      try folder.write("x", to: "\(name)/\(index).png")
    }
    let found = try InputDiscovery(isRecursive: false).inputs(
      in: folders.map { .path(folder.path($0)) })
    #expect(found.items.map(\.root) == roots)
  }

  @Test("the folder of the outputs is passed over, under whatever name")
  func outputFolder() throws {
    for name in ["a.png", "out/a.png", "out/deep/b.png"] { try folder.write("", to: name) }
    folder.link("alias", to: "out")
    let discovery = InputDiscovery(outputFolders: [folder.path("./out/../out")])
    #expect(try names(discovery) == ["a.png"])
    #expect(throws: DiscoveryError.self) { try names(discovery, in: "out") }
    #expect(try names(discovery, in: "out/*.png") == ["a.png"])
  }

  @Test("a glob loads from the folder before its first special character")
  func globs() throws {
    for name in ["p/a.png", "p/b.jpg", "p/q/c.png", "p/q/r/d.png", "p/x.txt"] {
      try folder.write("", to: name)
    }
    #expect(try names(in: "p/*.png") == ["a.png"])
    #expect(try names(in: "p/**/*.png") == ["a.png", "q/c.png", "q/r/d.png"])
    #expect(try names(in: "p/*.{png,jpg}") == ["a.png", "b.jpg"])
    #expect(try names(in: "*/q/*") == ["p/q/c.png"])
  }

  @Test("a file that is named outright counts whatever it is")
  func outright() throws {
    try folder.write("", to: ".hidden[1].txt")
    #expect(try names(in: ".hidden[1].txt") == [".hidden[1].txt"])
  }

  @Test("hostile names are found and opened")
  func hostileNames() throws {
    let names = [
      "-rf.png", "new\nline.png", "tab\tq\"uote\\.png",
      String(pathBytes: [0xFF, 0xFE, 0x2E] + Array("png".utf8)),
      "\u{EF80}.png", "e\u{301}.png", "\u{E9}.png", " .png",
    ]
    for name in names { try folder.write(name, to: name.escapedForTest) }
    let files = try InputDiscovery().inputs(in: [.path(folder.path)]).items
    #expect(files.count == names.count)
    for file in files {
      #expect(try FileSystem.content(of: file.source.path).count > 0)
    }
  }

  @Test("lists are read by line or by NUL, and name inputs from what they share")
  func lists() throws {
    for name in ["x/a.png", "x/y/b.png", "c.txt"] { try folder.write("1", to: name) }
    try folder.write("x/a.png\r\n\n./x/y/b.png\nmissing.png\nx/a.png\n", to: "lines")
    try folder.write("x/a.png\0c.txt\0", to: "nul")
    try folder.write(folder.path("x/a.png") + "\n" + folder.path("x/y/b.png"), to: "absolute")
    func list(_ name: String) throws -> [String] {
      try InputDiscovery().inputs(in: [.list(folder.path(name))]).items.map(\.name)
    }
    #expect(try list("lines") == ["missing.png", "x/a.png", "x/y/b.png"])
    #expect(try list("nul") == ["c.txt", "x/a.png"])
    #expect(try list("absolute") == ["a.png", "y/b.png"])
  }

  @Test("what is missing or empty is an error that says so")
  func nothing() throws {
    try folder.write("x", to: "a.txt")
    #expect(throws: DiscoveryError.unreadable(FileError(.read, folder.path("no"), code: ENOENT))) {
      try names(in: "no")
    }
    #expect(
      throws: DiscoveryError.nothingMatches(
        [.path(folder.path(""))], skippedCount: 1, kinds: "PNG, JPEG or NPY", warnings: [])
    ) { try names() }
    #expect(throws: DiscoveryError.self) { try names(in: "no/*.png") }
    #expect(throws: DiscoveryError.self) { try names(in: "*.png") }
    #expect(throws: DiscoveryError.self) {
      try InputDiscovery().inputs(in: [.list(folder.path("nolist"))])
    }
  }
}

extension String {
  /// The name under which a file with this very text has to be made: a character that stands for a
  /// byte is meant as a character.
  fileprivate var escapedForTest: String {
    self == "\u{EF80}.png" ? String(pathBytes: Array(utf8)) : self
  }
}
