import Foundation
import Glibc
import Testing

/// Runs that write the same files without knowing of each other.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SharedOutputTests {
  /// Two small inputs and, between them, one that takes a while.
  private func slowBench() throws -> Workbench {
    let bench = try Workbench(["a.npy", "c.npy"])
    try bench.write("b.npy", seed: 7, height: 900, width: 900)
    var state: UInt32 = 1
    let weights = (0..<101 * 101).map { _ -> Float in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 16) / 65536 - 0.5
    }
    try bench.folder.write(NPYFile.float32(weights, shape: [101, 101]), to: "kernel.npy")
    try bench.writePipeline(
      [#"{ "stage": "convolve", "weights": "kernel.npy", "padding": "same" }"#])
    return bench
  }

  /// Starts a run and stops it in the midst of the slow input.
  private func stopped(_ bench: Workbench, _ arguments: String...) throws -> Running {
    let running = try Running(
      ["run", "copy.json", "--jobs", "1"] + arguments, in: bench.folder.path)
    let half = bench.folder.path("out/.b.npy.tessera-part")
    try running.waitUntilThere(is: half)
    kill(running.process, SIGSTOP)
    guard access(half, F_OK) == 0 else {
      kill(running.process, SIGKILL)
      Issue.record("the slow input never began: \(try running.wait().errors)")
      throw CancellationError()
    }
    return running
  }

  @Test(
    "A second run that writes the same files leaves those of the first alone",
    arguments: [["--output", "out", "--state", "second"], ["in/b.npy", "--output", "out/b.npy"]])
  func besides(_ arguments: [String]) throws {
    let bench = try slowBench()
    let undisturbed = try Command.run(
      ["run", "copy.json", "--output", "whole", "--state", "third"], in: bench.folder.path)
    #expect(undisturbed.status == 0, "\(undisturbed.errors)")
    let first = try stopped(bench, "--state", "first")
    let second = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(second.status == 0, "\(second.errors)")
    #expect(bench.halfFiles().contains(".b.npy.tessera-part"))
    kill(first.process, SIGCONT)
    let outcome = try first.wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    for name in ["a.npy", "b.npy", "c.npy"] {
      #expect(try bench.folder.bytes("out/\(name)") == bench.folder.bytes("whole/\(name)"))
    }
    #expect(bench.halfFiles() == [])
  }

  @Test(
    "What a killed run has begun is removed by whichever run comes next",
    arguments: [
      ["--state", "second"], ["--state", "first"], [], ["in/a.npy", "--output", "out/x.npy"],
    ])
  func killed(_ arguments: [String]) throws {
    let bench = try slowBench()
    let first = try stopped(bench, "--state", "first")
    kill(first.process, SIGKILL)
    _ = try first.wait()
    #expect(bench.halfFiles().contains(".b.npy.tessera-part"))
    let next = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(next.status == 0, "\(next.errors)")
    #expect(bench.halfFiles() == [])
  }
}
