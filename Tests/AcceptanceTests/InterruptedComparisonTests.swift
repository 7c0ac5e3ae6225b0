import Foundation
import Glibc
import Testing

/// Runs that are interrupted while they read outputs: their own, or those that were there before.
@Suite(.serialized, .timeLimit(.minutes(10))) struct InterruptedComparisonTests {
  /// A place where outputs are read, and how it is come to.
  struct Place: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The calls that take their time.
    var calls: SlowCalls
    /// What is done after a first run.
    var change: @Sendable (Workbench) throws -> Void = { _ in }
    var arguments: [String] = []
    /// Whether there is a run before.
    var isRepeated = true
  }

  private static let side = 1500

  private static func picture(seed: Int, channels: Int = 1) -> [UInt8] {
    let picture = Picture.noise(width: side, height: side, channels: channels, seed: UInt64(seed))
    return NPYFile.file(descriptor: "|u1", shape: [channels, side, side])
      + picture.values.map { UInt8(truncatingIfNeeded: $0) }
  }

  private static let pictures = [picture(seed: 1), picture(seed: 2), picture(seed: 3, channels: 5)]

  private static func reading(_ path: String, call: String = "pread") -> SlowCalls {
    SlowCalls(call: call, path: path, milliseconds: 300)
  }

  static let places: [Place] = [
    Place(
      testDescription: "what was just written, for the records", calls: reading(".tessera-part"),
      isRepeated: false),
    Place(
      testDescription: "a file that no record knows", calls: reading("out/a.npy"),
      change: { unlink($0.folder.path("out/.tessera-records")) }),
    Place(
      testDescription: "an output that is to be replaced", calls: reading("out/a.npy"),
      change: { try $0.folder.write(pictures[1], to: "in/a.npy") }),
    Place(
      testDescription: "an output of zeros, as a loss of power leaves it",
      calls: reading("out/a.npy", call: "read"),
      change: { bench in
        try bench.folder.write(pictures[1], to: "in/a.npy")
        try bench.folder.write([UInt8](repeating: 0, count: pictures[0].count), to: "out/a.npy")
      }),
    Place(
      testDescription: "an output that is to be verified", calls: reading("out/a.npy"),
      arguments: ["--verify-done"]),
    Place(
      testDescription: "an output that is to be verified, of an input with another time",
      calls: reading("out/a.npy"),
      change: { try $0.folder.write(pictures[0], to: "in/a.npy") }, arguments: ["--verify-done"]),
    Place(
      testDescription: "what a dry run would have to compare", calls: reading("out/a.npy"),
      change: { try $0.folder.write(pictures[1], to: "in/a.npy") }, arguments: ["--dry-run"]),
  ]

  @Test("One signal ends a run that reads outputs, and what is there stays", arguments: places)
  func output(_ place: Place) throws {
    let bench = try Workbench([])
    try bench.folder.write(Self.pictures[0], to: "in/a.npy")
    if place.isRepeated { #expect(try bench.run().status == 0) }
    try place.change(bench)
    let before = bench.stamps()
    try interrupt(bench, place.calls, place.arguments)
    #expect(bench.stamps() == before && bench.halfFiles() == [])
    // The same command goes on from there.
    #expect(try bench.run().status == 0)
    #expect(try bench.contents() == ["a.npy": try bench.folder.bytes("in/a.npy")])
    #expect(try bench.run().errors.contains("1 done before"))
  }

  @Test("One signal ends a run that reads what an earlier one has left over, and it stays ours")
  func surplus() throws {
    let bench = try Workbench([])
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [],
        encode: #""path": "out", "format": "png", "compression": "none""#), to: "copy.json")
    try bench.folder.write(Self.pictures[2], to: "in/a.npy")
    #expect(try bench.run().status == 0)
    let before = bench.stamps()
    #expect(before.count == 5)
    try bench.folder.write(Self.pictures[0], to: "in/a.npy")
    let last = try #require(before.keys.max())
    try interrupt(bench, Self.reading(last), [])
    #expect(bench.stamps() == before && bench.halfFiles() == [])
    #expect(try bench.run().status == 0)
    #expect(bench.folder.outputs(in: "out") == ["a.png"])
  }

  private func interrupt(_ bench: Workbench, _ calls: SlowCalls, _ arguments: [String]) throws {
    let mark = bench.folder.path("mark")
    let running = try Running(
      ["run", "copy.json", "--jobs", "1"] + arguments, in: bench.folder.path,
      environment: calls.environment(showing: mark))
    for _ in 0..<60_000 where access(mark, F_OK) != 0 { usleep(1000) }
    let hasBegun = access(mark, F_OK) == 0
    kill(running.process, hasBegun ? SIGINT : SIGKILL)
    let outcome = try running.wait()
    #expect(hasBegun, "nothing was read: \(outcome.errors)")
    #expect(outcome.status == 75 && !outcome.hasCrashed, "\(outcome.errors)")
    if arguments != ["--dry-run"] {
      #expect(outcome.errors.contains("1 image: 0 done, 1 not run"), "\(outcome.errors)")
    }
  }
}
