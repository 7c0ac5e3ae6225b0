import Glibc
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Texts that may be records, and what they tell of files.
@Suite struct RecordTextTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("What is no file is no text of records")
  func kinds() throws {
    try folder.makeFolder("folder")
    mkfifo(folder.path("pipe"), 0o600)
    let paths = [
      (folder.path("folder"), EISDIR), (folder.path("pipe"), ENODEV), ("/dev/null", ENODEV),
    ]
    for (path, code) in paths {
      #expect(throws: FileError(.read, path, code: code)) { try RecordText(at: path) }
    }
    let missing = #expect(throws: FileError.self) { try RecordText(at: folder.path("none")) }
    #expect(missing?.code == ENOENT)
  }

  @Test(
    "A text may be what is left of records that begins as one of their lines does",
    arguments: [
      ("", true), ("r", true), ("record", true), ("record\t", true), ("record\tdone", true),
      ("records", false), ("x", false), ("\n", false), ("record\n", false), ("record\t\n", false),
      ("record\tdone\n", false), ("record\tdone\t\n", true), ("see\t", true), ("se", true),
      ("see\t..\tx\nmore", true), ("begun\ta\t1\n", true), ("shard\tdone\t1\n", true),
      ("done\tr\t1\n", true), ("started\t", true), ("released\tr\tx\n", true),
      ("doneX\tr\t1\n", false),
    ])
  func beginnings(_ text: String, _ isOurs: Bool) throws {
    #expect(RecordLine.mayBegin(with: Array(text.utf8)) == isOurs)
    try folder.write(Array(text.utf8), to: "text")
    #expect(try RecordText.mayBeOurs(folder.path("text")) == isOurs)
    try folder.write([0, 0, 0] + Array(text.utf8), to: "zeros")
    #expect(try RecordText.mayBeOurs(folder.path("zeros")) == isOurs)
  }

  @Test("More zeros than a block that was lost are no records")
  func zeros() throws {
    for (count, isOurs) in [(1 << 20, true), (1 << 20 + 1, false)] {
      try folder.write([UInt8](repeating: 0, count: count), to: "zeros")
      #expect(try RecordText.mayBeOurs(folder.path("zeros")) == isOurs)
    }
  }

  @Test("Lines are appended behind the last one that is whole")
  func appending() throws {
    let line = RecordLine.begun("a").text
    for (text, kept) in [
      ("", ""), (line, line), (line + "torn", line), (String(line.dropLast()), line),
      (line + line + "x\ty", line + line),
    ] {
      try folder.write(text, to: "records")
      let file = try RecordText.appending(to: folder.path("records"))
      try file.write("next".utf8)
      #expect(folder.text("records") == kept + "next")
    }
    // What was counted is not read again.
    try folder.write(line + line, to: "records")
    let file = try RecordText.appending(to: folder.path("records"), whole: line.utf8.count)
    try file.write("next".utf8)
    #expect(folder.text("records") == line + "next")
  }

  @Test("A claim holds of a file with its size and content, and of nothing that cannot be read")
  func claims() throws {
    let path = try folder.write("content", to: "a")
    let hash = XXHash64.hash("content".utf8)
    func holds(_ claim: RunRecord.Claim, _ path: String) throws -> Bool {
      try claim.isTrue(of: path, Cancellation())
    }
    #expect(try holds(.content(byteCount: 7, hash: hash), path))
    #expect(try !holds(.content(byteCount: 7, hash: hash ^ 1), path))
    #expect(try !holds(.content(byteCount: 8, hash: hash), path))
    #expect(try !holds(.new, path) && !holds(.foreign, path))
    folder.link("link", to: path)
    #expect(try !holds(.content(byteCount: 7, hash: hash), folder.path("link")))
    #expect(try !holds(.content(byteCount: 7, hash: hash), folder.path("none")))
    let long = try folder.write([UInt8](repeating: 1, count: 1 << 20), to: "long")
    #expect(throws: Cancelled.self) {
      try RunRecord.Claim.content(byteCount: 1 << 20, hash: hash)
        .isTrue(of: long, Cancellation { true })
    }
  }

  @Test("A file of zeros of the size that was written has been lost with the power")
  func lost() throws {
    let path = try folder.write([0, 0, 0], to: "a")
    func isLost(_ byteCount: Int) throws -> Bool {
      try RunRecord.Claim.content(byteCount: byteCount, hash: 1).isLost(at: path, Cancellation())
    }
    #expect(try isLost(3) && !isLost(2) && !isLost(4))
    #expect(try !RunRecord.Claim.new.isLost(at: path, Cancellation()))
    try folder.write([0, 0, 1], to: "a")
    #expect(try !isLost(3))
    try folder.write([], to: "a")
    #expect(try !isLost(0))
  }
}
