import TesseraCore
import TesseraFiles

extension InputFailure.Cause: CustomStringConvertible {
  /// What went wrong, and what a program can do.
  public var description: String { sentence(for: .program) }

  /// What went wrong, and what can be done.
  package func sentence(for audience: Audience) -> String {
    switch self {
    case .refusal(_, let reason): reason
    case .input(let error): "cannot \(error.operation.rawValue) it: \(error.reason)"
    case .output(let error): error.description
    case .memory(let needed, let allowed):
      "needs \(needed.inBytes) of memory, \(audience.memoryLimit) allows \(allowed.inBytes)"
    case .memoryOfMachine(let needed, let limit): "needs \(needed.inBytes) of memory, \(limit)"
    case .memoryRefused(let needed, let limit):
      "needs \(needed.inBytes) of memory, and there is not so much left: \(limit)"
    case .outputOfOther(let name, let input):
      "its output '\(name.printable)' is that of '\(input.printable)' too; give them a `name` with "
        + "{channel} between characters that are no digits, such as {dir}/{stem}-{channel}.png"
    case .outputIsReserved(let name):
      "its output would be '\(name.printable)', which is where Tessera's own files are; give it "
        + "another `name`, such as image-{parent}-{stem}\(Self.end(of: name))"
    case .outputExists(let name):
      "its output '\(name.printable)' exists already, and is not what would be written; "
        + audience.wayPastExisting()
    case .outputOfOtherPipeline(let name):
      "its output '\(name.printable)' exists already, written by another pipeline or with other "
        + "settings; " + audience.wayPastExisting()
    case .outputIsFolder(let name):
      "its output '\(name.printable)' exists already, and is a folder; "
        + audience.wayPastImmovable()
    case .inputWouldBeReplaced(let input):
      "its output would replace the input '\(input.printable)'; write to another folder, or under "
        + "another `name`"
    case .outputBehindLink(let name, let link):
      "its output '\(name.printable)' would be written through '\(link.printable)', a link inside "
        + "the output folder; take the link away, or write to where it leads"
    case .inputChanged(let planned, let found):
      "it is not the input that was planned: expected \(planned), found \(found)"
    case .cancelled: "it was asked to end"
    }
  }

  /// The dot and the extension of a name.
  private static func end(of name: String) -> String {
    let fileExtension = Path.split(name: Path.name(of: name)).fileExtension
    return fileExtension.isEmpty ? "" : ".\(fileExtension.printable)"
  }
}

extension InputFailure: CustomStringConvertible {
  /// What went wrong, without stage and key.
  public var description: String { message }

  /// What went wrong, without stage and key, and what can be done.
  package func message(for audience: Audience) -> String { cause.sentence(for: audience) }
}
