import Foundation
import Glibc
import Testing

/// Pipeline files and lists that come through pipes, or that have no end.
@Suite(.timeLimit(.minutes(5))) struct PipeTests {
  private static func bash(_ line: String) -> [String] { ["bash", "-c", line, "bash"] }

  /// Ways in which a shell hands over a pipeline that is no file.
  private static let ways = [
    #"exec "$@" <(cat copy.json)"#,
    #"exec "$@" <(sleep 0.3; head -c 20 copy.json; sleep 0.2; tail -c +21 copy.json)"#,
    #"cat copy.json | "$@" /dev/stdin"#, #"exec "$@" /dev/stdin <copy.json"#,
    #"cat copy.json | "$@" /dev/fd/0"#, #"exec 7<copy.json; exec "$@" /dev/fd/7"#,
    #"mkfifo fifo; (sleep 0.3; cat copy.json >fifo) & exec "$@" fifo"#,
  ]

  @Test("A pipeline may come through a pipe", arguments: ways)
  func throughPipe(_ way: String) throws {
    let bench = try Workbench()
    let folder = bench.folder.path
    let validated = try Command.run(["validate"], in: folder, through: Self.bash(way))
    #expect(validated.status == 0 && validated.output.hasSuffix(": ok, 2 stages\n"))
    unlink(bench.folder.path("fifo"))
    // Relative paths start at the folder of the file, which is none of ours here.
    let outcome = try Command.run(
      ["run", "--output", "out", "--input", "in"], in: folder, through: Self.bash(way))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out") == ["a.npy", "b.npy", "c.npy"])
  }

  @Test(
    "A list may come through a pipe, and slowly",
    arguments: [
      #"exec "$@" --input @<(ls in/*)"#,
      #"exec "$@" --input @<(echo in/a.npy; sleep 0.3; ls in/[bc]*)"#,
      #"ls in/* | "$@" --input -"#, #"(sleep 0.3; ls in/*) | "$@" --input @/dev/stdin"#,
      #"mkfifo fifo; (printf 'in/a.npy\0in/b.npy\0in/c.npy' >fifo) & exec "$@" -i @fifo"#,
    ])
  func list(_ way: String) throws {
    let bench = try Workbench()
    let outcome = try Command.run(
      ["run", "copy.json"], in: bench.folder.path, through: Self.bash(way))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out") == ["in/a.npy", "in/b.npy", "in/c.npy"])
  }

  @Test("An image may be no pipe, and nobody waits for one")
  func image() throws {
    let bench = try Workbench()
    for way in [#"exec "$@" <(cat in/a.npy)"#, #"mkfifo fifo; exec "$@" fifo"#] {
      let outcome = try Command.run(
        ["run", "copy.json", "in/b.npy"], in: bench.folder.path, through: Self.bash(way))
      #expect(outcome.status == 65 && outcome.errors.contains("1 done, 1 failed"))
      unlink(bench.folder.path("out/b.npy"))
    }
  }

  @Test(
    "What has no end is refused by its name",
    arguments: [
      (["validate", "/dev/zero"], "cannot read '/dev/zero': it is a device", 66),
      (["validate", "/dev/urandom", "copy.json"], "'/dev/urandom': it is a device", 66),
      (["run", "/dev/full"], "'/dev/full': it is a device", 66),
      (["explain", "/dev/zero", "--size", "8x8"], "'/dev/zero': it is a device", 66),
      (["run", "copy.json", "-i", "@/dev/zero"], "'/dev/zero': it is a device", 66),
      (["validate", "in"], "cannot read 'in': Is a directory", 66),
      (["validate", "sparse"], "'sparse': it has more than 16.0 MB, the limit", 66),
      (["run", "copy.json", "-i", "@sparse-list"], "it has more than 1.0 GB, the limit", 66),
      (["run", "weights.json"], "/dev/zero", 78), (["validate", "weights.json"], "/dev/zero", 78),
    ] as [([String], String, Int32)])
  func endless(_ arguments: [String], _ words: String, _ status: Int32) throws {
    let bench = try Workbench()
    for (name, size) in [("sparse", 20 << 20), ("sparse-list", 2 << 30)] {
      try bench.folder.write("", to: name)
      #expect(truncate(bench.folder.path(name), off_t(size)) == 0)
    }
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "convolve", "weights": "/dev/zero" }"#],
        encode: #""path": "out", "format": "npy""#), to: "weights.json")
    let outcome = try Command.run(arguments, in: bench.folder.path)
    #expect(outcome.status == status && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test("A pipe without an end is read up to the limit")
  func endlessPipe() throws {
    for line in ["cat /dev/zero", "yes", "yes '{'"] {
      let outcome = try Command.run(
        ["validate"], through: Self.bash("\(line) 2>/dev/null | \"$@\" /dev/stdin"))
      #expect(outcome.status == 66 && outcome.errors.contains("more than 16.0 MB"), "\(line)")
    }
    let bench = try Workbench()
    let zero = try bench.run("--input", "-", through: Self.bash(#"exec "$@" </dev/zero"#))
    #expect(zero.status == 66 && zero.errors.contains("'-': it is a device"), "\(zero.errors)")
    let null = try bench.run("--input", "-", through: Self.bash(#"exec "$@" </dev/null"#))
    #expect(null.status == 66 && null.errors.contains("no image in the list"), "\(null.errors)")
  }
}
