import Foundation
import Glibc
import Testing

/// Output folders of several encodes that are one, or that are reached by several paths.
@Suite struct LinkedFolderTests {
  /// A pipeline with an `encode` for each of some folders.
  private func bench(_ paths: [String], name: String = "{stem}-%.npy") throws -> Workbench {
    let bench = try Workbench()
    let stages = paths.enumerated().map { index, path in
      let name = name.replacingOccurrences(of: "%", with: "\(index)")
      return #"{ "stage": "encode", "path": "\#(path)", "format": "npy", "name": "\#(name)" }"#
    }
    try bench.folder.write(
      #"{ "version": 1, "stages": [ { "stage": "load", "path": "in" }, "#
        + stages.joined(separator: ", ") + "] }", to: "copy.json")
    return bench
  }

  @Test(
    "Folders that are one do not lock out their own run",
    arguments: [
      ["out", "link"], ["link", "out"], ["out", "out/."], ["out", "link", "in/../out"],
      ["above/out", "out"], ["link", "above/link"], ["above/above/out", "above/link", "out"],
    ])
  func oneFolder(_ paths: [String]) throws {
    let bench = try bench(paths)
    try bench.folder.write("x", to: "out/x")
    symlink("out", bench.folder.path("link"))
    symlink(".", bench.folder.path("above"))
    let outcome = try bench.run()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out").count == 3 * paths.count + 1)
    #expect(try bench.run().errors.contains("3 done before"))
    for folder in ["out", "link", "above/out"] {
      let verified = try Command.run(["verify", folder], in: bench.folder.path)
      #expect(verified.status == 0, "\(folder) \(verified.errors)")
    }
    try bench.write("b.npy", seed: 8)
    #expect(try bench.run().errors.contains("1 done, 2 done before"))
  }

  @Test(
    "Two encodes that write one file by several paths are refused",
    arguments: [["out", "link"], ["link", "out"], ["out", "above/out"]])
  func oneFile(_ paths: [String]) throws {
    let bench = try bench(paths, name: "{stem}.npy")
    try bench.folder.write("x", to: "out/x")
    symlink("out", bench.folder.path("link"))
    symlink(".", bench.folder.path("above"))
    for arguments in [[], ["--dry-run"]] {
      let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
      #expect(outcome.status == 73, "\(outcome.errors)")
      #expect(outcome.errors.contains("give one of the stages another `path` or `name`"))
    }
    #expect(bench.folder.files(in: "out") == ["x"])
  }

  @Test(
    "verify finds what a run with --state has written into any of its folders",
    arguments: ["e1", "deep/e2", "e1/e3", "link", "above/deep/e2"], ["kept", "above/kept"])
  func state(_ folder: String, _ state: String) throws {
    let bench = try bench(["e1", "deep/e2", "e1/e3"])
    symlink("deep/e2", bench.folder.path("link"))
    symlink(".", bench.folder.path("above"))
    #expect(try bench.run("--state", "kept").status == 0)
    let arguments = ["verify", folder, "--state", state]
    let verified = try Command.run(arguments, in: bench.folder.path)
    let count = folder == "e1" ? 9 : 3
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output == "\(folder): \(count) outputs as written\n")
    let index = folder == "e1/e3" ? 2 : 1
    try bench.folder.write("x", to: "\(folder == "e1" ? "deep/e2" : folder)/b-\(index).npy")
    let changed = try Command.run(arguments, in: bench.folder.path)
    #expect(changed.status == 65, "\(changed.errors)")
    #expect(changed.errors.contains("b-\(index).npy' (from 'b.npy') has"), "\(changed.errors)")
    let other = try Command.run(["verify", "in", "--state", state], in: bench.folder.path)
    #expect(other.status == 66, "\(other.errors)")
  }

  @Test("Records of a state folder are those of a folder, by whatever link it is reached")
  func linkedOutput() throws {
    let bench = try Workbench()
    symlink("out", bench.folder.path("link"))
    symlink(".", bench.folder.path("above"))
    #expect(try bench.run("-o", "out", "--state", "above/kept").status == 0)
    for (index, output) in ["link", "above/out", "above/link", "out"].enumerated() {
      try bench.write("b.npy", seed: 11 + index)
      let outcome = try bench.run("-o", output, "--state", "kept")
      #expect(outcome.errors.contains("1 done, 2 done before"), "\(outcome.errors)")
    }
  }
}
