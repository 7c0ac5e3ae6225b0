import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraKernels
import TesseraPipeline

/// Pipeline files.
enum DocumentTarget {
  static func run(_ bytes: [UInt8]) throws {
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONParser.parse(bytes)
    } catch {
      _ = (error.position, error.expected, error.found)
      return
    }
    try checkText(value)
    guard let pipeline = try pipeline(bytes) else { return }
    try checkDocument(pipeline)
    try checkPlans(of: pipeline)
  }

  /// Values that are written are those that were read.
  private static func checkText(_ value: JSONValue) throws {
    for text in [JSONWriter.compact(value), JSONWriter.pretty(value)] {
      do {
        try expect(
          try JSONParser.parse(Array(text.utf8)) == value, "JSON that is written says the same")
      } catch let error as JSONSyntaxError {
        throw BrokenLaw(description: "JSON that is written can be read: \(error)")
      }
    }
    _ = value.found
  }

  private static func pipeline(_ bytes: [UInt8]) throws -> Pipeline? {
    do throws(PipelineFileError) {
      return try Pipeline(
        parsing: bytes, file: "/dev/shm/pipeline.json", overrides: ["stages[0].color=gray"])
    } catch {
      _ = error.description
    }
    do throws(PipelineFileError) {
      return try Pipeline(parsing: bytes)
    } catch {
      _ = error.description
      return nil
    }
  }

  /// A pipeline that is written is the same pipeline.
  private static func checkDocument(_ pipeline: Pipeline) throws {
    let again: Pipeline
    do throws(PipelineFileError) {
      again = try Pipeline(parsing: pipeline.text)
    } catch {
      throw BrokenLaw(description: "a pipeline that is written can be read: \(error)")
    }
    try expect(again.digest == pipeline.digest, "a pipeline that is written keeps its digest")
    try expect(again.text == pipeline.text, "a pipeline that is written again has the same text")
    _ = pipeline.digestWithoutPlaces
    _ = pipeline.provenance(before: pipeline.stages.count)
  }

  /// A plan for each of some sizes, or a reason why there is none.
  private static func checkPlans(of pipeline: Pipeline) throws {
    let planner: Planner
    do {
      planner = try Planner(pipeline, kernels: .selected())
    } catch let error as PipelineFileError {
      _ = error.description
      return
    }
    for shape in [
      ImageShape(channels: 3, height: 48, width: 64), ImageShape(channels: 1, height: 1, width: 1),
      ImageShape(channels: 4, height: 7, width: 300),
    ] {
      do {
        let plan = try planner.plan(shape)
        try expect(!plan.table.isEmpty, "a plan has a table")
        try expect(plan.byteCount >= 0 && plan.blockCount >= 0, "a plan has no negative needs")
        _ = plan.summary
      } catch let error as PlanningError {
        try expect(!error.isBug, "stages do not fail at what planning has checked: \(error)")
      }
    }
  }
}
