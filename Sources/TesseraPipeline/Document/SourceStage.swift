import TesseraCodecs
import TesseraCore
import TesseraEngine

/// A stage that brings images in: one of role `source`.
public protocol SourceStage: Stage {
  /// Where the inputs are.
  var inputs: InputSelection { get }
  /// Keys that say which inputs there are, and nothing of what becomes of them.
  static var placeKeys: Set<String> { get }
  /// What arrays of patches inputs are; `nil` where they are images.
  var patchInputs: PatchInputs? { get }
  /// How files are decoded.
  var decodeOptions: DecodeOptions { get }
  /// How a file becomes the image that the pipeline starts with.
  ///
  /// - Parameter header: what the file says of itself.
  /// - Returns: the steps from its rows to those that are asked for.
  /// - Throws: `StageError` where the file has no such image.
  func sourcePlan(for header: ImageHeader) throws(StageError) -> SourcePlan
}

/// What arrays of patches a pipeline takes.
public struct PatchInputs: Hashable, Sendable {
  /// The order of values; `nil` is that of the dataset.
  public var layout: PatchOrder?
  /// The folder of the dataset, as the pipeline has it; `nil` is the folder that is loaded.
  public var dataset: String?
  /// How patches make an image, where no dataset tells.
  public var geometry: PatchGeometry?

  /// Takes what is left out from the dataset that is loaded.
  public init(
    layout: PatchOrder? = nil, dataset: String? = nil, geometry: PatchGeometry? = nil
  ) {
    (self.layout, self.dataset, self.geometry) = (layout, dataset, geometry)
  }
}

/// Which files are inputs, as a pipeline says it.
public struct InputSelection: Hashable, Sendable {
  /// A folder, a file or a glob.
  public var path: String?
  /// A text file with paths; `-` is standard input.
  public var list: String?
  /// Globs of which an input must match one; empty: all do.
  public var include: [String]
  /// Globs of which an input must match none.
  public var exclude: [String]
  /// Whether folders inside the folder count.
  public var recursive: Bool
  /// Whether links to folders outside of the one that is loaded are followed.
  public var followLinks: Bool
  /// How often every input comes, each time as another view; `nil` is once, and as itself.
  public var views: Int?
  /// Whether every page of a file is an input, not only the first.
  public var takesPages = false
}
