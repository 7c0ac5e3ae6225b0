import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// The time that the report tells of each input.
struct SecondsTests {
  let workshop: ShardWorkshop

  init() throws { workshop = try ShardWorkshop() }

  /// What the report says, line by line.
  private func seconds() -> [Double] {
    (workshop.folder.text("out/report.jsonl") ?? "").split(separator: "\n").map { line in
      line.firstMatch(of: /"seconds":([0-9.eE-]+)\}/).flatMap { Double($0.1) } ?? -1
    }
  }

  @Test(
    "an input takes as long as it is worked on, and no longer than the run", arguments: [1, 2])
  func lengths(itemsPerShard: Int) throws {
    try workshop.write(4)
    try workshop.folder.write("fail", to: "in/2.png")
    try workshop.folder.write("misfit", to: "in/3.png")
    let clock = ContinuousClock()
    let start = clock.now
    let run = try workshop.run(
      jobs: 1, itemsPerShard: itemsPerShard, delay: { $0.name == "1.png" ? 40_000 : 10_000 })
    let whole = (clock.now - start).seconds
    let seconds = seconds()
    #expect(seconds.count == 4)
    // Who sleeps for so long cannot take less.
    for (index, least) in [0.01, 0.04, 0.01].enumerated() { #expect(seconds[index] >= least) }
    #expect(seconds.allSatisfy { $0 >= 0 && $0 <= whole })
    #expect(run.summary.progress.seconds >= 0.06 && run.summary.progress.seconds <= whole)
    // Nothing is worked on twice at once: on one thread the sum is no more, but for rounding.
    if itemsPerShard == 1 { #expect(seconds.reduce(0, +) <= whole + 1e-5) }
  }
}
