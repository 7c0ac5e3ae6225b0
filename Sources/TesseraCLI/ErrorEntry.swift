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

  /// Says what ended the run, and with which file.
  init(_ kind: RunErrorKind, _ message: String, file: String? = nil) {
    self.init(kind.rawValue, message, file: file)
  }

  /// Says what is wrong at a place of the pipeline file.
  init(
    _ kind: RunErrorKind, _ message: String, in pipeline: Pipeline, stage: Int, key: String? = nil
  ) {
    self.init(kind.rawValue, message, file: pipeline.file, key: Self.path(stage: stage, key: key))
    if let place = pipeline.location(stage: stage, key: key) { self.place(place.position) }
  }

  /// A mistake in a pipeline file.
  init(_ diagnostic: Diagnostic) {
    var bare = diagnostic
    bare.position = .code
    let path = diagnostic.path.components.isEmpty ? nil : diagnostic.path.description
    self.init(
      RunErrorKind.pipeline.rawValue, bare.description, file: diagnostic.file, key: path)
    place(diagnostic.position)
  }

  /// Folders in which inputs may be.
  static func entries(ofUnreadable folders: FirstFound<FileError>) -> [ErrorEntry] {
    folders.kept.map { folder in
      ErrorEntry(.unreadable, FailureList.sentence(onUnreadable: folder), file: folder.path)
    }
      + [FailureList.rest(of: folders, besides: folders.kept.count)].compactMap(\.self)
      .map { ErrorEntry(.unreadable, $0) }
  }

  /// Why one input failed.
  init(_ example: RunSummary.Example, for audience: Audience = .command) {
    self.init(
      example.failure.kind.rawValue, example.failure.message(for: audience), file: example.path,
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
    failure.stageIndex.map { path(stage: $0, key: failure.key) }
  }

  private static func path(stage index: Int, key: String?) -> String {
    let stage = DocumentPath.stage(index)
    return (key.map { stage.appending(.key($0)) } ?? stage).description
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

  static func kind(of status: ExitStatus) -> RunErrorKind {
    switch status {
    case .usage: .usage
    case .failedInputs, .nothingToDo: .unreadable
    // Where all is done there is nothing to tell.
    case .bug, .done: .bug
    case .cannotCreate, .system: .create
    case .cannotWrite: .write
    case .interrupted: .interrupted
    case .badPipeline: .pipeline
    }
  }
}
