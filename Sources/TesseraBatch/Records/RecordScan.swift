import TesseraFiles

/// What an index of records needs of a line, as hashes, without putting the whole record together.
struct RecordScan {
  /// Of recipe, folder and first item.
  var key: UInt64
  var state: RunRecord.State
  /// Of the outputs that the record does not call somebody else's.
  var outputs: [UInt64] = []

  /// Reads a line of the form of today; `nil` where it is not whole, or of another form.
  ///
  /// - Parameters:
  ///   - line: a line without its end.
  ///   - recipes: what those are called today that earlier versions have called otherwise.
  init?(_ line: UnsafeRawBufferPointer, renaming recipes: [String: String]) {
    guard line.starts(with: Self.start), var fields = RecordFields(line),
      fields.isNext(RecordLine.recordWord), let word = fields.next(),
      let state = RunRecord.State.allCases.first(where: { word.elementsEqual($0.rawValue.utf8) }),
      let recipe = fields.next(), fields.next() != nil, let folder = fields.next(),
      let count = fields.integer(), count > 0, let name = fields.next()
    else { return nil }
    self.state = state
    let today = recipes.isEmpty ? nil : recipes[String(decoding: recipe, as: UTF8.self)]
    if let today {
      key = Self.hash(today.utf8, folder, name)
    } else {
      key = Self.hash(recipe, folder, name)
    }
    // An item has 8 fields, of which the first is read.
    for _ in 0..<count.saturating(times: 8) - 1 {
      guard fields.next() != nil else { return nil }
    }
    while let path = fields.next() {
      guard let size = fields.next(), fields.next() != nil else { return nil }
      if !size.elementsEqual("foreign".utf8) { outputs.append(Self.hash(folder, path)) }
    }
  }

  /// How the lines of records begin; others need not be looked at.
  private static let start = Array(RecordLine.recordWord.utf8) + [RecordFields.tab]

  /// What ``init(_:renaming:)`` gives for the line of a record.
  init(_ record: RunRecord) {
    state = record.state
    key = Self.key(of: record.key, recipe: record.recipe, folder: record.folder)
    outputs = record.outputs.filter { $0.claim != .foreign }.map {
      Self.output($0.path, folder: record.folder)
    }
  }

  /// The hash of what tells a record from others.
  static func key(of source: String, recipe: String, folder: String) -> UInt64 {
    hash(
      RecordLine.escaped(recipe).utf8, RecordLine.escaped(folder).utf8,
      RecordLine.escaped(source).utf8)
  }

  /// The hash of an output by its folder and its name in it.
  static func output(_ path: String, folder: String) -> UInt64 {
    hash(RecordLine.escaped(folder).utf8, RecordLine.escaped(path).utf8)
  }

  private static func hash(
    _ fields: some Collection<UInt8>, _ more: some Collection<UInt8>,
    _ most: some Collection<UInt8> = EmptyCollection()
  ) -> UInt64 {
    // No field holds a tab.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(fields.count + more.count + most.count + 2)
    bytes.append(contentsOf: fields)
    bytes.append(RecordFields.tab)
    bytes.append(contentsOf: more)
    bytes.append(RecordFields.tab)
    bytes.append(contentsOf: most)
    return XXHash64.hash(bytes)
  }
}
