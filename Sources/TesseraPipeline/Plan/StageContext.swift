import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraFiles

/// What a stage may know beside the layout that reaches it.
public struct StageContext: Sendable {
  /// Index of the stage in the pipeline.
  public var stageIndex: Int
  /// The stage's name.
  public var stageName: String
  /// How many stages of that name come before it.
  public var occurrence: Int
  /// Which image it is.
  public var image: ImageIdentity
  /// The image as it was loaded.
  public var loaded: Layout
  /// The patches that were loaded, where the image is made of those.
  package var patches: StoredPatches?
  /// Arrays that the pipeline file names, by the path written there and their name in it.
  var arrays: [ArrayReference.Identity: NPYArray]
  /// JSON files that the pipeline file names, by the path written there.
  package var documents: [PathKey: JSONValue]
  /// Files of programs that the pipeline file names.
  var programs: [String: String]
  /// Stages that others are made of.
  var written: WrittenStages
  /// Kernels that plans of the pipeline share.
  var sharedKernels: SharedKernels

  /// One of the `arrays` of the stage: planning begins with those.
  func array(_ array: ArrayReference) -> NPYArray {
    guard let array = arrays[array.identity] else {
      preconditionFailure("a stage reads arrays that are among its paths")
    }
    return array
  }

  /// The file of a program that is among the `programs` of the stage.
  func program(_ name: String) -> String {
    guard let path = programs[name] else {
      preconditionFailure("a stage runs programs that are among its own")
    }
    return path
  }

  /// The JSON file at a path that is among the `documentPaths` of the stage.
  func document(_ path: String) -> JSONValue {
    guard let document = documents[PathKey(path)] else {
      preconditionFailure("a stage reads documents that are among its paths")
    }
    return document
  }
}

/// What a stage does with a layout.
public struct Lowered: Sendable {
  /// What flows after the stage.
  public var layout: Layout
  /// What the stage comes down to, in order.
  var operators: [any Operator]
  /// What the stage writes for an image.
  var file: PlannedFile?
  /// What a stage that is made of others comes down to.
  var steps: [Step] = []

  /// One of the stages that a stage is made of.
  struct Step: Sendable {
    /// What tables call it.
    var name: String
    /// What flows after it.
    var layout: Layout
    /// What it does, as a pipeline file has it or in words.
    var text: String
  }
}

extension Layout {
  /// Holds a stage to its role: the grammar of pipelines lets no patches come to it.
  func requireImage(for stage: String) {
    precondition(grid == nil, "\(stage) works on an image")
  }

  /// The blocks in force; the grammar of pipelines lets no image come to a stage of patches.
  func requirePatches(for stage: String) -> BlockGrid {
    guard let grid else { preconditionFailure("\(stage) works on patches") }
    return grid
  }

  /// Planes without opacity.
  package var colorChannels: Int { hasAlpha ? channels - 1 : channels }
}
