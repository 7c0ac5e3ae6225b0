import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import Tessera
@testable import TesseraPipeline
@testable import TesseraThreads

/// Programs that do something else than they were asked for.
@Suite(.timeLimit(.minutes(10))) struct TransformCommandFailureTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    /// What `command` is, or the Perl that answers.
    var command: String?
    var answer = ""
    var keys = ""
    var sentence: String
    var testDescription: String { name }
  }

  private static let copy = #"print array("<f4", join(", ", $n, $c, $h, $w), $data);"#

  static let all: [Fault] = [
    Fault(
      name: "ends at once", command: #"["false"]"#,
      sentence: "the program 'false' ended with status 1 before its array did"),
    Fault(
      name: "crashes", answer: #"print STDERR "no such model\nat line 3\n"; exit 7;"#,
      sentence: "ended with status 7 before its array did; it says: no such model | at line 3"),
    Fault(
      name: "is killed", answer: "kill 9, $$; sleep 100;",
      sentence: "was ended by signal 9 before its array was"),
    Fault(
      name: "hangs", answer: "sleep 1000;", keys: #", "timeout": 0.5"#,
      sentence: "has not answered within 0.5 s"),
    Fault(
      name: "reads nothing", command: #"["sleep", "1000"]"#, keys: #", "timeout": 0.5"#,
      sentence: "the program 'sleep' has not answered within 0.5 s"),
    Fault(
      name: "writes too little",
      answer: #"print substr(array("<f4", join(", ", $n, $c, $h, $w), $data), 0, -1); exit 0;"#,
      sentence: "ended with status 0 before its array did"),
    Fault(
      name: "ends while one that it has started holds its pipes",
      answer: "if (fork) { exit 3; } sleep 1000; exit 0;",
      sentence: "ended with status 3 before its array did"),
    Fault(
      name: "ends while one that it has started goes on complaining",
      answer:
        #"if (fork) { exit 3; } $| = 1; while (1) { print STDERR "x\n"; select undef, undef, undef, 0.001; }"#,
      sentence: "ended with status 3 before its array did"),
    Fault(
      name: "closes its output",
      answer: "close STDOUT; sleep 1000;",
      sentence: "closed its standard output before its array ended"),
    Fault(
      name: "writes too much",
      answer: #"print array("<f4", join(", ", $n, $c, $h, $w), $data) . "x";"#,
      sentence: "wrote more than the array that it was asked for"),
    Fault(
      name: "writes another shape",
      answer: #"print array("<f4", join(", ", $n, $c, $h, $w - 1), $data);"#,
      sentence: "wrote an array of shape (16, 1, 4, 3), expected (16, 1, 4, 4)"),
    Fault(
      name: "forgets the scale", answer: copy, keys: #", "scale": 2"#,
      sentence: "wrote an array of shape (16, 1, 4, 4), expected (16, 1, 8, 8)"),
    Fault(
      name: "writes text", command: #"["echo", "Loading the model…"]"#,
      sentence: "wrote something else than an .npy array: \"Loading the mod"),
    Fault(
      name: "writes a header without end", answer: #"print "\x93NUMPY\x01\x00\x04\x00{{{{";"#,
      sentence: "wrote an array that cannot be read: malformed NPY"),
    Fault(
      name: "writes what float32 does not hold",
      answer:
        #"print array("<f8", join(", ", $n, $c, $h, $w), pack("d*", map { 0.1 } 1 .. $n * $c * $h * $w));"#,
      sentence: "is not exact in float32; round it with a.astype(np.float32)"),
    Fault(
      name: "writes complex numbers",
      answer: #"print array("<c8", join(", ", $n, $c, $h, $w), $data . $data);"#,
      sentence: "which are complex numbers"),
    Fault(
      name: "goes on complaining", answer: #"print STDERR "x" x 100000, "\nlast words\n"; exit 3;"#,
      sentence: "| last words"),
  ]

  @Test(
    "It fails the image, in words that quote it; the next image has a new one", arguments: all)
  func fails(_ fault: Fault) throws {
    let workshop = try Workshop()
    // The second image is answered: the file that the first has left tells.
    let script = PerlProgram.script(
      """
      my $mark = "\(workshop.folder.path("mark"))";
      if (-e $mark) { \(fault.keys.contains("scale") ? "exit 9;" : "\(Self.copy) next;") }
      open my $file, ">", $mark; close $file;
      \(fault.answer)
      """)
    let program = try fault.command ?? PerlProgram.command(script, in: workshop.folder)
    let planner = try workshop.planner(
      #"""
      {"stage": "unfold", "kernel_size": 4, "stride": 4},
      {"stage": "transform.command", "command": \#(program)\#(fault.keys)},
      {"stage": "fold"}, \#(npy)
      """#)
    let shape = ImageShape(channels: 1, height: 16, width: 16)
    let pixels = (0..<256).map { UInt8($0) }
    let failure = try #require(throws: InputFailure.self) {
      _ = try planner.run(on: pixels, shape: shape)
    }
    #expect(failure.kind == .program && failure.stageIndex == 2)
    #expect(failure.message.contains(fault.sentence), "\(failure.message)")
    #expect(failure.message.utf8.count < 1400)
    if fault.command == nil, !fault.keys.contains("scale") {
      let next = try planner.run(on: pixels, shape: shape)
      #expect(next.outputs[0].array.floats == pixels.map { Float($0) })
    }
  }

  @Test("A program that is no program fails in the system's words")
  func noProgram() throws {
    let workshop = try Workshop()
    try workshop.folder.write([0x7F, 0x45, 0x4C, 0x46, 1, 2, 3], to: "broken")
    chmod(workshop.folder.path("broken"), 0o755)
    let found = try workshop.run(
      #"""
      {"stage": "unfold", "kernel_size": 4}, {"stage": "transform.command", "command": ["./broken"]},
      \#(npy)
      """#, on: TestArray.noise([1, 4, 4], .uint8))
    #expect(found.result.error?.kind == .program)
    #expect(
      found.result.error?.message.contains("'./broken' does not start: Exec format error") == true)
  }

  @Test(
    "A program that stops listening has said why, or is told of",
    arguments: [
      ("close STDIN; sleep 1000;", "closed its standard input before it had read its array"),
      (
        #"print "Killed\n"; close STDOUT; exit 0;"#,
        "wrote something else than an .npy array: \"Killed"
      ),
      ("exit 4;", "ended with status 4 before its array did"),
    ])
  func closedInput(_ body: String, _ sentence: String) throws {
    let workshop = try Workshop()
    // More than a pipe holds, so that the rest of it is refused.
    let shape = ImageShape(channels: 1, height: 512, width: 512)
    try workshop.folder.write(Array("read(STDIN, my $start, 10); \(body)".utf8), to: "p.pl")
    let planner = try workshop.planner(
      #"""
      {"stage": "unfold", "kernel_size": 256, "stride": 256},
      {"stage": "transform.command", "command": ["perl", "\#(workshop.folder.path("p.pl"))"]}, \#(npy)
      """#)
    let failure = try #require(throws: InputFailure.self) {
      _ = try planner.run(on: [UInt8](repeating: 7, count: 512 * 512), shape: shape)
    }
    #expect(failure.kind == .program)
    #expect(failure.message.contains(sentence), "\(failure.message)")
  }

  @Test("A program that closes its input once it has answered is not asked again")
  func closedAfterAnswer() throws {
    let workshop = try Workshop()
    let script = PerlProgram.script("close STDIN; \(Self.copy) sleep 1000;")
    let planner = try workshop.planner(
      #"""
      {"stage": "unfold", "kernel_size": 4, "stride": 4},
      {"stage": "transform.command", "command": \#(try PerlProgram.command(script, in: workshop.folder))},
      {"stage": "fold"}, \#(npy)
      """#)
    let pixels = (0..<256).map { UInt8($0) }
    for _ in 0..<2 {
      let made = try planner.run(on: pixels, shape: ImageShape(channels: 1, height: 16, width: 16))
      #expect(made.outputs[0].array.floats == pixels.map { Float($0) })
    }
  }

  @Test("The wish to stop ends the wait for a program")
  func cancellation() throws {
    let workshop = try Workshop()
    let planner = try workshop.planner(
      #"{"stage": "unfold", "kernel_size": 4}, {"stage": "transform.command", "command": ["sleep", "1000"]}, \#(npy)"#
    )
    let start = ContinuousClock.now
    let wish = Cancellation { ContinuousClock.now - start > .milliseconds(200) }
    #expect(throws: Cancelled.self) {
      _ = try planner.run(
        on: [UInt8](repeating: 0, count: 16), shape: ImageShape(channels: 1, height: 4, width: 4),
        cancellation: wish)
    }
  }

  @Test("A program is looked for before an image is, and named with its place")
  func missing() throws {
    let workshop = try Workshop()
    for (name, expected) in [
      (
        "no-such-program",
        "expected a program that can be run on PATH, found no \"no-such-program\""
      ),
      (
        "./p.pl",
        "expected a program that can be run there, seen from the pipeline file, found no \"./p.pl\""
      ),
    ] {
      let error = try #require(throws: PipelineFileError.self) {
        _ = try workshop.planner(
          #"{"stage": "unfold", "kernel_size": 4}, {"stage": "transform.command", "command": ["\#(name)"]}, \#(npy)"#
        )
      }
      #expect(error.description.contains("pipeline.json:1:"))
      #expect(error.description.contains("stages[2] (transform.command).command: \(expected)"))
    }
  }

  @Test(
    "No override changes what is run",
    arguments: [
      #"command=["rm"]"#, #"stages[2].command=["rm"]"#, "stages[2].command[0]=rm",
      "stages[2].command[1]=-u", #"stages[2]={"stage": "transform.command", "command": ["rm"]}"#,
    ])
  func overrides(_ text: String) throws {
    let file = #"""
      {"version": 1, "stages": [{"stage": "load"}, {"stage": "unfold", "kernel_size": 4},
      {"stage": "transform.command", "command": ["cat", "-n"]}, \#(npy)]}
      """#
    let error = try #require(throws: PipelineFileError.self) {
      _ = try Pipeline(parsing: file, overrides: [text])
    }
    #expect(error.description.contains("a program is only ever taken from the pipeline file"))
    #expect(try Pipeline(parsing: file, overrides: ["batch=3"]).stages.count == 4)
  }

  @Test("Windows with gaps do not grow")
  func dilation() throws {
    let refusal = try Workshop().refusal(
      #"""
      {"stage": "unfold", "kernel_size": 3, "dilation": 2},
      {"stage": "transform.command", "command": ["cat"], "scale": 2}, {"stage": "fold"}, \#(npy)
      """#, shape: ImageShape(channels: 1, height: 9, width: 9))
    #expect(refusal?.description.contains("stages[2] (transform.command).scale") == true)
  }
}
