import Foundation
import Glibc
import Testing

/// What is drawn on a terminal while a run goes on.
@Suite(.timeLimit(.minutes(5))) struct TerminalTests {
  private static let clear = "\u{1B}[K"

  /// The lines that were drawn one over the other, and what stays behind them.
  private static func frames(_ drawn: String) -> (bars: [String], rest: String) {
    var parts = drawn.components(separatedBy: clear)
    let rest = parts.removeLast()
    let bars = parts.map { $0.trimmingPrefix("\r").description }
    // What is away is not taken away again.
    #expect(!zip(bars, bars.dropFirst()).contains { $0.isEmpty && $1.isEmpty }, "\(drawn)")
    #expect(!drawn.contains("\n\r\(clear)"), "\(drawn)")
    return (bars, rest)
  }

  @Test(
    "A bar is drawn over itself, keeps off the last column, and goes with the end",
    arguments: [(80, 79), (200, 199), (30, 29), (8, 7), (0, 79)])
  func bar(columns: Int, width: Int) throws {
    let bench = try Workbench()
    let (status, drawn) = try Terminal(columns: columns).run(
      ["run", "copy.json"], in: bench.folder.path)
    #expect(status == 0)
    let (bars, rest) = Self.frames(drawn)
    #expect(bars.count > 1 && bars.last == "", "\(drawn)")
    #expect(bars.allSatisfy { $0.count <= width }, "\(drawn)")
    let full = try #require(bars.last { !$0.isEmpty })
    if columns != 8 { #expect(full.contains("100%  3/3"), "\(full)") }
    if columns == 8 { #expect(full == "100%") }
    if width >= 79 { #expect(full.hasPrefix("▕████") && full.contains("▏ 100%"), "\(full)") }
    #expect(rest.hasPrefix("3 images"), "\(drawn)")
    #expect(!rest.contains("\r") && rest.hasSuffix("\n"), "\(drawn)")
  }

  @Test(
    "Nothing is drawn where nobody asks for it, or the cursor cannot be moved",
    arguments: [(["--quiet"], "xterm"), ([], "dumb")])
  func plain(_ options: [String], _ kind: String) throws {
    let bench = try Workbench()
    let (status, drawn) = try Terminal(columns: 80).run(
      ["run", "copy.json"] + options, in: bench.folder.path, environment: ["TERM": kind])
    #expect(status == 0)
    #expect(!drawn.contains("\u{1B}") && !drawn.contains("\r"), "\(drawn)")
    #expect(drawn.isEmpty == options.contains("--quiet"), "\(drawn)")
  }

  @Test("The bar goes before it is said that a run was interrupted")
  func interrupted() throws {
    let bench = try Workbench()
    let mark = bench.folder.path("mark")
    let calls = SlowCalls(call: "pread", path: "c.npy", milliseconds: 2000, number: 1)
    let terminal = try Terminal(columns: 80)
    let running = try terminal.start(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: calls.environment(showing: mark))
    try running.waitUntilThere(is: mark)
    kill(running.process, SIGINT)
    let outcome = try running.wait()
    let drawn = terminal.end()
    #expect(outcome.status == 75)
    let (bars, rest) = Self.frames(drawn)
    #expect(bars.last == "", "\(drawn)")
    #expect(
      drawn.contains(
        "\r\(Self.clear)interrupted: giving up what is in work; once more ends at once\n"),
      "\(drawn)")
    #expect(rest.contains("interrupted with 1 not run"), "\(drawn)")
  }

  @Test("Of shards the bar is drawn as well, and goes with each")
  func shards() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let (status, drawn) = try Terminal(columns: 80).run(
      ["run", "--plan", "plan", "--shard", "0-1"], in: bench.folder.path)
    #expect(status == 0)
    #expect(Self.frames(drawn).bars.count { $0.isEmpty } == 2, "\(drawn)")
  }
}
