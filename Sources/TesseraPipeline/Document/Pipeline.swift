import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// A list of stages: what a pipeline file says, or what code has put together.
///
/// A pipeline that exists has been checked as far as that is possible without an image: every
/// value by itself, keys against each other, and the order of the stages.
public struct Pipeline: Sendable {
  /// The version of the file format that this version of Tessera reads and writes.
  public static let formatVersion = 1

  /// The stages, in the order in which they run.
  public let stages: [any Stage]
  /// What the pipeline is for, in the words of its author.
  public let description: String?
  /// The pipeline file as it was named; `nil` when the pipeline was made in code.
  public let file: String?
  /// The folder that relative paths in the pipeline start at; empty is the working directory.
  public let baseDirectory: String
  /// Sixteen hexadecimal digits that change with every setting of every stage.
  ///
  /// The description, the order of keys and defaults that are written out do not count.
  public let digest: String
  /// Where the stages and their keys were written.
  private let places: [StagePlace]

  /// Reads the text of a pipeline file.
  ///
  /// - Parameters:
  ///   - text: The contents of the file.
  ///   - file: The name of the file: messages begin with it, relative paths start at its folder.
  ///   - overrides: Changes such as `stages[2].stride=4`, applied in order before anything is read.
  /// - Throws: `PipelineFileError` with every mistake in the text.
  public init(
    parsing text: String, file: String? = nil, overrides: [String] = []
  ) throws(PipelineFileError) {
    try self.init(parsing: Array(text.utf8), file: file, overrides: overrides)
  }

  /// Reads the bytes of a pipeline file, which must be UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: The contents of the file.
  ///   - file: The name of the file: messages begin with it, relative paths start at its folder.
  ///   - overrides: Changes such as `stages[2].stride=4`, applied in order before anything is read.
  /// - Throws: `PipelineFileError` with every mistake in the text.
  public init(
    parsing bytes: [UInt8], file: String? = nil, overrides: [String] = []
  ) throws(PipelineFileError) {
    try self.init(parsing: bytes, file: file, overrides: overrides, label: "override")
  }

  /// Reads the bytes of a pipeline file; messages call its overrides as `label` says, and where it
  /// `needsResult`, one of its stages gives one.
  package init(
    parsing bytes: [UInt8], file: String?, overrides: [String], label: String,
    needsResult: Bool = true
  ) throws(PipelineFileError) {
    let root: JSONValue
    do throws(JSONSyntaxError) {
      root = try JSONParser.parse(bytes)
    } catch {
      throw PipelineFileError([Diagnostic(error)], file: file)
    }
    let directory = file.map(Path.folder) ?? ""
    try self.init(
      root, file: file, baseDirectory: directory, overrides: overrides, label: label,
      needsResult: needsResult)
  }

  /// Checks stages made in code; they are held to the rules of pipeline files.
  ///
  /// - Parameters:
  ///   - stages: The stages, in the order in which they run.
  ///   - description: What the pipeline is for.
  ///   - baseDirectory: The folder that relative paths start at; empty is the working directory.
  /// - Throws: `PipelineFileError` with everything that is wrong.
  public init(
    stages: [any Stage], description: String? = nil, baseDirectory: String = ""
  ) throws(PipelineFileError) {
    let root = PipelineReader.written(stages, description: description)
    try self.init(root, file: nil, baseDirectory: baseDirectory, overrides: [], label: "")
  }

  /// Some first stages of a pipeline, and others that no file names.
  init(of whole: Pipeline, stages: [any Stage]) {
    self.stages = stages
    digest = whole.digest
    places = whole.places
    description = whole.description
    file = whole.file
    baseDirectory = whole.baseDirectory
  }

  /// Reads the value in a pipeline file, which need not be all of that file.
  ///
  /// - Parameters:
  ///   - root: the value, with the places where it was written.
  ///   - file: the name of the file.
  ///   - baseDirectory: where relative paths start.
  /// - Throws: `PipelineFileError` with every mistake.
  package init(_ root: JSONValue, file: String, baseDirectory: String) throws(PipelineFileError) {
    try self.init(root, file: file, baseDirectory: baseDirectory, overrides: [], label: "")
  }

