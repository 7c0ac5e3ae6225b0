import Glibc
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Files that get their names together.
struct FileCollectorTests {
  let folder: TemporaryFolder
  let collector = FileCollector()

  init() throws {
    folder = try TemporaryFolder()
    try folder.makeFolder("out")
  }

  private func add(_ names: String..., to slot: FileCollector.Slot) throws {
    for name in names {
      let file = try AtomicFile(at: folder.path("out/\(name)"))
      try file.write(name.utf8)
      slot.add(file, shape: [name.utf8.count], dtype: "uint8")
    }
  }

  @Test("nothing has its name before all have theirs, and each tells whose it is")
  func together() throws {
    let slots = (0..<3).map { collector.slot($0) }
    try add("a", "aa", to: slots[0])
    try add("b", to: slots[1])
    try add("ccc", to: slots[2])
    try slots[0].finish()
    slots[1].discard()
    try slots[2].finish()
    #expect(folder.tree("out").allSatisfy { $0.hasSuffix(".tessera-part") })
    let outputs = try collector.commit()
    #expect(folder.tree("out") == ["out/a", "out/aa", "out/ccc"])
    #expect(
      outputs
        == [("a", 0), ("aa", 0), ("ccc", 2)].map { name, position in
          OutputFile(
            path: folder.path("out/\(name)"), byteCount: name.utf8.count,
            shape: [name.utf8.count], dtype: "uint8", position: position)
        })
  }

  @Test("where one cannot have its name, none has")
  func refused() throws {
    try folder.makeFolder("out/b")
    let slot = collector.slot(0)
    try add("a", "b", "c", to: slot)
    try slot.finish()
    let failure = #expect(throws: InputFailure.self) { try collector.commit() }
    #expect(failure?.cause == .output(FileError(.create, folder.path("out/b"), code: EISDIR)))
    #expect(folder.tree("out") == ["out/b/"])
  }

  @Test(
    "where one cannot have its name, none appears and none that was there is missing",
    arguments: [["b"], ["c"], ["d"], ["b", "d"]])
  func refusedLate(_ obstacles: [String]) throws {
    for name in ["a", "c"] { try folder.write("old \(name)", to: "out/\(name)") }
    for name in obstacles {
      folder.remove("out/\(name)")
      try folder.makeFolder("out/\(name)")
    }
    let slot = collector.slot(0)
    try add("a", "b", "c", "d", to: slot)
    try slot.finish()
    let failure = #expect(throws: InputFailure.self) { try collector.commit() }
    #expect(failure?.kind == .create)
    let there = Set(["out/a", "out/c"]).subtracting(obstacles.map { "out/\($0)" })
    #expect(Set(folder.tree("out")) == there.union(obstacles.map { "out/\($0)/" }))
    // Each is one of the two, whole.
    #expect(folder.text("out/a") == "a")
    if !obstacles.contains("c") {
      #expect(folder.text("out/c") == (obstacles.contains("b") ? "old c" : "c"))
    }
  }

  @Test("what is discarded leaves no trace")
  func discarded() throws {
    let slot = collector.slot(0)
    try add("a", "b", to: slot)
    try slot.finish()
    collector.discard()
    #expect(folder.tree("out") == [])
    #expect(try collector.commit() == [])
  }

  @Test("an item by itself: what it gives, and nothing of what it would replace")
  func single() throws {
    try folder.write("text", to: "a.png")
    try folder.write("fail", to: "b.png")
    let processor = try CopyProcessor(to: [folder.path("out/deep")])
    let item = Item(file: folder.path("a.png"), name: "x/a.png")
    let result = try processor.run(item)
    #expect(result.outputs.map(\.path) == [folder.path("out/deep/x/a.out")])
    #expect(folder.text("out/deep/x/a.out") == "text")
    #expect(try processor.run(item).outputs.map(\.isAdopted) == [true])
    try folder.write("mine", to: "out/deep/x/a.out")
    let path = folder.path("out/deep/x/a.out")
    #expect(throws: InputFailure(.outputExists(path))) { try processor.run(item) }
    #expect(folder.text("out/deep/x/a.out") == "mine")
    #expect(throws: Never.self) { try processor.run(item, overwrites: true) }
    let bad = Item(file: folder.path("b.png"), name: "b.png")
    let failure = #expect(throws: InputFailure.self) { try processor.run(bad) }
    #expect(failure?.kind == .malformed)
    #expect(folder.tree("out") == ["out/deep/", "out/deep/x/", "out/deep/x/a.out"])
  }
}
