import Foundation
import Testing

@Suite struct BrokenPipelineTests {
  /// Two images, and arrays that are not what `transform.linear` needs.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["chelsea-rgb.png", "astronaut.jpg"] {
      try folder.copy(Repository.sample(name), to: "in/\(name)")
    }
    try folder.write("no array at all\n", to: "text.npy")
    let identity = NPYFile.float32(NPYFile.identity(48), shape: [48, 48])
    try folder.write(identity.dropLast(), to: "short.npy")
    try folder.write(NPYFile.float32(NPYFile.identity(47), shape: [47, 47]), to: "shape.npy")
    try folder.write(
      NPYFile.file(descriptor: "<c8", shape: [48, 48]) + [UInt8](repeating: 0, count: 8 * 48 * 48),
      to: "complex.npy")
    let side = 4_000_000_000
    try folder.write(NPYFile.file(descriptor: "<f4", shape: [side, side]), to: "huge.npy")
    let header = NPYFile.file(descriptor: "<f4", shape: [])
    let scalar = String(decoding: header.dropFirst(10), as: UTF8.self)
      .replacingOccurrences(of: "False, ", with: "True,  ")
    try folder.write(header.prefix(10) + scalar.utf8 + [0, 0, 0, 0], to: "scalar.npy")
    var values = NPYFile.identity(48)
    values[5] = .nan
    try folder.write(NPYFile.float32(values, shape: [48, 48]), to: "nan.npy")
    return folder
  }

  @Test(
    "Every mistake is located and named, and nothing is written",
    arguments: BrokenPipeline.all)
  func isRefused(_ broken: BrokenPipeline) throws {
    let folder = try folder()
    try folder.write(broken.text, to: "bad.json")
    let before = folder.files()
    let outcome = try Command.run(
      ["run", "bad.json", "--input", "in", "--output", "out"], in: folder.path)
    #expect(outcome.status == broken.status && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(#/bad\.json:\d+:\d+: /#), "\(outcome.errors)")
    for piece in broken.says {
      let isPlace = piece.first?.isNumber == true && piece.contains(":")
      #expect(
        outcome.errors.contains(isPlace ? "bad.json:" + piece : piece),
        "\(piece) is not in: \(outcome.errors)")
    }
    #expect(outcome.errors.utf8.count < 4000)
    let after = folder.files().filter { !$0.hasPrefix("out/.tessera-") }
    #expect(after.filter { $0 != "out/report.jsonl" } == before)

    let dry = try Command.run(
      ["run", "bad.json", "--input", "in", "--output", "dry", "--dry-run"], in: folder.path)
    #expect(dry.status == broken.status && dry.errors.contains("bad.json:"), "\(dry.errors)")
    #expect(folder.files(in: "dry").isEmpty)
  }

  @Test("There are at least 25 of them")
  func count() {
    #expect(BrokenPipeline.all.count >= 25)
    #expect(Set(BrokenPipeline.all.map(\.name)).count == BrokenPipeline.all.count)
  }

  @Test("What fits no input is so for explain, too")
  func explain() throws {
    let folder = try folder()
    try folder.write(
      pipeline([#"{ "stage": "unfold", "kernel_size": 99 }"#, BrokenPipeline.fold]),
      to: "bad.json")
    let outcome = try Command.run(["explain", "bad.json", "--size", "64x64"], in: folder.path)
    #expect(outcome.status == 78 && !outcome.hasCrashed)
    #expect(outcome.errors.contains("bad.json:3:"))
    #expect(outcome.errors.contains("stages[1] (unfold)"))
  }
}
