import Foundation
import Testing

/// `tessera fit` over folders.
@Suite(.timeLimit(.minutes(10))) struct FitTests {
  /// A pipeline that uses what is learned, and ends in pictures.
  private static func text(_ load: String = "", _ between: String = "") -> String {
    #"""
    {"version": 1, "stages": [
      {"stage": "load", "path": "in"\#(load)}, {"stage": "unfold", "kernel_size": 4, "stride": 4}, \#(between)
      {"stage": "transform.pca", "statistics": "s.safetensors", "components": 3, "reconstruct": true},
      {"stage": "fold", "uncovered": "zero"}, {"stage": "encode", "format": "npy", "path": "out"}]}
    """#
  }

  @Test("240 photographs give the same bytes for any number of jobs")
  func jobs() throws {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.samples, to: "samples")
    try folder.write(
      #"""
      {"version": 1, "stages": [
        {"stage": "load", "path": "samples", "color": "rgb", "alpha": "drop", "repeat": 20,
          "exclude": ["*cmyk*"]},
        {"stage": "random_resized_crop", "size": 48, "seed": 5},
        {"stage": "encode", "path": "in", "format": "png", "name": "{stem}-{view}.png"}]}
      """#, to: "crops.json")
    let cropped = try Command.run(["run", "crops.json"], in: folder.path)
    try #require(cropped.status == 0, "\(cropped.errors)")
    #expect(folder.files(in: "in").filter { $0.hasSuffix(".png") }.count == 240)
    try folder.write(Self.text(#", "include": ["*.png"]"#), to: "p.json")
    var files: [[UInt8]] = []
    for jobs in ["1", "2", "4"] {
      let outcome = try Command.run(
        ["fit", "p.json", "-o", "s\(jobs).safetensors", "--jobs", jobs, "--json"], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.json?["images"] as? Int == 240)
      #expect(outcome.json?["patches"] as? Int == 240 * 144)
      files.append(try folder.bytes("s\(jobs).safetensors"))
    }
    #expect(files[0] == files[1] && files[1] == files[2])
    #expect(folder.files(in: "out") == [])
    // And the pipeline that they are for takes them.
    try folder.copy(folder.path("s2.safetensors"), to: "s.safetensors")
    let run = try Command.run(["run", "p.json"], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(folder.outputs(in: "out").count == 240)
  }

  private func bench(_ text: String = FitTests.text()) throws -> Workbench {
    let bench = try Workbench()
    try bench.folder.write(text, to: "copy.json")
    return bench
  }

  private func fit(_ bench: Workbench, _ arguments: String...) throws -> Command.Outcome {
    try Command.run(["fit", "copy.json", "-o", "s.safetensors"] + arguments, in: bench.folder.path)
  }

  @Test("What has the file's name stays unless it is to be replaced, be it a link to nothing")
  func danglingLink() throws {
    let bench = try bench()
    symlink("nothing", bench.folder.path("s.safetensors"))
    let outcome = try fit(bench)
    #expect(outcome.status == 73)
    #expect(outcome.errors.contains("'s.safetensors' exists already; --overwrite replaces it"))
    #expect(access(bench.folder.path("nothing"), F_OK) != 0)
    var status = stat()
    #expect(lstat(bench.folder.path("s.safetensors"), &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test("An image that fails is told of, and the others are learned from as if it were not there")
  func failures() throws {
    let bench = try bench()
    #expect(try fit(bench).status == 0)
    let whole = try bench.folder.bytes("s.safetensors")
    try bench.folder.write(Array("\u{93}NUMPY and no more".utf8), to: "in/aa.png")
    try bench.folder.write(
      NPYFile.file(descriptor: "|u1", shape: [2, 8, 8]) + [UInt8](repeating: 9, count: 128),
      to: "in/d.npy")
    let existing = try fit(bench)
    #expect(existing.status == 73)
    #expect(existing.errors.contains("'s.safetensors' exists already; --overwrite replaces it"))
    for jobs in ["1", "3"] {
      let outcome = try fit(bench, "--overwrite", "--jobs", jobs, "--json")
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains("2 inputs failed"))
      #expect(outcome.errors.contains("aa.png: "))
      #expect(
        outcome.errors.contains("d.npy: expected patches of 16 values, as the images before have"))
      #expect(outcome.json?["failed"] as? Int == 2 && outcome.json?["images"] as? Int == 3)
      #expect(try bench.folder.bytes("s.safetensors") == whole)
    }
  }

  @Test("Patches with values that are not finite are left out, and counted")
  func notFinite() throws {
    let bench = try Workbench([])
    var values = (0..<64).map { Float($0 * $0 % 23) }
    for (name, odd) in [("plain", nil), ("odd", Float.nan), ("endless", -Float.infinity)] {
      if let odd { values[9] = odd }
      try bench.folder.write(NPYFile.float32(values, shape: [1, 8, 8]), to: "in/\(name).npy")
    }
    try bench.folder.write(Self.text(), to: "copy.json")
    let outcome = try fit(bench, "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.json?["left_out"] as? Int == 2 && outcome.json?["patches"] as? Int == 10)
    #expect(outcome.errors.contains("warning: 2 patches were left out"))
    let none = try Workbench([])
    try none.folder.write(
      NPYFile.float32([Float](repeating: .nan, count: 64), shape: [1, 8, 8]), to: "in/a.npy")
    try none.folder.write(Self.text(), to: "copy.json")
    let empty = try fit(none)
    #expect(empty.status == 65)
    #expect(empty.errors.contains("expected at least 2 patches, found 0; 4 were left out"))
    #expect(!none.folder.files().contains("s.safetensors"))
  }

  @Test("What comes before is learned from: transforms, and pipelines that write nothing")
  func stages() throws {
    let plain = try bench()
    #expect(try fit(plain).status == 0)
    let centred = try bench(Self.text("", #"{"stage": "transform.mean_removal"},"#))
    #expect(try fit(centred).status == 0)
    let bare = try bench(
      #"{"version": 1, "stages": [{"stage": "load", "path": "in"}, {"stage": "unfold", "kernel_size": 4, "stride": 4}]}"#
    )
    #expect(try fit(bare).status == 0)
    let folded = try bench(
      #"""
      {"version": 1, "stages": [{"stage": "load", "path": "in"}, {"stage": "unfold", "kernel_size": 4, "stride": 4},
      {"stage": "fold", "uncovered": "zero"}, {"stage": "encode", "path": "out"}]}
      """#)
    #expect(try fit(folded).status == 0)
    let statistics = try [plain, centred, bare, folded].map { try $0.folder.bytes("s.safetensors") }
    #expect(statistics[0] == statistics[2] && statistics[0] == statistics[3])
    #expect(statistics[0] != statistics[1])
    #expect(folded.folder.files(in: "out") == [])
  }

  @Test("What cannot be learned from is told before an image is read")
  func refusals() throws {
    let bench = try bench(
      #"{"version": 1, "stages": [{"stage": "load", "path": "in"}, {"stage": "encode", "path": "out"}]}"#
    )
    let noPatches = try fit(bench)
    #expect(noPatches.status == 78)
    #expect(noPatches.errors.contains("copy.json: expected patches to learn from"))
    let name = try Command.run(["fit", "copy.json", "-o", "s.npy"], in: bench.folder.path)
    #expect(name.status == 64)
    #expect(name.errors.contains("expected the name of a .safetensors file"))
    try bench.folder.write(Self.text(#", "include": ["*.tif"]"#), to: "copy.json")
    #expect(try fit(bench).status == 66)
  }
}
