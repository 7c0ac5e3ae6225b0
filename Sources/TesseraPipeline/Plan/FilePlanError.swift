import TesseraCodecs

/// Why the image in a file has no plan.
public enum FilePlanError: Error, Hashable, Sendable {
  /// Its header cannot be read.
  case file(CodecError)
  /// A stage cannot work on it.
  case stage(PlanningError)
}

extension FilePlanError: CustomStringConvertible {
  /// What its cause says.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .stage(let error): error.description
    }
  }
}
