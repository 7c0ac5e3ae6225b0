import ArgumentParser
import Glibc
import Tessera
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraCLI
@testable import TesseraFiles

struct CommandLineTests {
  @Test("help names every command and every exit status")
  func help() throws {
    let outcome = try Child.run("--help")
    #expect(outcome.status == 0)
    for word in ["run", "validate", "explain", "stages", "schema", "verify"] {
      #expect(outcome.output.contains("\n  \(word) "))
      let page = try Child.run(word, "--help")
      #expect(page.status == 0)
      #expect(page.output.contains("USAGE: tessera \(word)"))
    }
    for status in ExitStatus.allCases where status != .done {
      #expect(outcome.output.contains(" \(status.rawValue)  "))
    }
  }

  @Test("the version, alone and with what is in use")
  func version() throws {
    #expect(try Child.run("--version").output == "\(TesseraVersion.text)\n")
    let details = try Child.run("--version", "--verbose").output
    for word in ["kernels: ", "libpng ", "libjpeg-turbo "] { #expect(details.contains(word)) }
  }

  @Test(
    "a wrong command line ends with 64 and says what is wrong",
    arguments: [
      ["--no-such-option"], ["dance"], ["run"], ["run", "a.json", "--jobs", "0"],
      ["run", "a.json", "--jobs", "many"], ["run", "a.json", "--memory", "lots"],
      ["explain", "a.json", "--size", "3by4"], ["explain", "a.json", "--size", "0x4"],
      ["stages", "unfoldd"], ["stages", "unfoldd", "--markdown"], ["--verbose"],
      ["explain", "a.json", "--size", "3x4", "--input", "b.png"],
    ])
  func usage(arguments: [String]) throws {
    let outcome = try Child(arguments).wait()
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("error: "))
  }

  @Test("an error that nobody has thought of is a mistake of Tessera")
  func unknownError() {
    struct Unknown: Error {}
    #expect(TesseraCommand.status(of: Unknown()) == .bug)
    #expect(TesseraCommand.status(of: ValidationError("wrong")) == .usage)
    #expect(TesseraCommand.status(of: CleanExit.message("help")) == .done)
  }

