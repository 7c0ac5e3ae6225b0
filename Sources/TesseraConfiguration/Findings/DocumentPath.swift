/// The way from the top of a pipeline file to one of its values, such as `stages[2].kernel_size`.
public struct DocumentPath: Hashable, Sendable {
  /// One step down.
  public enum Component: Hashable, Sendable {
    /// Into a member of an object.
    case key(String)
    /// Into an element of an array, from 0.
    case index(Int)
  }

  /// The steps, from the top.
  public var components: [Component]

  /// Goes down from the root; without components it is the document itself.
  public init(_ components: [Component] = []) {
    self.components = components
  }

  /// The path of a stage.
  public static func stage(_ index: Int) -> DocumentPath {
    DocumentPath([.key("stages"), .index(index)])
  }

  /// The stage that the path leads to or into.
  public var stageIndex: Int? {
    guard components.count > 1, components[0] == .key("stages"),
      case .index(let index) = components[1]
    else { return nil }
    return index
  }

  /// The path with one more step.
  public func appending(_ component: Component) -> DocumentPath {
    DocumentPath(components + [component])
  }
}

extension DocumentPath: CustomStringConvertible {
  /// Keys joined by dots, indices in brackets.
  public var description: String { rendered(stageName: nil) }

  /// As `description`, with the stage's name after its index.
  package func rendered(stageName: String?) -> String {
    var text = ""
    for (depth, component) in components.enumerated() {
      switch component {
      case .key(let key): text += depth == 0 ? key : ".\(key)"
      case .index(let index): text += "[\(index)]"
      }
      if depth == 1, stageIndex != nil, let stageName { text += " (\(stageName))" }
    }
    return text
  }
}
