import Foundation
import Glibc
import Testing

/// Inputs that were done and have become files without an end.
@Suite struct EndlessInputTests {
  /// Done inputs of all formats.
  private static func bench() throws -> Workbench {
    let bench = try Workbench(["a.npy", "sub/d.npy"])
    try bench.folder.write(BlankPNG(width: 9, height: 7).bytes, to: "in/b.png")
    try bench.folder.copy(Repository.sample("astronaut.jpg"), to: "in/c.jpg")
    #expect(try bench.run().status == 0)
    return bench
  }

  @Test(
    "A done input that has become endless is refused by its name before its content is read",
    arguments: ["a.npy", "b.png", "c.jpg", "sub/d.npy"], [true, false])
  func done(_ name: String, _ keepsStart: Bool) throws {
    let bench = try Self.bench()
    let whole = try bench.contents()
    if !keepsStart { try bench.folder.write([0xFF], to: "in/\(name)") }
    try #require(truncate(bench.folder.path("in/\(name)"), 1 << 40) == 0)
    for arguments in [["--dry-run"], ["--jobs", "1"], ["--jobs", "3"], ["--verify-done"]] {
      // Whoever reads on is ended there; the first 128 KiB may be gone through for a marker.
      let environment = try FaultyCalls.environment(
        .init(call: "read", number: 200, code: FaultyCalls.kill, path: name),
        below: bench.folder.path("in"))
      let outcome = try Command.run(
        ["run", "copy.json"] + arguments, in: bench.folder.path, environment: environment)
      #expect(outcome.status == 65 && !outcome.hasCrashed, "\(arguments) \(outcome.errors)")
      #expect(outcome.errors.contains(name), "\(outcome.errors)")
      #expect(try bench.contents() == whole)
      if arguments == ["--dry-run"] { continue }
      #expect(try bench.sources("failed") == [name])
      #expect(try bench.sources("skipped").count == 3)
    }
  }
}