  @Test("what files of others hold does not steer the terminal")
  func controlCharacters() throws {
    let place = try Workplace(inputs: 0)
    let file = try place.folder.write(
      #"{ "version": 1, "stages": [{ "stage": "load", "a\u001b[31m\nb": 1 }, { "stage": "encode" }] }"#,
      to: "keys.json")
    for command in ["validate", "explain", "run"] {
      let errors = try Child.run(command, file).errors
      #expect(errors.contains("stages[0] (load).a\\u{1b}[31m\\nb: unknown key"), "\(errors)")
      #expect(!errors.unicodeScalars.contains("\u{1B}") && errors.split(separator: "\n").count == 1)
    }
    let header = "{'\u{1B}[2J\n': 1}"
    let array = [0x93] + "NUMPY".utf8 + [1, 0, UInt8(header.utf8.count), 0] + header.utf8
    try place.folder.write([UInt8](array), to: "in/a.npy")
    let explained = try Child(
      ["explain", "pipeline.json", "--input", "in/a.npy"], in: place.folder.path
    ).wait()
    for outcome in [explained, try place.run()] {
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains("unknown key '\\u{1b}[2J\\n'"), "\(outcome.errors)")
      #expect(!outcome.errors.unicodeScalars.contains("\u{1B}"))
    }
  }

  @Test("an image of more channels than there may be is refused before it is planned")
  func channels() throws {
    let place = try Workplace()
    let file = place.folder.path("pipeline.json")
    let outcome = try Child.run("explain", file, "--size", "1x1x1000000000")
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains("the image has 1000000000 channels, more than 65536"))
  }

  @Test("a pipeline file that is missing or a folder ends with 66")
  func missingFile() throws {
    for command in ["run", "validate", "explain"] {
      let outcome = try Child.run(command, "no-such-file.json")
      #expect(outcome.status == 66)
      #expect(
        outcome.errors == "error: cannot open 'no-such-file.json': No such file or directory\n")
      #expect(try Child.run(command, "Sources").status == 66)
    }
  }

  @Test("every mistake in a pipeline file is shown with its place")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      """
      { "version": 1, "stages": [
        { "stage": "load", "path": "in" },
        { "stage": "unfold", "kernel_sise": 3, "stride": 0 },
        { "stage": "encode", "path": "out" } ] }
      """, to: "bad.json")
    for command in ["validate", "run", "explain"] {
      let outcome = try Child.run(command, file)
      #expect(outcome.status == 78)
      #expect(outcome.errors.contains("bad.json:3:"))
      #expect(outcome.errors.contains("kernel_sise"))
      #expect(outcome.errors.contains("stride"))
    }
  }

  @Test("every pipeline of the package is valid")
  func packagePipelines() throws {
    let names = [
      "blur", "blur_patches", "edge_policies", "edges", "roundtrip", "sharpen",
      "standardize_patches", "vit_patchify",
    ]
    let outcome = try Child(["validate"] + names.map { "Pipelines/\($0).json" }).wait()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.split(separator: "\n").count == names.count)
  }

  @Test("explain shows shapes for a size, for a file, and for what the pipeline loads")
  func explain() throws {
    let place = try Workplace()
    let file = place.folder.path("pipeline.json")
    for arguments in [["--size", "20x16x1"], ["--input", place.folder.path("in/0.npy")], []] {
      let outcome = try Child(["explain", file] + arguments).wait()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("9 × 252"))
    }
    let small = try Child.run("explain", file, "--size", "2x2x1")
    #expect(small.status == 78)
    #expect(small.errors.contains("pipeline.json:5:"))
  }

  @Test("stages lists all, and shows one in full")
  func stages() throws {
    #expect(try Child.run("stages").output == StageListing.overview)
    #expect(try Child.run("stages", "unfold").output.contains("kernel_size"))
    #expect(try Child.run("stages", "unfoldd").errors.contains("did you mean \"unfold\"?"))
    #expect(try Child.run("stages", "--markdown").output == StageListing.markdown)
    for name in ["unfold", "gabor"] {
      let page = try Child.run("stages", name, "--markdown").output
      #expect(try page == StageListing.markdown(for: name))
    }
  }

  @Test("the schema is the library's")
  func schema() throws {
    #expect(try Child.run("schema").output == PipelineSchema.text)
  }

  @Test("there are completions for every shell", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let outcome = try Child.run("--generate-completion-script", shell)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("dry-run"))
  }

  @Test("a reader that goes away is no crash", arguments: [["schema"], ["--help"], ["stages"]])
  func closedPipe(arguments: [String]) throws {
    let outcome = try Child(arguments, output: .closedPipe).wait()
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
  }

  @Test("verify tells whole outputs from changed ones, and from none")
  func verify() throws {
    let place = try Workplace()
    let output = place.folder.path("out")
    #expect(try Child.run("verify", output).status == 66)
    #expect(try place.run().status == 0)
    let whole = try Child.run("verify", output)
    #expect(whole.status == 0)
    #expect(whole.output.contains("3 outputs as written"))
    var bytes = try FileSystem.content(of: place.folder.path("out/1.npy"))
    bytes[bytes.count - 1] ^= 1
    try place.folder.write(bytes, to: "out/1.npy")
    let changed = try Child.run("verify", output)
    #expect(changed.status == 65)
    #expect(changed.errors.contains("'1.npy' (from '1.npy') has changed"))
  }

  @Test("nothing to process ends with 66 and says what was passed over")
  func nothing() throws {
    let place = try Workplace(inputs: 0)
    try place.folder.write("text", to: "in/readme.txt")
    let outcome = try place.run()
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("passed over 1 that is not PNG, JPEG, WebP, TIFF or NPY"))
    #expect(try place.run("--input", "missing").status == 66)
    #expect(try place.run("--input", "*.tif").status == 66)
  }
}
