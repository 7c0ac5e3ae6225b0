import TesseraCodecs
import TesseraCore
import TesseraEngine

/// What a stage may know beside the layout that reaches it.
public struct StageContext: Sendable {
  /// Index of the stage in the pipeline.
  public var stageIndex: Int
  /// The image as it was loaded.
  public var loaded: Layout
  /// Arrays that the pipeline file names, by the path written there.
  public var arrays: [String: NPYArray]

  /// The array at a path that the pipeline file names.
  ///
  /// - Throws: `StageError` where it was not loaded beforehand.
  func array(_ path: String, key: String) throws(StageError) -> NPYArray {
    guard let array = arrays[path] else {
      throw StageError(CommonRefusal.arrayNotLoaded(path: path, key: key))
    }
    return array
  }
}

/// What a stage does with a layout.
public struct Lowered: Sendable {
  /// What flows after the stage.
  public var layout: Layout
  /// What the stage comes down to, in order.
  var operators: [any Operator]
  /// How many files the stage writes for an image, where every channel gets its own.
  var channelFiles: Int?
}

extension Layout {
  /// Refuses patches.
  func requireImage(for stage: String) throws(StageError) {
    guard grid == nil else {
      throw StageError(CommonRefusal.needsImage(stage: stage, found: flowShape))
    }
  }

  /// The blocks in force.
  func requirePatches(for stage: String) throws(StageError) -> BlockGrid {
    guard let grid else {
      throw StageError(CommonRefusal.needsPatches(stage: stage, found: shape))
    }
    return grid
  }

  /// Planes without opacity.
  var colorChannels: Int { hasAlpha ? channels - 1 : channels }
}
