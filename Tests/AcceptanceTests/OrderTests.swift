import Foundation
import Testing

/// Inputs go in the order of the bytes of their names, which is nobody's alphabet.
@Suite struct OrderTests {
  /// In order: Unicode takes the two spellings of é for one and puts both behind f; UTF-16 puts the
  /// dice before the full-width tilde; a locale would not part capitals from small letters.
  private static let names = [
    "10.npy", "9.npy", "B.npy", "Z/a.npy", "_.npy", "a-b.npy", "a.npy", "a/b.npy", "a/z.npy",
    "a0.npy", "ab.npy", "b/a.npy", "e.npy", "e\u{301}.npy", "f.npy", "z.npy", "\u{E9}.npy",
    "\u{FF5E}.npy", "\u{1F3B2}.npy",
  ]

  /// Names as bytes: Swift's own comparison takes both spellings of é for equal.
  private static func bytes(_ names: [String]) -> [[UInt8]] { names.map { Array($0.utf8) } }

  private func bench() throws -> Workbench {
    let bench = try Workbench([])
    // Written in another order, since folders may list names as they came.
    for (index, name) in Self.names.enumerated().sorted(by: { $0.offset % 7 < $1.offset % 7 }) {
      try bench.write(name, seed: index)
    }
    return bench
  }

  @Test("The table is in the order of bytes, and in no other")
  func table() {
    let bytes = Self.bytes(Self.names)
    #expect(bytes == bytes.sorted { $0.lexicographicallyPrecedes($1) })
    #expect(bytes != Self.bytes(Self.names.sorted()))
    #expect(bytes != bytes.sorted { $0.count < $1.count })
  }

  @Test(
    "The report has every input in that order, for any number of workers",
    arguments: ["1", "2", "5"])
  func report(_ jobs: String) throws {
    let bench = try bench()
    let outcome = try bench.run("--jobs", jobs)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(Self.bytes(try bench.folder.report().map(\.source)) == Self.bytes(Self.names))
    for (index, line) in try bench.folder.report().enumerated() {
      #expect(Self.bytes(line.outputs.map(\.path)) == Self.bytes([Self.names[index]]))
      #expect(
        try bench.folder.bytes("out/" + Self.names[index]) == Workbench.array(seed: index))
    }
    // What is done and what is not is told in one order, too.
    for index in [1, 13, 16] {
      try FileManager.default.removeItem(atPath: bench.folder.path("out/" + Self.names[index]))
    }
    #expect(try bench.run("--jobs", jobs).status == 0)
    #expect(Self.bytes(try bench.folder.report().map(\.source)) == Self.bytes(Self.names))
    #expect(
      Self.bytes(try bench.sources("ok")) == Self.bytes([1, 13, 16].map { Self.names[$0] }))
  }

  @Test("A folder, a glob and lists in any order give one order")
  func sources() throws {
    let bench = try bench()
    let lines = Self.names.reversed().map { "in/\($0)\n" }.joined()
    try bench.folder.write(lines, to: "list")
    for source in ["in", "in/**", "@list", "-"] {
      let outcome = try Command.run(
        ["run", "copy.json", "--input", source, "--dry-run", "--json"], in: bench.folder.path,
        input: lines)
      let inputs = try #require(outcome.json?["inputs"] as? [[String: Any]])
      let names = inputs.compactMap { $0["source"] as? String }
      let prefix = source == "@list" || source == "-" ? "in/" : ""
      #expect(Self.bytes(names) == Self.bytes(Self.names.map { prefix + $0 }), "\(source)")
    }
  }

  @Test("An input that is named twice is one input, two spellings of a letter are two")
  func once() throws {
    let bench = try bench()
    let both = try bench.run(
      "--dry-run", "--json", "--input", "in/e\u{301}.npy", "--input", "in/\u{E9}.npy",
      "--input", "in/e\u{301}.npy")
    #expect((both.json?["counts"] as? [String: Int])?["total"] == 2, "\(both.errors)")
  }
}
