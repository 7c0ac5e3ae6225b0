import Foundation
import Glibc
import Testing

/// A process that was not given all that most are given.
@Suite struct SurroundingsTests {
  private static func shell(_ line: String) -> [String] { ["sh", "-c", line, "sh"] }

  private static let withoutProc = ["unshare", "--mount"] + shell(#"umount -l /proc; exec "$@""#)

  /// Whether this process may make a place without /proc.
  private static let mayHideProc =
    (try? Command.run(["--version"], through: withoutProc).status) == 0

  @Test(
    "Without /proc the command does what it is told", .enabled(if: mayHideProc),
    arguments: [["--version"], ["stages", "unfold"], ["validate", "copy.json"], ["help", "run"]])
  func proc(_ arguments: [String]) throws {
    let bench = try Workbench()
    let usual = try Command.run(arguments, in: bench.folder.path)
    let bare = try Command.run(arguments, in: bench.folder.path, through: Self.withoutProc)
    #expect(usual.status == 0 && bare.status == 0, "\(bare.errors)")
    #expect(usual.output == bare.output && !bare.output.isEmpty)
  }

  @Test("Without /proc a run writes the same", .enabled(if: mayHideProc))
  func runWithoutProc() throws {
    let (bench, usual) = (try Workbench(), try Workbench())
    #expect(try bench.run("--jobs", "2", through: Self.withoutProc).status == 0)
    #expect(try usual.run().status == 0)
    #expect(try bench.contents() == usual.contents())
    let wrong = try bench.run("--jobs", "none", through: Self.withoutProc)
    #expect(wrong.status == 64 && wrong.errors.contains("--jobs"))
  }

  @Test(
    "Output that is lost is 74, and said",
    arguments: [
      ["--help"], ["--version"], ["stages"], ["schema"], ["validate", "copy.json"],
      ["explain", "copy.json", "--size", "9x8x1"], ["run", "copy.json", "--json"],
      ["run", "copy.json", "--dry-run"], ["verify", "done"], ["run", "bad.json", "--json"],
    ],
    [">/dev/full", ">&-"])
  func lost(_ arguments: [String], _ place: String) throws {
    let bench = try Workbench()
    #expect(try bench.run("--output", "done").status == 0)
    try bench.folder.write("no pipeline", to: "bad.json")
    let outcome = try Command.run(
      arguments, in: bench.folder.path, through: Self.shell(#"exec "$@" "# + place))
    // What is wrong with the pipeline weighs more.
    #expect(outcome.status == (arguments[1...].first == "bad.json" ? 78 : 74))
    #expect(outcome.errors.contains("error: cannot write to standard output: "))
    #expect(!outcome.hasCrashed)
  }

  @Test(
    "A run that tells nothing on standard output loses nothing", arguments: [">/dev/full", ">&-"])
  func nothingLost(_ place: String) throws {
    let bench = try Workbench()
    let outcome = try bench.run(through: Self.shell(#"exec "$@" "# + place))
    #expect(outcome.status == 0 && outcome.errors.contains("3 done"), "\(outcome.errors)")
  }

  @Test(
    "No file of a run gets messages where input, output or errors are closed",
    arguments: ["0<&-", "1>&-", "2>&-", "0<&- 1>&-", "1>&- 2>&-", "0<&- 2>&-", "0<&- 1>&- 2>&-"])
  func closed(_ places: String) throws {
    let bench = try Workbench()
    try bench.folder.write("no array", to: "in/bad.npy")
    let outcome = try bench.run("--json", through: Self.shell(#"exec "$@" "# + places))
    #expect(outcome.status == (places.contains("1>") ? 74 : 65), "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out") == ["a.npy", "b.npy", "c.npy"])
    for name in bench.folder.files(in: "out") {
      let text = String(decoding: try bench.folder.bytes("out/\(name)"), as: UTF8.self)
      #expect(!text.contains("error: ") && !text.contains("images: "), "\(name)")
      #expect(!text.contains(#""exit_status""#), "\(name)")
    }
    #expect(try bench.folder.report().count == 4)
  }

  @Test(
    "Where there is no /dev/null, no file gets messages either",
    arguments: ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"], [EACCES, ENOENT, ENXIO])
  func withoutNull(_ places: String, _ code: Int32) throws {
    let bench = try Workbench()
    let variables = try FaultyCalls.environment(
      .init(call: "open", code: code, path: "/dev/null"), below: "/dev/null")
    let outcome = try bench.run(through: Self.shell(#"exec "$@" "# + places) + Self.env(variables))
    #expect(outcome.status == 0 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out") == ["a.npy", "b.npy", "c.npy"])
    for name in bench.folder.files(in: "out") {
      let text = String(decoding: try bench.folder.bytes("out/\(name)"), as: UTF8.self)
      #expect(!text.contains("images: "), "\(name)")
    }
  }

  @Test(
    "Where nothing takes the place of what is closed, that is said, and nothing is begun",
    arguments: [("0<&-", "input"), ("1>&-", "output"), ("2>&-", "")])
  func withoutAnything(_ places: String, _ word: String) throws {
    let bench = try Workbench()
    let variables = try FaultyCalls.environment(.init(call: "open", code: EMFILE), below: "/")
    let outcome = try bench.run(through: Self.shell(#"exec "$@" "# + places) + Self.env(variables))
    #expect(outcome.status == 71 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(bench.folder.files(in: "out") == [])
    if !word.isEmpty {
      #expect(
        outcome.errors == "error: standard \(word) is closed, and the system gives nothing in its "
          + "place: Too many open files\n")
    }
  }

  /// Sets variables for the command alone, not for the shell before it.
  private static func env(_ variables: [String: String]) -> [String] {
    ["env"] + variables.map { "\($0.key)=\($0.value)" }
  }

  @Test("A list on a closed standard input is one that cannot be read")
  func closedList() throws {
    let bench = try Workbench()
    let outcome = try bench.run("--input", "-", through: Self.shell(#"exec "$@" 0<&-"#))
    #expect(outcome.status == 66 && outcome.errors.contains("cannot read"), "\(outcome.errors)")
  }

  @Test("A limit of the size of files is an error of the output, not the end of the process")
  func limitedFiles() throws {
    let bench = try Workbench()
    try bench.write("large.npy", seed: 4, height: 400, width: 400)
    let outcome = try bench.run(through: Self.shell(#"ulimit -f 64; exec "$@""#))
    #expect(outcome.status == 74 && outcome.errors.contains("1 input failed (write)"))
    #expect(outcome.errors.contains("large.npy") && outcome.errors.contains("3 done"))
    #expect(bench.folder.outputs(in: "out") == ["a.npy", "b.npy", "c.npy"])
    #expect(try bench.run().status == 0)
  }
}
