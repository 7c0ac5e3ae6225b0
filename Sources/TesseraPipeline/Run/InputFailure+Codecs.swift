import TesseraBatch
import TesseraCodecs
import TesseraFiles

extension InputFailure {
  /// What a decoder refused.
  package init(input error: CodecError) {
    let kind: Kind =
      switch error {
      case .unknownFormat, .malformed: .malformed
      case .unsupported: .unsupported
      case .tooManyPixels, .overLimit: .limit
      case .truncated: .truncated
      case .damaged: .damaged
      case .warning: .warning
      case .notAFile, .io: .unreadable
      }
    self.init(kind, error.description)
  }

  /// What kept an encoder from writing a file.
  package init(output error: CodecError, path: String) {
    switch error {
    case .io(let operation, let code):
      self.init(output: FileError(operation, path, code: code))
    default:
      self.init(.write, error.description)
    }
  }
}
