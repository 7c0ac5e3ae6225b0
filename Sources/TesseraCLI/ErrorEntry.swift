import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraFiles
import TesseraPipeline

/// One thing that is wrong, for programs.
struct ErrorEntry {
  /// In a word: a kind of failure of an input, or what ended the command.
  var kind: String
  /// The file in question, as it was named.
  var file: String?
  /// Where in it, counted from 1.
  var line: Int?
  var column: Int?
  /// The key in question: "stages[1].kernel_size".
  var key: String?
  var message: String

  /// Says what is wrong, and with which file.
  init(_ kind: String, _ message: String, file: String? = nil, key: String? = nil) {
    self.kind = kind
    self.message = message
    self.file = file
    self.key = key
  }

  /// A mistake in a pipeline file.
  init(_ diagnostic: Diagnostic) {
    var bare = diagnostic
    bare.position = .code
    let path = diagnostic.path.components.isEmpty ? nil : diagnostic.path.description
    self.init("pipeline", bare.description, file: diagnostic.file, key: path)
    place(diagnostic.position)
  }

  /// Why one input failed.
  init(_ example: RunSummary.Example) {
    self.init(
      example.failure.kind.rawValue, example.failure.message(for: .command), file: example.path,
      key: Self.key(of: example.failure))
  }

  /// The refusal of a stage that no input fits.
  init(refusalOfAll failure: InputFailure, in pipeline: Pipeline) {
    self.init(
      failure.kind.rawValue, failure.message(for: .command), file: pipeline.file,
      key: Self.key(of: failure))
    let place = failure.stageIndex.flatMap { pipeline.location(stage: $0, key: failure.key) }
    if let place { self.place(place.position) }
  }

  private static func key(of failure: InputFailure) -> String? {
    failure.stageIndex.map { index in
      let stage = DocumentPath.stage(index)
      return (failure.key.map { stage.appending(.key($0)) } ?? stage).description
    }
  }

  /// Only what was written in the file has a place in it.
  private mutating func place(_ position: SourcePosition) {
    guard position.origin == .document else { return }
    (line, column) = (position.line, position.column)
  }

  var json: JSONValue {
    func text(_ value: String?) -> JSONValue {
      value.map { JSONValue(.string($0)) } ?? .init(.null)
    }
    func number(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .init(.null) }
    return [
      "kind": text(kind), "file": text(file), "line": number(line), "column": number(column),
      "key": text(key), "message": text(message),
    ]
  }
}

extension CommandFailure {
  /// What is wrong, entry by entry.
  var entries: [ErrorEntry] {
    guard errors.isEmpty, let message else { return errors }
    return [ErrorEntry(Self.kind(of: status), message)]
  }

  /// The end of a command that has not come to a summary, for programs.
  var json: String {
    JSONWriter.compact([
      "errors": JSONValue(.array(entries.map(\.json))),
      "exit_status": .integer(Int(status.rawValue)),
    ])
  }

  private static func kind(of status: ExitStatus) -> String {
    switch status {
    case .done: "done"
    case .usage: "usage"
    case .failedInputs, .nothingToDo: InputFailure.Kind.unreadable.rawValue
    case .bug: InputFailure.Kind.bug.rawValue
    case .cannotCreate: InputFailure.Kind.create.rawValue
    case .cannotWrite: InputFailure.Kind.write.rawValue
    case .interrupted: "interrupted"
    case .badPipeline: "pipeline"
    }
  }
}
