import Foundation
import Glibc
import Testing

/// What a run does when it is asked to end in the midst of a slow input.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SignalTests {
  private static let side = (height: 1600, width: 1500)

  /// Two small inputs and one, between them, that takes seconds.
  private func slowBench() throws -> Workbench {
    let bench = try Workbench(["a.npy", "c.npy"])
    try bench.write("b.npy", seed: 7, height: Self.side.height, width: Self.side.width)
    // Noise: no product of two vectors that would make it fast.
    var state: UInt32 = 1
    let weights = (0..<127 * 127).map { _ -> Float in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 16) / 65536 - 0.5
    }
    try bench.folder.write(NPYFile.float32(weights, shape: [127, 127]), to: "kernel.npy")
    try bench.writePipeline(
      [#"{ "stage": "convolve", "weights": "kernel.npy", "padding": "same" }"#])
    return bench
  }

  /// What an undisturbed run writes.
  private static let undisturbed = Result {
    let bench = try SignalTests().slowBench()
    let outcome = try bench.run("--jobs", "1")
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try bench.contents()
  }

  /// Starts a run and waits until the slow input is in work.
  private func start(
    _ bench: Workbench, _ arguments: String..., through wrapper: [String] = []
  ) throws -> Running {
    let running = try Running(
      ["run", "copy.json", "--jobs", "1"] + arguments, in: bench.folder.path, through: wrapper)
    let half = bench.folder.path("out/.b.npy.tessera-part")
    try running.waitUntilThere(is: half)
    guard access(half, F_OK) == 0 else {
      kill(running.process, SIGKILL)
      Issue.record("the slow input never began: \(try running.wait().errors)")
      throw CancellationError()
    }
    return running
  }

  /// Sends signals one after the other, each when the one before has arrived.
  private func send(_ signals: [Int32], to running: Running) throws {
    for signal in signals {
      kill(running.process, signal)
      var isPending = true
      while isPending {
        let status = try String(contentsOfFile: "/proc/\(running.process)/status", encoding: .utf8)
        let masks = status.matches(of: #/(?:SigPnd|ShdPnd):\s*([0-9a-f]+)/#)
        let hasEnded = status.contains("State:\tZ")
        isPending = !hasEnded && masks.contains { $0.1.contains { $0 != "0" } }
      }
    }
  }

  /// Runs again, and checks that everything is as after an undisturbed run.
  private func expectGoingOn(_ bench: Workbench) throws {
    // What had its name when the run ended, and no record yet, is made again.
    let records = String(decoding: try bench.folder.bytes("out/.tessera-records"), as: UTF8.self)
    let done = records.split(separator: "\n").filter { $0.hasPrefix("record\tdone\t") }
    let before = bench.stamps().filter { stamp in
      done.contains { $0.contains("\t\(stamp.key.dropFirst("out/".count))\t") }
    }
    let next = try bench.run()
    #expect(next.status == 0, "\(next.errors)")
    #expect(try bench.contents() == Self.undisturbed.get())
    #expect(try bench.folder.report().map(\.source) == ["a.npy", "b.npy", "c.npy"])
    #expect(bench.stamps().filter { before[$0.key] != nil } == before)
    #expect(try Command.run(["verify", "out"], in: bench.folder.path).status == 0)
  }

  @Test(
    "One signal ends the run in order, with a report, and the next run goes on",
    arguments: [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2], ["", "INT,TERM,HUP,USR1,USR2"])
  func one(_ signal: Int32, _ blocked: String) throws {
    let bench = try slowBench()
    let running = try start(bench, through: blocked.isEmpty ? [] : Wrapper.blocking(blocked))
    try send([signal], to: running)
    let outcome = try running.wait()
    #expect(outcome.status == 75 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(outcome.errors.contains("error: interrupted with 2 not run; the same command goes on"))
    #expect(outcome.errors.contains("3 images: 1 done, 2 not run"), "\(outcome.errors)")
    #expect(try bench.folder.report().map(\.status) == ["ok", "not_run", "not_run"])
    #expect(try bench.contents() == Self.undisturbed.get().filter { $0.key == "a.npy" })
    try expectGoingOn(bench)
  }

  @Test(
    "The second signal ends the run at once, with whole files alone under final names",
    arguments: [
      [SIGINT, SIGINT], [SIGINT, SIGTERM], [SIGTERM, SIGINT], [SIGTERM, SIGTERM], [SIGHUP, SIGINT],
      [SIGUSR1, SIGUSR2],
    ])
  func two(_ signals: [Int32]) throws {
    let bench = try slowBench()
    let running = try start(bench)
    try send(Array(signals.dropLast()), to: running)
    kill(running.process, signals[1])
    let outcome = try running.wait()
    #expect(outcome.status == 75 && !outcome.hasCrashed, "\(outcome.errors)")
    // No report and no summary: it ended where it stood.
    #expect(!outcome.errors.contains("goes on from here"), "\(outcome.errors)")
    #expect(!bench.folder.files(in: "out").contains("report.jsonl"))
    #expect(bench.halfFiles() == [])
    // Names are given some time after files are whole: the first one may have come to its own.
    let first = try Self.undisturbed.get().filter { $0.key == "a.npy" }
    let contents = try bench.contents()
    #expect(contents.isEmpty || contents == first)
    try expectGoingOn(bench)
  }

  @Test(
    "The second signal ends the run at once where the system starts no thread, whatever stdin takes",
    .enabled(if: ThreadTests.mayEnlargeStacks))
  func twoWithoutThreads() throws {
    let bench = try slowBench()
    try bench.folder.write("", to: "other")
    let running = try start(
      bench,
      through: [
        "sh", "-c", #"ls -l /proc/$$/fd >before; ulimit -s 1000000000000 && exec "$@" 0<>other"#,
        "sh",
      ])
    // Nothing is left of what would have told that thread, but what it was started with.
    let before = try String(contentsOfFile: bench.folder.path("before"), encoding: .utf8)
    let folder = "/proc/\(running.process)/fd"
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(file)")
      if let target, target.hasPrefix("pipe:") { #expect(before.contains(target)) }
    }
    try send([SIGINT], to: running)
    kill(running.process, SIGTERM)
    let outcome = try running.wait()
    #expect(outcome.status == 75 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(!outcome.errors.contains("goes on from here"), "\(outcome.errors)")
    #expect(try bench.folder.bytes("other") == [])
    try expectGoingOn(bench)
  }

  @Test(
    "What a run is there to replace stays until the new file is whole",
    arguments: [[SIGINT], [SIGTERM, SIGINT]])
  func oldFiles(_ signals: [Int32]) throws {
    let bench = try slowBench()
    let old = ["a.npy", "b.npy", "c.npy", "report.jsonl"]
    for name in old { try bench.folder.write("old \(name)", to: "out/\(name)") }
    let running = try start(bench, "--overwrite")
    // The first input is whole, and soon has its name; the report waits for the last one.
    let first = try bench.folder.bytes("out/a.npy")
    #expect(try first == Array("old a.npy".utf8) || first == Self.undisturbed.get()["a.npy"])
    for name in old.dropFirst() {
      #expect(try bench.folder.bytes("out/\(name)") == Array("old \(name)".utf8))
    }
    for signal in signals { kill(running.process, signal) }
    #expect(try running.wait().status == 75)
    for name in ["b.npy", "c.npy"] + (signals.count == 2 ? ["report.jsonl"] : []) {
      #expect(try bench.folder.bytes("out/\(name)") == Array("old \(name)".utf8))
    }
    if signals.count == 1 {
      #expect(try bench.folder.report().map(\.status) == ["ok", "not_run", "not_run"])
    }
  }

  @Test("Signals that whoever started it has set to be ignored do nothing, as after nohup")
  func ignored() throws {
    let bench = try slowBench()
    let running = try start(bench, through: Wrapper.ignoring("INT,TERM"))
    for signal in [SIGINT, SIGTERM, SIGINT, SIGTERM] { kill(running.process, signal) }
    let outcome = try running.wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("interrupted"), "\(outcome.errors)")
    #expect(try bench.folder.report().map(\.status) == ["ok", "ok", "ok"])
    #expect(try bench.contents() == Self.undisturbed.get())
  }

  @Test(
    "A signal that is ignored does not count, the other one does",
    arguments: [("INT", SIGINT, SIGTERM), ("TERM", SIGTERM, SIGINT)])
  func oneIgnored(_ name: String, _ ignored: Int32, _ other: Int32) throws {
    let bench = try slowBench()
    let running = try start(bench, through: Wrapper.ignoring(name))
    for signal in [ignored, ignored, other, ignored] { kill(running.process, signal) }
    let outcome = try running.wait()
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(try bench.folder.report().map(\.status) == ["ok", "not_run", "not_run"])
  }

  @Test("Interrupted weighs more than an output that could not be written")
  func strongerThanWriting() throws {
    let bench = try slowBench()
    // Every row is filtered and every 100th one kept: 24 KB of the slow input are within the limit of
    // the size of files, and 70 KB of the one before it are not.
    let stages = [
      #"{ "stage": "convolve", "weights": "kernel.npy", "padding": "same" }"#,
      #"{ "stage": "unfold", "kernel_size": 1, "stride": [100, 1] }"#,
    ]
    try bench.writePipeline(stages, encode: #", "dtype": "uint8", "range": "auto""#)
    try bench.write("a-wide.npy", seed: 2, height: 1, width: 70_000)
    let running = try start(bench, through: Wrapper.limitingFiles)
    try send([SIGINT], to: running)
    let outcome = try running.wait()
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errors.contains("1 input failed (write)"), "\(outcome.errors)")
    #expect(outcome.errors.contains("the same command goes on from here"), "\(outcome.errors)")
    #expect(
      try bench.folder.report().map(\.status).sorted() == ["failed", "not_run", "not_run", "ok"])
  }

  @Test(
    "Interrupted weighs more than anything that failed before",
    arguments: ExitStatusTests.failures.filter {
      ($0.status != 74 || !$0.needs.isEmpty) && $0.testDescription != "output exists"
    })
  func stronger(_ cause: ExitStatusTests.Cause) throws {
    let bench = try slowBench()
    defer { chmod(bench.folder.path("in/closed"), 0o700) }
    try cause.prepare(bench.folder)
    // What fails goes first: names in order of their bytes.
    rename(bench.folder.path("in/bad.npy"), bench.folder.path("in/a-bad.npy"))
    let running = try start(bench, through: cause.wrapper)
    try send([SIGINT], to: running)
    let outcome = try running.wait()
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errors.contains(cause.words), "\(outcome.errors)")
    #expect(outcome.errors.contains("the same command goes on from here"), "\(outcome.errors)")
  }
}
