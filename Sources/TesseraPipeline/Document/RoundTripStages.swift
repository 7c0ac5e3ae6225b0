import TesseraConfiguration

/// The stages that a dataset tells of, parted into what came before the cut and the way back.
package struct RoundTripStages: Sendable {
  /// Loads a source and makes the image that was cut; ends in an array.
  package let direct: Pipeline
  /// Puts the stored patches together; ends in an array.
  package let rebuilt: Pipeline
  /// Stages that changed values after the cut.
  package let changes: [String]

  /// - Parameters:
  ///   - stages: those of `dataset.json`.
  ///   - dataset: the folder.
  /// - Throws: `PipelineFileError` where they are no pipeline that this version reads.
  package init(_ stages: JSONValue, of dataset: String) throws(PipelineFileError) {
    let written = stages.elements ?? []
    let end: JSONValue = ["stage": "encode", "format": "npy", "path": "."]
    let whole = try Self.pipeline(written + [end])
    let cut = whole.stages.lastIndex { $0.flowRole == .cut }
    var before = Array(written.prefix(cut ?? written.count))
    if let cut, type(of: whole.stages[cut]).role != .cut {
      // It prepares the image, too.
      let members = written[cut].members?.filter { $0.key != "patches" }
      before.append(JSONValue(.object(members ?? [])))
    }
    direct = try Self.pipeline(before + [end])
    let folder: JSONValue = ["stage": "load", "dataset": JSONValue(.string(dataset))]
    rebuilt = try Self.pipeline([folder, ["stage": "fold", "uncovered": "zero"], end])
    var changes: [String] = []
    for stage in whole.stages.dropFirst((cut ?? 0) + 1).dropLast() {
      let type = Swift.type(of: stage)
      if !type.choosesPatches { changes.append(type.name) }
    }
    self.changes = changes
  }

  private static func pipeline(_ stages: [JSONValue]) throws(PipelineFileError) -> Pipeline {
    let root: JSONValue = ["version": 1, "stages": JSONValue(.array(stages))]
    return try Pipeline(parsing: Array(JSONWriter.compact(root).utf8))
  }
}