  private init(
    _ root: JSONValue, file: String?, baseDirectory: String, overrides: [String], label: String,
    needsResult: Bool = true
  ) throws(PipelineFileError) {
    var root = root
    var findings = Findings()
    for (index, text) in overrides.enumerated() {
      Override.apply(
        text, number: index + 1, label: label, to: &root, &findings,
        completing: StageKey.path(completing:in:))
    }
    let reader = PipelineReader.read(root, needsResult: needsResult, &findings)
    guard findings.count == 0 else {
      throw PipelineFileError(findings.diagnostics, of: findings.count, file: file)
    }
    stages = reader.entries.compactMap(\.stage)
    digest = Self.digest(of: stages)
    places = reader.entries.map(\.place)
    description = reader.description
    self.file = file
    self.baseDirectory = baseDirectory
  }

  /// Where a stage, or the value of one of its keys, was written.
  ///
  /// Gives the stage's place for a key that was not written, and `nil` for a pipeline made in code
  /// or a stage that does not exist.
  public func location(stage: Int, key: String? = nil) -> SourceLocation? {
    guard places.indices.contains(stage) else { return nil }
    let place = places[stage]
    let position = key.flatMap { place.keys[$0] } ?? place.position
    return position.origin == .code ? nil : SourceLocation(file: file, position: position)
  }

  /// The text of a pipeline file that says the same; defaults are left out.
  public var text: String { JSONWriter.pretty(document) }

  /// The value in such a file.
  package var document: JSONValue {
    PipelineReader.written(stages, description: description)
  }

  /// The stages as compact JSON; defaults are left out.
  package var compactText: String {
    JSONWriter.compact(PipelineReader.written(stages, description: nil))
  }

  /// XXH64 of the stages as compact JSON.
  private static func digest(of stages: [any Stage]) -> String {
    let text = JSONWriter.compact(PipelineReader.written(stages, description: nil))
    return XXHash64.hash(text.utf8).hexadecimal
  }

  /// As ``digest``, but for where inputs are and where outputs go.
  package var digestWithoutPlaces: String {
    var root = PipelineReader.written(stages, description: nil)
    guard var members = root.members, let list = members.firstIndex(where: { $0.key == "stages" })
    else { return digest }
    members[list].value = JSONValue(.array(stagesWithoutPlaces))
    root.kind = .object(members)
    return XXHash64.hash(JSONWriter.compact(root).utf8).hexadecimal
  }

  /// The stages as in a pipeline file, but for where inputs are and where outputs go.
  private var stagesWithoutPlaces: [JSONValue] {
    let written = PipelineReader.written(stages, description: nil)["stages"]?.elements ?? []
    return zip(stages, written).map { stage, value -> JSONValue in
      let type = Swift.type(of: stage)
      let keys =
        (type as? any SourceStage.Type)?.placeKeys ?? (type as? any OutputStage.Type)?.placeKeys
      guard let keys, let members = value.members else { return value }
      return JSONValue(.object(members.filter { !keys.contains($0.key) }))
    }
  }

  /// The stages before one as in a pipeline file, without those that write: how its values came about.
  ///
  /// Where inputs are and where outputs go is left out, and of absolute paths all but the names.
  package func provenance(before stageIndex: Int) -> JSONValue {
    let written = zip(stages, stagesWithoutPlaces).prefix(stageIndex).filter {
      !($0.0 is any OutputStage)
    }
    let values = written.map { stage, value -> JSONValue in
      let keys = Set(stage.arrays.map(\.key) + stage.documentPaths.map(\.key))
      let programs = Set(stage.programs.map(\.key))
      let members = (value.members ?? []).map { member -> JSONMember in
        if programs.contains(member.key), let words = member.value.elements {
          let names = words.map { Self.withoutFolders($0) }
          return JSONMember(member.key, JSONValue(.array(names)))
        }
        guard keys.contains(member.key), let path = member.value.string, path.hasPrefix("/") else {
          return member
        }
        return JSONMember(member.key, JSONValue(.string(Path.name(of: path))))
      }
      return JSONValue(.object(members))
    }
    return JSONValue(.array(values))
  }

  /// A word that may be an absolute path, and is its last name then.
  private static func withoutFolders(_ word: JSONValue) -> JSONValue {
    guard let path = word.string, path.hasPrefix("/") else { return word }
    return JSONValue(.string(Path.name(of: path)))
  }
}

/// Where a stage and its keys were written.
struct StagePlace: Hashable, Sendable {
  /// The stage's opening brace.
  let position: SourcePosition
  /// The value of each key that was written.
  let keys: [String: SourcePosition]
}

extension Diagnostic {
  /// A text that is not JSON.
  init(_ error: JSONSyntaxError) {
    self.init(
      position: error.position, problem: .mismatch(expected: error.expected, found: error.found))
  }
}
