import Foundation
import Glibc
import Testing

/// What a command does when it is asked to end before it writes anything.
@Suite(.timeLimit(.minutes(5))) struct EarlySignalTests {
  /// Waits until the process notes signals, and sends one.
  private func interrupt(_ running: Running, _ signal: Int32) throws {
    var noted = false
    for _ in 0..<30_000 where !noted {
      // A shell that becomes the command notes some, too.
      let name = try String(contentsOfFile: "/proc/\(running.process)/comm", encoding: .utf8)
      let status = try String(contentsOfFile: "/proc/\(running.process)/status", encoding: .utf8)
      let mask = status.firstMatch(of: #/SigCgt:\s*([0-9a-f]+)/#)
      noted = (mask.flatMap { UInt64($0.1, radix: 16) } ?? 0) & (1 << UInt64(signal - 1)) != 0
      noted = noted && name == "tessera\n"
      if !noted { usleep(1000) }
    }
    try #require(noted)
    kill(running.process, signal)
  }

  @Test(
    "A list that does not come is waited for no longer",
    arguments: [[], ["--dry-run"], ["--json", "--quiet"]], [SIGINT, SIGTERM, SIGHUP])
  func list(_ arguments: [String], _ signal: Int32) throws {
    let bench = try Workbench()
    let fifo = bench.folder.path("fifo")
    mkfifo(fifo, 0o600)
    // Somebody holds the other end, has written a line, and goes on for ever.
    let end = open(fifo, O_RDWR | O_CLOEXEC)
    defer { close(end) }
    #expect(write(end, "in/a.npy\n", 9) == 9)
    let running = try Running(
      ["run", "copy.json", "--input", "@fifo"] + arguments, in: bench.folder.path)
    try interrupt(running, signal)
    let outcome = try running.wait()
    #expect(outcome.status == 75 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(outcome.errors.contains("error: interrupted while looking for inputs"))
    #expect(bench.folder.files(in: "out") == [])
    if arguments.contains("--json") { #expect(outcome.json?["exit_status"] as? Int == 75) }
  }

  @Test(
    "A pipeline that does not come is waited for no longer",
    arguments: [
      ["validate", "fifo"], ["validate", "copy.json", "fifo", "copy.json"], ["run", "fifo"],
      ["run", "fifo", "--json"], ["explain", "fifo", "--size", "9x8"], ["run", "/dev/stdin"],
    ], ["", "{ \"version\": 1"])
  func pipeline(_ arguments: [String], _ start: String) throws {
    let bench = try Workbench()
    let fifo = bench.folder.path("fifo")
    mkfifo(fifo, 0o600)
    // Nobody writes, or somebody does and goes on for ever.
    let end = start.isEmpty ? -1 : open(fifo, O_RDWR | O_CLOEXEC)
    defer { if end >= 0 { close(end) } }
    if end >= 0 { #expect(write(end, start, start.utf8.count) == start.utf8.count) }
    let running = try Running(
      arguments, in: bench.folder.path,
      through: ["sh", "-c", #"exec "$@" <>fifo"#, "sh"])
    try interrupt(running, SIGINT)
    let outcome = try running.wait()
    #expect(outcome.status == 75 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(outcome.errors.contains("error: interrupted while reading the pipeline '"))
    // Nothing behind it is begun.
    #expect(outcome.output.components(separatedBy: "ok, ").count <= 2)
    if arguments.contains("--json") { #expect(outcome.json?["exit_status"] as? Int == 75) }
  }

  @Test("A pipeline that comes late is run")
  func latePipeline() throws {
    let bench = try Workbench()
    let fifo = bench.folder.path("fifo")
    mkfifo(fifo, 0o600)
    let running = try Running(["run", "fifo"], in: bench.folder.path)
    usleep(200_000)
    let end = open(fifo, O_WRONLY | O_CLOEXEC)
    let text = try bench.folder.bytes("copy.json")
    #expect(write(end, text, text.count) == text.count)
    close(end)
    let outcome = try running.wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out") == ["a.npy", "b.npy", "c.npy"])
  }

  @Test("verify ends in the midst of a file", arguments: [SIGINT, SIGUSR1])
  func verify(_ signal: Int32) throws {
    let bench = try Workbench()
    #expect(try bench.run().status == 0)
    // Holes are read as fast as memory, and still for minutes.
    #expect(truncate(bench.folder.path("out/b.npy"), 1 << 42) == 0)
    let running = try Running(["verify", "out"], in: bench.folder.path)
    try interrupt(running, signal)
    let outcome = try running.wait()
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errors.contains("interrupted: not every output has been looked at"))
  }

  @Test("A walk through many folders ends", arguments: [[], ["--dry-run"]])
  func walk(_ arguments: [String]) throws {
    let bench = try Workbench()
    // Each look into a folder takes a while, as over a network.
    let library = try FaultyCalls.build(
      """
      #define _GNU_SOURCE
      #include <dirent.h>
      #include <dlfcn.h>
      #include <unistd.h>
      struct dirent *readdir(DIR *stream) {
        usleep(20000);
        return ((__typeof__(&readdir))dlsym(RTLD_NEXT, "readdir"))(stream);
      }
      """, in: bench.folder)
    for index in 0..<2000 { try bench.folder.write("", to: "many/\(index)/a.npy") }
    let running = try Running(
      ["run", "copy.json", "--input", "many"] + arguments, in: bench.folder.path,
      environment: ["LD_PRELOAD": library])
    try interrupt(running, SIGINT)
    let outcome = try running.wait()
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errors.contains("error: interrupted while looking for inputs"))
  }
}
