import Glibc
import Testing

/// What is verified by records in other folders, and what keeps two runs apart there.
extension OutputFolderTests {
  @Test("A single output is verified by the records that tell of it, wherever they are")
  func verifyOne() throws {
    func verify(_ bench: Workbench, _ arguments: String...) throws -> Command.Outcome {
      try Command.run(["verify"] + arguments, in: bench.folder.path)
    }
    let bench = try Workbench(["a.npy", "s/t/b.npy"])
    #expect(try bench.run("in/a.npy", "-o", "x.npy", "--state", "S").status == 0)
    #expect(try bench.run("in/a.npy", "-o", "deep/y.npy", "--state", "S").status == 0)
    #expect(try bench.run().status == 0)
    let single = [["x.npy", "--state", "S"], ["deep/y.npy", "--state", "S"], ["out/s/t/b.npy"]]
    for arguments in single {
      let outcome = try Command.run(["verify"] + arguments, in: bench.folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output == "\(arguments[0]): 1 output as written\n")
    }
    for arguments in single {
      try bench.folder.write("x", to: arguments[0])
      let outcome = try Command.run(["verify"] + arguments, in: bench.folder.path)
      #expect(outcome.status == 65, "\(outcome.errors)")
    }
    #expect(try verify(bench, "out/a.npy").status == 0)
    let none = try verify(bench, "x.npy")
    #expect(none.status == 66 && none.errors.contains("--state"), "\(none.errors)")
    let other = try verify(bench, "in/a.npy", "--state", "S")
    #expect(
      other.status == 66 && other.errors.contains("no run with --state 'S' has written"),
      "\(other.errors)")
    #expect(try verify(bench, "nowhere.npy").status == 66)
  }

  @Test("With --state, every folder that a run of several encodes has written is verified")
  func verifyAll() throws {
    let bench = try Workbench()
    try bench.writePipeline([#"{ "stage": "encode", "path": "st/b", "format": "npy" }"#])
    #expect(try bench.run("--state", "ST").status == 0)
    // Records of the first folder tell of all that the run has written.
    for (folder, count) in [("out", 3), ("st/b", 6)] {
      let arguments = ["verify", folder, "--state", "ST"]
      let outcome = try Command.run(arguments, in: bench.folder.path)
      #expect(outcome.output == "\(folder): \(count) outputs as written\n")
    }
    #expect(try Command.run(["verify", "out"], in: bench.folder.path).errors.contains("--state"))
  }

  @Test("The folder that is named as in use is the one that is locked")
  func lockedState() throws {
    let bench = try Workbench()
    #expect(try bench.run("--state", "SL").status == 0)
    let lock = open(bench.folder.path("SL/lock"), O_RDWR | O_CLOEXEC)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let outcome = try bench.run("--state", "SL", "--json")
    #expect(outcome.status == 75 && outcome.errors.contains("another run is writing to 'SL'"))
    let errors = outcome.json?["errors"] as? [[String: Any]]
    #expect(errors?.first?["file"] as? String == "SL")
    #expect(try bench.run("--state", "other").status == 0)
  }
}
