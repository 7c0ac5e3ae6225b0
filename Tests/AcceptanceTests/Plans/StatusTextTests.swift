import Testing

/// What `status` tells people.
@Suite(.timeLimit(.minutes(10))) struct StatusTextTests {
  private func status(_ bench: PlanBench) throws -> String {
    let outcome = try Command.run(["status", "--plan", "plan"], in: bench.folder.path)
    #expect(outcome.status == 0 && outcome.errors == "")
    return outcome.output
  }

  @Test("Shards are told of as they are: missing, done, with failures")
  func shards() throws {
    let bench = try PlanBench()
    try bench.folder.write("no image", to: "in/b/d/b.png")
    try bench.plan("--shards", "4")
    #expect(
      try status(bench) == """
        0 of 12 inputs
        done     0 of 4 shards
        running  0
        missing  4: 0-3

        """)
    #expect(try bench.run("0").status == 0)
    #expect(try bench.run("1").status == 65)
    #expect(
      try status(bench) == """
        6 of 12 inputs, 1 failed
        done     2 of 4 shards
        running  0
        missing  2: 2-3
        failed inputs in shard 1

        """)
    #expect(try bench.run("2-3").status == 0)
    #expect(
      try status(bench) == """
        12 of 12 inputs, 1 failed
        done     4 of 4 shards
        running  0
        missing  0
        failed inputs in shard 1

        """)
  }
}
