import Testing

/// What is on the disk when many files get their names together.
extension PowerLossTests {
  @Test(
    "Records tell that outputs are done once their names are on the disk, and no sooner",
    arguments: [2, 3])
  func namesBeforeRecords(_ number: Int) throws {
    let bench = try Workbench((0..<1000).map { "\($0).npy" })
    let fault = FaultyCalls.Fault(call: "syncfs", number: number, code: FaultyCalls.kill)
    let killed = try Command.run(
      ["run", "copy.json"], in: bench.folder.path,
      environment: FaultyCalls.environment(fault, below: "out", log: bench.folder.path("log")))
    #expect(killed.hasCrashed)
    let calls = try FaultyCalls.calls(in: bench.folder.path("log"))
    let syncs = calls.indices.filter { calls[$0].name == "syncfs" }
    try #require(syncs.count == number)
    let names = calls.indices.filter { calls[$0].name == "rename" }
    // The last one was not made any more.
    let lasting = names.filter { $0 < syncs[number - 2] }.count
    let lines = String(decoding: try bench.folder.bytes("out/.tessera-records"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("record\tdone\t") } == lasting)
    #expect(names.count > lasting)
    // What brings files to the disk brings the names of those before, too.
    #expect(!calls[syncs[0]...].contains { $0.name == "fsync" })
    #expect(lines.count { $0.hasPrefix("record\tstarted\t") } > names.count)
    #expect(try bench.run().status == 0)
    #expect(try bench.contents().count == 1000)
    let again = try bench.run()
    #expect(again.status == 0 && again.errors.contains("1000 done before"))
  }
}
