import Testing

@testable import TesseraBatch

/// An error, and all that is told of it.
struct ToldError<Failure: Error>: Sendable, CustomTestStringConvertible {
  let error: Failure
  let kind: String
  let path: String?
  let status: TesseraBatch.ExitStatus
  let sentence: String
  var testDescription: String { sentence }

  init(
    _ error: Failure, _ kind: String, _ path: String?, _ status: TesseraBatch.ExitStatus,
    _ sentence: String
  ) {
    self.error = error
    self.kind = kind
    self.path = path
    self.status = status
    self.sentence = sentence
  }
}
