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
}
