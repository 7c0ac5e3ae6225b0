import Glibc
import TesseraCore
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Files that have the names of outputs, and what comes to lie there while a run ends.
struct TakenNamesTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("theirs", to: "out/a.png")
    path = folder.path("out/a.png")
  }

  private func names(
    _ standing: ExistingOutputs.Standing, _ stop: Cancellation = Cancellation()
  ) -> TakenNames {
    TakenNames([PathKey(path): standing], overwrites: false, named: Path.name(of:), stop)
  }

  private func file(_ content: String) throws -> AtomicFile {
    let file = try AtomicFile(at: path)
    try file.write(content.utf8)
    try file.close()
    return file
  }

  @Test("Times tell of every change to a file, but for one that was changed just now")
  func settled() throws {
    let file = try file("theirs")
    #expect(FileStatus(of: file.temporaryPath)?.isSettled == false)
    #expect(FileStatus(of: "/usr/bin/env")?.isSettled == true)
  }

  @Test("What was compared is not read again, as long as nobody has written")
  func once() throws {
    var names = names(.foreign)
    let file = try file("theirs")
    // What has only just been written is read again: another change might not show in its times.
    for _ in 0..<400 where FileStatus(of: path)?.isSettled == false { usleep(10_000) }
    try names.compare([file])
    // Ours is another one now: only who reads it knows.
    #expect(truncate(file.temporaryPath, 0) == 0)
    #expect(try names.adopts(file))
    #expect(throws: InputFailure.self) { try self.names(.foreign).adopts(file) }
  }

  @Test(
    "What is there has changed since it was compared", arguments: ["others", "longer text", ""])
  func changed(_ content: String) throws {
    var names = names(.foreign)
    let file = try file("theirs")
    try names.compare([file])
    try folder.write(content, to: "out/a.png")
    #expect(throws: InputFailure(.outputExists("a.png"))) { try names.adopts(file) }
    #expect(folder.text("out/a.png") == content)
  }

  @Test(
    "What comes to lie under a name after it was asked about is never replaced",
    arguments: [.foreign, .free] as [ExistingOutputs.Standing], ["theirs", "another", ""])
  func inBetween(_ standing: ExistingOutputs.Standing, _ content: String) throws {
    var names = names(standing)
    let file = try file("theirs")
    if standing == .free { folder.remove("out/a.png") }
    try names.compare([file])
    folder.remove("out/a.png")
    #expect(try !names.adopts(file))
    try folder.write(content, to: "out/a.png")
    if content == "theirs" {
      #expect(try names.name(file))
    } else {
      #expect(throws: InputFailure(.outputExists("a.png"))) { try names.name(file) }
    }
    #expect(folder.text("out/a.png") == content)
  }

  @Test("A name that has become free is given")
  func gone() throws {
    var names = names(.foreign)
    let file = try file("theirs")
    try names.compare([file])
    folder.remove("out/a.png")
    #expect(try !names.adopts(file) && !names.name(file))
    #expect(folder.text("out/a.png") == "theirs")
  }

  @Test("A comparison that is ended is no answer", arguments: [1 << 19, 1 << 20])
  func cancelled(_ count: Int) throws {
    let content = String(repeating: "x", count: count)
    try folder.write(content, to: "out/a.png")
    let file = try file(content)
    #expect(throws: InputFailure.cancelled) {
      try names(.foreign, Cancellation { true }).adopts(file)
    }
    #expect(folder.text("out/a.png") == content)
  }
}
