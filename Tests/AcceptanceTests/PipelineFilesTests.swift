import Foundation
import Testing

@Suite struct PipelineFilesTests {
  @Test("The schema in Pipelines/ is what the command prints")
  func schemaIsInStep() throws {
    let outcome = try Command.run(["schema"])
    let file = try String(
      contentsOfFile: Repository.pipelines + "/pipeline.schema.json", encoding: .utf8)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(
      outcome.output == file,
      "tessera schema > Pipelines/pipeline.schema.json brings it up to date")
    let schema = try #require(outcome.json)
    #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
  }

  @Test(
    "Every pipeline names the schema, says what it does, and is right",
    arguments: Repository.allPipelineNames)
  func isDescribed(_ name: String) throws {
    let path = "\(Repository.pipelines)/\(name).json"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(root["$schema"] as? String == "pipeline.schema.json")
    #expect((root["description"] as? String ?? "").count > 40)
    let outcome = try Command.run(["validate", path])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("\(path): ok, "))
  }

  @Test("A file of 16 MB is read, and one byte more is refused")
  func largest() throws {
    let bench = try Workbench()
    let text = String(decoding: try bench.folder.bytes("copy.json"), as: UTF8.self)
    let most = 16_000_000
    try bench.folder.write(
      text + String(repeating: " ", count: most - text.utf8.count), to: "a.json")
    let taken = try Command.run(["validate", "a.json"], in: bench.folder.path)
    #expect(taken.status == 0, "\(taken.errors)")
    try bench.folder.write(
      text + String(repeating: " ", count: most + 1 - text.utf8.count), to: "b.json")
    let refused = try Command.run(["validate", "b.json"], in: bench.folder.path)
    #expect(refused.status == 66 && refused.errors.contains("'b.json'"), "\(refused.errors)")
  }

  @Test("All that the documentation promises are there")
  func allAreThere() {
    let promised: Set = [
      "roundtrip", "vit_patchify", "blur", "sharpen", "edges", "standardize_patches",
      "blur_patches", "edge_policies", "clip_dataset", "mae_masked", "tiles", "rebuild",
      "lm_bank", "maximum_responses", "texture_energy",
    ]
    #expect(promised.isSubset(of: Repository.allPipelineNames))
    #expect(Repository.sampleNames.count >= 10)
  }
}
