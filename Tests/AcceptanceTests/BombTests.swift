import Foundation
import Glibc
import Testing

/// Memory that files take which hold or claim far more than their size tells.
@Suite(.serialized, .timeLimit(.minutes(20))) struct BombTests {
  private static let limit = 30_000_000

  /// Runs a bomb beside a good input; a bomb is done or fails by its name.
  private func peak(
    _ bomb: Bomb, _ bytes: [UInt8], failOn: String, _ more: [String]
  ) throws -> Int {
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: "in/\(bomb.name)")
    try #require(truncate(folder.path("in/\(bomb.name)"), bytes.count + bomb.holes) == 0)
    try folder.write(Workbench.array(seed: 1), to: "in/good.npy")
    try folder.write(
      pipeline(
        load: "\"path\": \"in\", \"fail_on\": \"\(failOn)\"",
        encode: #""path": "out", "format": "npy""#), to: "copy.json")
    let (outcome, peak) = try Command.peak(
      ["run", "copy.json", "--jobs", "1"] + more, in: folder)
    #expect([0, 65].contains(outcome.status) && !outcome.hasCrashed, "\(outcome.errors)")
    let statuses = try folder.report().map(\.status)
    #expect(statuses == [outcome.status == 0 ? "ok" : "failed", "ok"], "\(outcome.errors)")
    if outcome.status != 0 { #expect(outcome.errors.contains("\(bomb.name): ")) }
    return peak
  }

  @Test(
    "With --memory no file takes more than that, or it fails by its name",
    arguments: Bomb.jpegs + Bomb.pngs + Bomb.arrays)
  func limited(_ bomb: Bomb) throws {
    let base = try PeakMemoryTests.base.get()
    let bytes = try bomb.bytes()
    for failOn in ["error", "none"] {
      let peak = try peak(bomb, bytes, failOn: failOn, ["--memory", "30M"])
      #expect(peak <= base + Self.limit + PeakMemoryTests.allowance, "\(peak - base)")
    }
  }

  @Test(
    "Beyond the image itself no picture takes more than 64 MB", arguments: Bomb.jpegs + Bomb.pngs)
  func unlimited(_ bomb: Bomb) throws {
    let base = try PeakMemoryTests.base.get()
    let peak = try peak(bomb, bomb.bytes(), failOn: "none", [])
    #expect(peak <= base + bomb.held + 64_000_000, "\(peak - base - bomb.held)")
  }
}
