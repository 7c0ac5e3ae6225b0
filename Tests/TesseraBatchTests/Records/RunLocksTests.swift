import Glibc
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Locks of the folders of a run: whom they keep out, and what is left of them.
@Suite struct RunLocksTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["out", "other"] { try folder.makeFolder(name) }
  }

  private var options: BatchOptions { BatchOptions(recipe: "", folder: folder.path("out")) }

  private func locks(
    _ name: String = "out", others: [String] = [], state: String? = nil, shared: String? = nil,
    _ options: BatchOptions? = nil, noting note: (String) -> Void = { _ in }
  ) throws(BatchError) -> RunLocks {
    try RunLocks(
      RunPlaces(folder.path(name), state: state.map { folder.path($0) }),
      others: others.map { folder.path($0) }, shared: shared.map { folder.path($0) },
      options ?? self.options, noting: note)
  }

  /// Locks a file that is made for it, as somebody else would.
  private func held(_ name: String, _ mode: Int32 = LOCK_EX) throws -> OpenFile {
    try folder.write("", to: name)
    let file = try OpenFile(folder.path(name), flags: O_RDWR)
    #expect(flock(file.descriptor, mode | LOCK_NB) == 0)
    return file
  }

  @Test("Who has the folder is alone until he lets it go; those who are refused leave nothing")
  func alone() throws {
    let first = try locks()
    #expect(first.unlocked == nil && folder.tree("out") == ["out/.tessera-lock"])
    #expect(throws: BatchError.folderInUse(folder.path("out"))) { try locks() }
    #expect(throws: BatchError.folderInUse(folder.path("out"))) {
      try locks("other", others: ["out"])
    }
    #expect(folder.tree() == ["other/", "out/", "out/.tessera-lock"])
    first.release()
    let second = try locks("other", others: ["out"])
    #expect(throws: BatchError.folderInUse(folder.path("out"))) { try locks() }
    second.removeNew()
    // The file of the first one was there before.
    #expect(folder.tree() == ["other/", "out/", "out/.tessera-lock"])
  }

  @Test("A lock goes with its last owner")
  func owner() throws {
    do { _ = try locks() }
    #expect(!RunLocks.isTaken(folder.path("out/.tessera-lock")))
    _ = try locks()
  }

  @Test("Where records are kept apart, the folder of the lock is the one that is in use")
  func apart() throws {
    try folder.makeFolder("state")
    let first = try locks(state: "state")
    #expect(folder.tree("state") == ["state/lock"] && folder.tree("out") == [])
    #expect(throws: BatchError.folderInUse(folder.path("state"))) {
      try locks("other", state: "state")
    }
    first.removeNew()
    #expect(folder.tree("state") == [])
  }

  @Test("Shards share the folder of their outputs, which no other run has then, nor takes away")
  func shared() throws {
    for name in ["s0", "s1"] { try folder.makeFolder(name) }
    let first = try locks("out", state: "s0", shared: "out")
    let second = try locks("out", state: "s1", shared: "out")
    #expect(throws: BatchError.folderInUse(folder.path("out"))) { try locks() }
    #expect(!RunLocks.isTaken(folder.path("out/.tessera-lock")))
    second.removeNew()
    first.removeNew()
    #expect(folder.tree() == ["other/", "out/", "out/.tessera-lock", "s0/", "s1/"])
    second.release()
    first.release()
    let whole = try locks()
    try folder.makeFolder("s2")
    #expect(throws: BatchError.folderInUse(folder.path("out"))) {
      try locks("out", state: "s2", shared: "out")
    }
    whole.release()
  }

  @Test("A run of version 0.1 is heeded where it has a lock of its own")
  func old() throws {
    let file = try held("out/.tessera/lock")
    #expect(throws: BatchError.folderInUse(folder.path("out"))) { try locks() }
    #expect(folder.tree("out") == ["out/.tessera/", "out/.tessera/lock"])
    flock(file.descriptor, LOCK_UN)
    let own = try locks()
    #expect(RunLocks.isTaken(folder.path("out/.tessera/lock")))
    own.release()
    // A link is no lock of that version.
    folder.remove("out/.tessera/lock")
    folder.link("out/.tessera/lock", to: folder.path("nowhere"))
    _ = try locks()
  }

  @Test("Folders that are missing are made, and told of")
  func made() throws {
    var noted: [String] = []
    let new = try locks("new/deep") { noted.append($0) }
    #expect(noted == [folder.path("new"), folder.path("new/deep")])
    #expect(folder.tree("new") == ["new/deep/", "new/deep/.tessera-lock"])
    new.removeNew()
    #expect(folder.tree("new") == ["new/deep/"])
    try folder.write("x", to: "file")
    let path = folder.path("file/x/.tessera-lock")
    #expect(throws: BatchError.file(FileError(.create, path, code: ENOTDIR))) {
      try locks("file/x")
    }
  }

  @Test("What has the name of a lock and can be none is told of", arguments: [ELOOP, EISDIR])
  func obstacles(_ code: Int32) throws {
    let path = "out/.tessera-lock"
    if code == ELOOP {
      folder.link(path, to: folder.path("nowhere"))
    } else {
      try folder.makeFolder(path)
    }
    #expect(throws: BatchError.file(FileError(.create, folder.path(path), code: code))) {
      try locks("other", others: ["out"])
    }
    #expect(folder.text("nowhere") == nil && folder.tree("other") == [])
  }

  @Test("A run that waits goes on when the other has ended, or when it is to end itself")
  func waiting() throws {
    let first = try locks()
    var options = options
    options.waitsForLock = true
    let asked = Monitor(0)
    options.stop = Cancellation {
      asked.withLock { $0 += 1 }
      return false
    }
    Workers.start {
      _ = asked.wait(milliseconds: 30_000) { $0 > 3 ? true : nil }
      first.release()
    }
    let second = try locks("out", others: [], options)
    #expect(asked.withLock { $0 } > 3 && RunLocks.isTaken(folder.path("out/.tessera-lock")))
    options.stop = Cancellation { true }
    #expect(throws: BatchError.folderInUse(folder.path("out"))) {
      try locks("out", others: [], options)
    }
    second.release()
  }

  @Test("A lock is taken that somebody has for himself, and no other")
  func taken() throws {
    #expect(!RunLocks.isTaken(folder.path("l")))
    let alone = try held("l")
    #expect(RunLocks.isTaken(folder.path("l")))
    flock(alone.descriptor, LOCK_SH)
    #expect(!RunLocks.isTaken(folder.path("l")))
    flock(alone.descriptor, LOCK_EX)
    folder.link("link", to: folder.path("l"))
    #expect(!RunLocks.isTaken(folder.path("link")))
    flock(alone.descriptor, LOCK_UN)
    #expect(!RunLocks.isTaken(folder.path("l")))
  }
}
