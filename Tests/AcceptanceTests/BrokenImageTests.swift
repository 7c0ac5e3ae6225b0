import Foundation
import Glibc
import Testing

/// Files that are damaged or no files at all, among good ones.
@Suite struct BrokenImageTests {
  private static let kinds = [
    "a-empty.png": "malformed", "b-garbage.jpg": "malformed", "c-cut.png": "truncated",
    "d-cut.jpg": "truncated", "e-flipped.png": "damaged", "g-liar.png": "limit",
    "h-header.png": "truncated",
  ]
  private static let good = ["f-good.png", "z-good.jpg"]

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let png = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: Repository.sample("chelsea-rgb.png"))))
    let jpeg = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: Repository.sample("astronaut.jpg"))))
    try folder.write([], to: "in/a-empty.png")
    try folder.write((0..<999).map { UInt8($0 * 7 & 255) }, to: "in/b-garbage.jpg")
    try folder.write(png.prefix(png.count / 2), to: "in/c-cut.png")
    try folder.write(jpeg.prefix(jpeg.count / 2), to: "in/d-cut.jpg")
    var flipped = png
    flipped[png.count / 2] ^= 0x10
    try folder.write(flipped, to: "in/e-flipped.png")
    try folder.write(png, to: "in/f-good.png")
    try folder.write(
      png.prefix(16) + [0, 15, 66, 64, 0, 15, 66, 64] + png[24...], to: "in/g-liar.png")
    try folder.write(png.prefix(20), to: "in/h-header.png")
    try folder.write(jpeg, to: "in/z-good.jpg")
    try folder.write(pipeline(), to: "copy.json")
    return folder
  }

  private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> Command.Outcome {
    let outcome = try Command.run(
      ["run", "copy.json", "--input", "in", "--output", "out"] + arguments, in: folder.path)
    #expect(!outcome.hasCrashed, "\(outcome.errors)")
    #expect(!folder.files(in: "out").contains { $0.hasSuffix("part") })
    return outcome
  }

  @Test("Each fails by itself with its kind, the good ones are done")
  func kinds() throws {
    let folder = try folder()
    let outcome = try run(folder)
    #expect(outcome.status == 65)
    let report = try folder.report()
    #expect(report.map(\.source) == (Self.kinds.keys + Self.good).sorted())
    for line in report {
      #expect(line.failureKind == Self.kinds[line.source], "\(line.source): \(line.values)")
      #expect(line.status == (Self.good.contains(line.source) ? "ok" : "failed"))
      #expect(Set(line.values.keys) == ReportLine.keys)
    }
    #expect(folder.outputs(in: "out") == ["f-good.png", "z-good.png"])
    for group in ["3 inputs failed (truncated):", "2 inputs failed (malformed):"] {
      #expect(outcome.errors.contains(group), "\(outcome.errors)")
    }
    for name in Self.kinds.keys { #expect(outcome.errors.contains("  \(name): ")) }
    #expect(outcome.errors.contains("9 images: 2 done, 7 failed"))

    let again = try run(folder)
    #expect(again.status == 65 && again.errors.contains("0 done, 7 failed, 2 done before"))
  }

  @Test("--json groups the failures, too")
  func json() throws {
    let outcome = try run(try folder(), "--json", "--quiet")
    let json = try #require(outcome.json)
    #expect((json["counts"] as? [String: Int])?["failed"] == 7)
    #expect(json["exit_status"] as? Int == 65)
    let groups = try #require(json["failures"] as? [[String: Any]])
    #expect(groups.reduce(0) { $0 + ($1["count"] as? Int ?? 0) } == 7)
    #expect(Set(groups.compactMap { $0["kind"] as? String }) == Set(Self.kinds.values))
  }

  @Test("--fail-fast stops at the first, and says how many it did not come to")
  func failFast() throws {
    let folder = try folder()
    let outcome = try run(folder, "--fail-fast", "--jobs", "1")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("0 done, 1 failed, 8 not run"), "\(outcome.errors)")
    #expect(try folder.report().map(\.status) == ["failed"] + Array(repeating: "not_run", count: 8))
    #expect(folder.outputs(in: "out").isEmpty)
  }

  @Test(
    "fail_on decides what damage refuses a file",
    arguments: [
      ("none", ["c-cut.png", "d-cut.jpg", "e-flipped.png"]), ("truncated", ["e-flipped.png"]),
      ("error", []), ("warning", []),
    ])
  func failOn(_ level: String, _ passed: [String]) throws {
    let folder = try folder()
    let outcome = try run(folder, "--set", "stages[0].fail_on=\(level)")
    #expect(outcome.status == 65)
    let report = try folder.report()
    let done = report.filter { $0.status == "ok" }.map(\.source)
    #expect(done == (passed + Self.good).sorted(), "\(level)")
    for line in report where line.status == "ok" && passed.contains(line.source) {
      #expect(line.values["partial"] as? Bool == (level == "none" && line.source.contains("cut")))
      #expect(line.values["partial"] as? Bool == true || !line.warnings.isEmpty)
    }
  }

  @Test(
    "Pipes, devices and files that are missing are refused and never waited for, folders in lists passed over"
  )
  func noFiles() throws {
    let folder = try folder()
    try #require(mkfifo(folder.path("in/pipe.png"), 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("in/device.png"), withDestinationPath: "/dev/zero")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("in/nowhere.png"), withDestinationPath: folder.path("nothing"))
    let names = ["pipe.png", "device.png", "nowhere.png", "missing.png", ".", "f-good.png"]
    try folder.write(names.joined(separator: "\n"), to: "in/list.txt")
    let outcome = try Command.run(
      ["run", "copy.json", "--input", "@in/list.txt", "--output", "out"], in: folder.path)
    #expect(outcome.status == 65 && !outcome.hasCrashed)
    #expect(outcome.errors.contains("1 done, 4 failed"), "\(outcome.errors)")
    #expect(outcome.errors.contains("4 inputs failed (unreadable):"), "\(outcome.errors)")
    #expect(outcome.errors.contains("warning: passed over 1 folder in a list"))
    let whole = try run(folder, "--overwrite")
    #expect(whole.status == 65)
    #expect(try folder.report().filter { $0.failureKind == nil }.map(\.source) == Self.good)
  }
}
