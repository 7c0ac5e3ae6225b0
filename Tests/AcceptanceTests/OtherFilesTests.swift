import Foundation
import Testing

/// Things among the inputs that are no picture, or more than one.
@Suite struct OtherFilesTests {
  private static let gif = Array("GIF89a\u{10}\0\u{10}\0\0\0\0".utf8)

  private func folder(_ files: [String: [UInt8]], load: String = "") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(bytes, to: "in/\(name)") }
    try folder.write(pipeline(load: load), to: "p.json")
    return folder
  }

  private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> Command.Outcome {
    try run(folder, arguments)
  }

  private func run(_ folder: TemporaryFolder, _ arguments: [String]) throws -> Command.Outcome {
    try Command.run(
      ["run", "p.json", "--input", "in", "--output", "out"] + arguments, in: folder.path)
  }

  @Test("A file that is something else is called by its name, in the summary and in the report")
  func names() throws {
    let picture = Picture.noise(width: 5, height: 4, channels: 3, seed: 1).png()
    let folder = try folder([
      "a.png": picture, "b.jpg": Self.gif, "c.png": Array("<html>404</html>".utf8), "d.npy": [],
      "e.jpg": Array("PK\u{3}\u{4}\0\0".utf8),
    ])
    let outcome = try run(folder)
    #expect(outcome.status == 65)
    let lines = try folder.report()
    #expect(lines.map(\.status) == ["ok", "failed", "failed", "failed", "failed"])
    #expect(
      lines.compactMap(\.failureKind) == ["unsupported", "malformed", "malformed", "unsupported"])
    for (line, name) in zip(lines.dropFirst(), ["a GIF image", "HTML", "empty", "ZIP"]) {
      #expect(line.failureMessage?.contains(name) == true)
      #expect(outcome.errors.contains(line.failureMessage ?? "?"))
    }
  }

  @Test(
    "FIFOs and sockets in a folder are named, and not counted among what is no picture",
    arguments: [[], ["--dry-run"]])
  func special(_ arguments: [String]) throws {
    let picture = Picture.noise(width: 5, height: 4, channels: 3, seed: 1).png()
    let folder = try folder(["a.png": picture, "note.txt": Array("hello".utf8)])
    for name in ["pipe.png", "deeper", "x"] {
      #expect(mkfifo(folder.path("in/\(name)"), 0o600) == 0)
    }
    let outcome = try Command.run(
      ["run", "p.json", "--input", "in", "--output", "out"] + arguments, in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = outcome.output + outcome.errors
    for name in ["deeper", "pipe.png", "x"] { #expect(text.contains("'in/\(name)' is a FIFO")) }
    #expect(text.contains("passed over 1 that"))
  }

  @Test("What is named outright and is no file is called by its kind")
  func namedSpecial() throws {
    let folder = try folder([:])
    try folder.write("sock.png\n", to: "list")
    #expect(mknod(folder.path("sock.png"), S_IFSOCK | 0o600, 0) == 0)
    #expect(mkfifo(folder.path("fifo.png"), 0o600) == 0)
    symlink("sock.png", folder.path("link.png"))
    for (argument, words) in [
      ("sock.png", "socket"), ("link.png", "socket"), ("@list", "socket"), ("fifo.png", "FIFO"),
      ("/dev/null", "device"),
    ] {
      let outcome = try Command.run(
        ["run", "p.json", "-i", argument, "-o", "out", "--set", "name=x.png"], in: folder.path)
      #expect(outcome.status == 65, "\(outcome.errors)")
      #expect(outcome.errors.contains("failed (unreadable)"))
      #expect(outcome.errors.contains("a \(words)"), "\(outcome.errors)")
    }
    for arguments in [["run", "sock.png"], ["run", "p.json", "-i", "@sock.png", "-o", "out"]] {
      let outcome = try Command.run(arguments, in: folder.path)
      #expect(
        outcome.status == 66 && outcome.errors.contains("it is a socket"), "\(outcome.errors)")
    }
  }

  @Test(
    "A text that is no image is shown up to the end of its line",
    arguments: [
      ("no array", "no array"), ("none\n", "none"), ("ab\r\ncd", "ab"), ("a\tb\n", "a"),
    ])
  func texts(_ content: String, _ shown: String) throws {
    let folder = try folder(["a.png": Array(content.utf8)])
    #expect(try run(folder).status == 65)
    let message = try #require(folder.report().first?.failureMessage)
    #expect(message.hasPrefix("the file begins with the text \"\(shown)\", which"), "\(message)")
  }

  @Test("--json lists them, each with its kind")
  func specialInJSON() throws {
    let picture = Picture.noise(width: 5, height: 4, channels: 3, seed: 1).png()
    let folder = try folder(["a.png": picture, "deep/b.png": picture])
    #expect(mkfifo(folder.path("in/pipe.png"), 0o600) == 0)
    #expect(mkfifo(folder.path("in/deep/pipe"), 0o600) == 0)
    #expect(mknod(folder.path("in/socket"), S_IFSOCK | 0o600, 0) == 0)
    symlink("/dev/zero", folder.path("in/zero.png"))
    for more in [["--dry-run"], [], []] {
      let files = try #require(
        try run(folder, more + ["--json"]).json?["special_files"] as? [[String: String]])
      let names = ["deep/pipe", "pipe.png", "socket", "zero.png"]
      #expect(files.map { $0["path"] } == names.map { "in/\($0)" })
      #expect(files.map { $0["kind"] } == ["fifo", "fifo", "socket", "device"])
    }
    let none = try self.folder(["a.png": picture])
    #expect((try run(none, "--json").json?["special_files"] as? [Any])?.isEmpty == true)
  }

  @Test("Where nothing else is there, the message names them")
  func nothingElse() throws {
    let folder = try folder(["a.txt": Array("hello".utf8)])
    for index in 0..<5 { #expect(mkfifo(folder.path("in/\(index).png"), 0o600) == 0) }
    let outcome = try run(folder)
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("passed over 1 that"))
    #expect(outcome.errors.contains("'in/0.png' is a FIFO"))
    #expect(outcome.errors.contains("and 2 more FIFOs"))
    for name in ["6", "7", "8"] {
      #expect(mknod(folder.path("in/\(name)"), S_IFSOCK | 0o600, 0) == 0)
    }
    symlink("/dev/zero", folder.path("in/9"))
    let mixed = try run(folder)
    #expect(
      mixed.errors.contains("and 2 more FIFOs, 3 more sockets, 1 more device"), "\(mixed.errors)")
  }

  @Test("A damaged file's message names the value of fail_on that takes it, and that value does")
  func failOn() throws {
    let picture = Picture.noise(width: 40, height: 30, channels: 3, seed: 1)
    let cases: [(bytes: [UInt8], kind: String, value: String)] = [
      (picture.png().dropLast(900), "truncated", "none"),
      (picture.png(damage: .noEnd), "damaged", "truncated"),
    ].map { (Array($0.0), $0.1, $0.2) }
    for (bytes, kind, value) in cases {
      let folder = try folder(["a.png": bytes])
      #expect(try run(folder).status == 65)
      let line = try #require(folder.report().first)
      #expect(line.failureKind == kind)
      #expect(line.failureMessage?.contains("\"fail_on\": \"\(value)\" in load") == true)
      try folder.write(pipeline(load: "\"fail_on\": \"\(value)\""), to: "p.json")
      #expect(try run(folder, "--overwrite").status == 0)
    }
  }
}
