import TesseraCodecs
import TesseraConfiguration

/// A stage that writes files: one of role `output`.
public protocol OutputStage: Stage {
  /// Where its files go.
  var files: OutputFiles { get }
  /// Keys that say which folder they go to, and nothing of what is in them.
  static var placeKeys: Set<String> { get }
}

/// The files that a stage writes for each input, as far as its keys tell.
public struct OutputFiles: Hashable, Sendable {
  /// The folder, as it was written; `nil` takes it from the command.
  public var folder: String?
  /// How files are named; `nil` keeps the input's folder and stem.
  public var name: NameTemplate?
  /// What names end with that no template makes, without the dot.
  public var fileExtension: String
  /// The kind of file.
  public var format: OutputFormat
  /// The dataset that its files are, where it is one.
  public var dataset: DatasetFiles?

  /// Names files.
  public init(
    folder: String?, name: NameTemplate?, fileExtension: String, format: OutputFormat,
    dataset: DatasetFiles? = nil
  ) {
    self.folder = folder
    self.name = name
    self.fileExtension = fileExtension
    self.format = format
    self.dataset = dataset
  }
}

/// How a stage makes a dataset of many images.
public struct DatasetFiles: Hashable, Sendable {
  /// Images that a file holds at most; `nil` where files belong to images.
  public var imagesPerShard: Int?
  /// The format of pictures in it, with its settings.
  public var picture: ImageFileFormat
  /// Where labels come from; `nil` gives none.
  public var labels: DatasetLabels?
  /// How images are parted; `nil` parts none.
  public var split: DatasetSplit?
}
