import TesseraCore
import TesseraFiles

extension InputFailure.Cause: CustomStringConvertible {
  /// What went wrong, and what can be done.
  public var description: String {
    switch self {
    case .refusal(_, let reason): reason
    case .input(let error): "cannot \(error.operation.rawValue) it: \(error.reason)"
    case .output(let error): error.description
    case .memory(let needed, let allowed):
      "needs \(needed.inBytes) of memory, --memory allows \(allowed.inBytes)"
    case .outputOfOther(let name):
      "its output '\(name.printable)' is that of another input too; "
        + "let its `name` have {channel}"
    case .outputExists(let name):
      "its output '\(name.printable)' exists already, and is not what would be written; "
        + "use --overwrite to replace it, or another --output"
    case .outputOfOtherPipeline(let name):
      "its output '\(name.printable)' exists already, written by another pipeline or with other "
        + "settings; use --overwrite to replace it, or another --output"
    case .outputIsFolder(let name):
      "its output '\(name.printable)' exists already, and is a folder"
    case .inputWouldBeReplaced(let input):
      "its output would replace the input '\(input.printable)'"
    }
  }
}

extension InputFailure: CustomStringConvertible {
  /// What went wrong, without stage and key.
  public var description: String { message }
}
