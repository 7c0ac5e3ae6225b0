import Foundation
import Testing

/// What somebody reads who has typed the wrong thing.
@Suite struct WrongLineTests {
  @Test(
    "A word that is no command is answered with the one that was meant, or with all of them",
    arguments: [
      (["rum", "copy.json"], "did you mean 'tessera run'?"), (["stage"], "'tessera stages'?"),
      (["validat"], "'tessera validate'?"), (["copy.json"], "'tessera run copy.json'?"),
      (["copy.json", "-o", "x"], "'tessera run copy.json'?"),
      (["in"], "there are init, run, plan, status, merge, "),
      (
        ["qqqqqq"],
        "explain, view, stages, schema, verify, roundtrip, inspect, kernel-matrix, fit, bank, help"
      ),
      ([""], "there are init, run"),
    ])
  func commands(_ arguments: [String], _ words: String) throws {
    let bench = try Workbench(["a.npy"])
    let outcome = try Command.run(arguments, in: bench.folder.path)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: there is no command '\(arguments[0])'; "))
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test(
    "A value that an option does not take is answered with what it takes",
    arguments: [
      (["run", "--jobs", "0"], "expected a number from 1 to 1024"),
      (["run", "-j", "1025"], "expected a number from 1 to 1024"),
      (["run", "--jobs=many"], "expected a number from 1 to 1024"),
      (["run", "--memory", "lots"], "such as 4G or 512M"),
      (["run", "--memory", "-1G"], "Missing value"), (["run", "--memory", "4X"], "such as 4G"),
      (["explain", "--size", "640"], "such as 640x480, or 640x480x1 for gray"),
      (["explain", "--size", "640x0"], "such as 640x480"), (["explain", "--size=axb"], "expected"),
    ])
  func values(_ arguments: [String], _ words: String) throws {
    let bench = try Workbench(["a.npy"])
    let line = arguments.prefix(1) + ["copy.json"] + arguments.dropFirst()
    let outcome = try Command.run(Array(line), in: bench.folder.path)
    #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test(
    "A path that is empty, as of an unset variable, is refused before anything is looked at",
    arguments: [
      (["run", "copy.json", "--state", ""], "--state needs"),
      (["run", "copy.json", "-o", ""], "--output needs"),
      (["run", "copy.json", "--output="], "--output"),
      (["run", "copy.json", "-i", ""], "--input needs"),
      (["run", "copy.json", "in/a.npy", ""], "an input needs"),
      (["run", ""], "the pipeline needs"),
      (["explain", "copy.json", "-i", ""], "--input needs"),
      (["explain", "copy.json", ""], "an image needs"), (["validate", ""], "a pipeline needs"),
      (["verify", "out", "--state", ""], "--state needs"),
      (["verify", ""], "an output folder needs"),
      (["run", "--plan", "", "--shard", "0"], "--plan needs"),
      (["plan", "copy.json", "--plan", "", "--shards", "1"], "--plan needs"),
      (["plan", "copy.json", "--plan", "p", "--shards", "1", "-o", ""], "--output needs"),
      (["status", "--plan", ""], "--plan needs"), (["merge", "--plan", ""], "--plan needs"),
      (["merge", "--plan", "p", "--output", ""], "--output needs"),
      (["roundtrip", "", "--source", "in"], "a dataset needs"),
      (["roundtrip", "out", "--source", ""], "--source needs"),
      (["inspect", ""], "a path to look at needs"),
      (["inspect", "in/a.npy", "--grid", ""], "--grid needs"),
      (["bank", ""], "a bank needs"), (["bank", "sobel", "--png", ""], "--png needs"),
      (["fit", "copy.json", "in", "--output", ""], "--output needs"),
      (["kernel-matrix", "copy.json", "--size", "9x8x1", "--output", ""], "--output needs"),
      (["explain", ""], "the pipeline needs"),
    ])
  func unnamed(_ arguments: [String], _ words: String) throws {
    let bench = try Workbench(["a.npy"])
    let before = bench.folder.files()
    let outcome = try Command.run(arguments, in: bench.folder.path)
    #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(bench.folder.files() == before)
  }

  @Test(
    "An option that counts once and is given twice is refused",
    arguments: [
      ["run", "copy.json", "-o", "a", "-o", "b"], ["run", "copy.json", "-o", "a", "--output=b"],
      ["run", "copy.json", "--state", "a", "--state", "b"],
      ["run", "copy.json", "-j", "1", "--jobs", "2"],
      ["explain", "copy.json", "-i", "in/a.npy", "-i", "in/a.npy"],
      ["verify", "out", "--state", "a", "--state", "b"],
    ])
  func twice(_ arguments: [String]) throws {
    let bench = try Workbench(["a.npy"])
    let outcome = try Command.run(arguments, in: bench.folder.path)
    #expect(outcome.status == 64 && outcome.errors.contains("is given twice"), "\(outcome.errors)")
    #expect(!bench.folder.files().contains { $0.hasPrefix("b/") })
    // Those that may be repeated may, and what stands behind -- is no option.
    let more = ["-i", "in/a.npy", "-i", "in", "--set", "format=npy", "--set", "recursive=true"]
    let good = try Command.run(["run", "copy.json"] + more, in: bench.folder.path)
    #expect(good.status == 0, "\(good.errors)")
  }

  @Test("Who names neither folder is told of the option")
  func noFolders() throws {
    let bench = try Workbench(["a.npy"])
    try bench.folder.write(pipeline(), to: "copy.json")
    let input = try bench.run("-o", "x")
    #expect(input.status == 78 && input.errors.contains(#""path", "list" or --input"#))
    let output = try bench.run("in/a.npy")
    #expect(
      output.status == 78
        && output.errors.contains(#"expected "path", or --output, found neither"#),
      "\(output.errors)")
  }

  @Test(
    "Good values of the same options are taken",
    arguments: [
      ["run", "--jobs", "1024"], ["run", "-j", "1"], ["run", "--memory", "1.5GiB"],
      ["run", "--memory=512m"], ["explain", "--size", "64x48"], ["explain", "--size", "64X48x1"],
    ])
  func goodValues(_ arguments: [String]) throws {
    let bench = try Workbench(["a.npy"])
    let line = arguments.prefix(1) + ["copy.json"] + arguments.dropFirst()
    let outcome = try Command.run(Array(line), in: bench.folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(
    "Inputs that the pipeline names and that are missing are told with their place, and a way out")
  func missingInputs() throws {
    let bench = try Workbench([])
    for (load, name) in [(#""path": "nowhere""#, "nowhere"), (#""list": "no.txt""#, "no.txt")] {
      try bench.folder.write(
        pipeline(load: load, encode: #""path": "out", "format": "npy""#), to: "copy.json")
      for command in ["run", "explain"] {
        let outcome = try Command.run([command, "copy.json"], in: bench.folder.path)
        #expect(outcome.status == 66)
        #expect(outcome.errors.hasPrefix("error: copy.json:2:"), "\(outcome.errors)")
        #expect(outcome.errors.contains("'\(name)'") && outcome.errors.contains("--input"))
      }
    }
    let typed = try bench.run("-i", "elsewhere")
    #expect(typed.status == 66 && !typed.errors.contains("copy.json"), "\(typed.errors)")
  }

  @Test("An input in the place of the pipeline is told from a pipeline that is broken")
  func inputFirst() throws {
    let bench = try Workbench(["a.npy"])
    for sample in ["camera-gray.jpg", "horse-1bit.png"] {
      try bench.folder.copy(Repository.sample(sample), to: "in/\(sample)")
    }
    for name in ["a.npy", "camera-gray.jpg", "horse-1bit.png"] {
      for command in ["run", "explain"] {
        let outcome = try Command.run([command, "in/\(name)", "copy.json"], in: bench.folder.path)
        #expect(outcome.status == 78, "\(outcome.errors)")
        #expect(
          outcome.errors.hasPrefix("error: in/\(name): expected a pipeline file, found an input"))
      }
    }
  }
}
