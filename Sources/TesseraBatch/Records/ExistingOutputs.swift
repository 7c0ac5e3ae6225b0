import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// What is already there where a run would write, and what the records know of it.
struct ExistingOutputs: Sendable {
  /// What a run may do with a name.
  enum Standing: Hashable, Sendable {
    /// Write under it: nothing is there, or what is there may be replaced, whatever it is.
    case free
    /// Replace what is there: by the records it is ours, and still as it was written, or lost.
    case ours(RunRecord.Claim)
    /// Compare: a file of unknown origin is there, which stays.
    case foreign
  }

  private let records: RunRecords
  private let places: RunPlaces?
  private let recipe: String
  private let version: String
  private let overwrites: Bool
  private let verifiesDone: Bool
  private let retriesFailed: Bool
  private let inputs: InputIdentities
  private let writes: @Sendable (String, Item) -> Bool
  private let isCurrent: @Sendable (String) -> Bool
  private let ownFiles: OwnFiles
  private let stop: Cancellation

  /// Puts together what is asked for one shard after the other.
  ///
  /// - Parameters:
  ///   - records: what earlier runs have left.
  ///   - options: folder, recipe, and whether everything may be replaced.
  ///   - inputs: the items as files.
  ///   - writes: whether an item might be written to a path.
  ///   - isCurrent: whether what is kept of an item still tells what it would be now.
  init(
    records: RunRecords, options: BatchOptions, inputs: InputIdentities,
    writes: @escaping @Sendable (String, Item) -> Bool,
    isCurrent: @escaping @Sendable (String) -> Bool = { _ in true }
  ) {
    self.isCurrent = isCurrent
    recipe = options.recipe
    version = options.version
    overwrites = options.overwrites
    verifiesDone = options.verifiesDone
    retriesFailed = options.retriesFailed
    places = options.places
    ownFiles = OwnFiles(options)
    stop = options.stop
    self.records = records
    self.inputs = inputs
    self.writes = writes
  }

  /// The record that proves a shard done by sizes and times alone, or by the contents of its outputs
  /// where the run asks for them.
  ///
  /// - Parameters:
  ///   - items: the items.
  ///   - paths: the names of outputs that are known before items are opened.
  /// - Returns: `nil` where anything differs or is not known.
  func done(_ items: [Item], named paths: [String]) -> RunRecord? {
    guard let record = wholeRecord(of: items), record.isAbout(items) else { return nil }
    return isTrue(record, of: items, named: paths) ? record : nil
  }

  /// The record that proves a shard done by the contents of its items, with their times of now.
  ///
  /// - Parameters:
  ///   - items: the items.
  ///   - paths: the names of outputs that are known before items are opened.
  ///   - hashes: XXH64 of the content of each item, as far as it is known.
  /// - Returns: `nil` where anything differs or is not known.
  func proof(
    of items: [Item], named paths: [String], hashes: [UInt64?]
  ) -> RunRecord? {
    guard var record = wholeRecord(of: items), record.isAbout(items, hashes: hashes),
      isTrue(record, of: items, named: paths)
    else { return nil }
    for (index, item) in zip(record.items.indices, items) {
      record.items[index].modificationTime = item.modificationTime
    }
    return record
  }

  /// The record of what an earlier run made of a shard, whatever has changed since.
  func record(of items: [Item]) -> RunRecord? {
    items.first.flatMap { records.record(of: $0.recordName, recipe: recipe) }
  }

  /// Why nothing of some items may be written under `path`, as far as that is known without reading a
  /// file.
  func objection(to path: String, of items: [Item]) -> InputFailure? {
    let name = shown(path)
    if OwnNames.isReserved(Path.name(of: path)) || ownFiles.hold(path) {
      return InputFailure(.outputIsReserved(name), isPlanning: true)
    }
    guard let status = FileStatus(of: path, followingLinks: false) else {
      let refusal = errno
      // What cannot be asked for cannot be made; and where its folder is missing nobody else says that
      // a name is too long.
      let code = Path.isTooLong(path) ? ENAMETOOLONG : refusal
      return code == ENOENT || code == ENOTDIR
        ? nil : InputFailure(output: FileError(.create, path, code: code))
    }
    if let input = inputs.input(at: path) {
      return InputFailure(.inputWouldBeReplaced(input), isPlanning: true)
    }
    if status.kind == .folder { return InputFailure(.outputIsFolder(name), isPlanning: true) }
    if overwrites { return nil }
    if let record = owner(of: path, among: items), record.recipe != recipe {
      return InputFailure(.outputOfOtherPipeline(name), isPlanning: true)
    }
    // What lies behind a link, a pipe or a device is never taken for an output.
    return status.kind == .file ? nil : InputFailure(.outputExists(name), isPlanning: true)
  }

  /// What may be done with `path`, where there is no ``objection(to:)``; not known once the run is to
  /// end.
  ///
  /// - Parameters:
  ///   - path: where something is to be written.
  ///   - items: what it is made of.
  ///   - isShared: whether it is named by a number, so that other items may have it when one comes or
  ///     goes; what is named by an item stays with that.
  /// - Returns: whether it may be replaced.
  func standing(of path: String, for items: [Item], isShared: Bool) -> Standing {
    guard FileStatus(of: path, followingLinks: false) != nil, !overwrites else { return .free }
    guard let record = owner(of: path, among: items), record.recipe == recipe,
      let first = items.first,
      isShared || items.count > 1 || record.items.count > 1
        || record.key.utf8.elementsEqual(first.recordName.utf8)
    else { return .foreign }
    let claims = record.claims(named: name(of: path))
    do throws(Cancelled) {
      if let claim = try claims.first(trueOf: path, stop) { return .ours(claim) }
      for claim in claims where try claim.isLost(at: path, stop) { return .ours(claim) }
      return .foreign
    } catch {
      return .foreign
    }
  }

  /// What a file may hold that is overwritten, whatever it is, by what the records tell of it.
  func contents(of path: String, for items: [Item]) -> [RunRecord.Claim] {
    guard overwrites, let record = owner(of: path, among: items), record.recipe == recipe else {
      return []
    }
    return record.claims(named: name(of: path)).filter { $0 != .foreign && $0 != .new }
  }

  /// Outputs that an earlier run has made of the same items, or was about to, and this one does not
  /// make.
  ///
  /// - Parameters:
  ///   - items: the items of a shard.
  ///   - paths: what this run makes of them.
  /// - Returns: the paths, with what the records know of them.
  func surplus(
    of items: [Item], besides paths: [String]
  ) -> [(path: String, claims: [RunRecord.Claim])] {
    guard let places, let record = record(of: items) else { return [] }
    var names = Set(paths.map { PathKey(name(of: $0)) })
    // Those that are named twice are told of once.
    return record.outputs.filter {
      $0.claim != .foreign && names.insert(PathKey($0.path)).inserted
    }.map { (places.path(of: $0.path), record.claims(named: $0.path)) }
  }

  /// The path of an output as messages call it: seen from the output folder that it lies in.
  func shown(_ path: String) -> String {
    let name = name(of: path)
    return name.utf8.starts(with: "../".utf8) ? Path.normalized(path) : name
  }

  private func name(of path: String) -> String { places?.name(of: path) ?? Path.normalized(path) }

  /// The record that tells what is in a file; most often that of the items themselves.
  private func owner(of path: String, among items: [Item] = []) -> RunRecord? {
    if places == nil { return nil }
    let name = name(of: path)
    if let record = record(of: items),
      record.claims(named: name).contains(where: { $0 != .foreign })
    {
      return record
    }
    return records.owner(of: name)
  }

  /// The record of a shard whose outputs are all still there, by this version.
  private func wholeRecord(of items: [Item]) -> RunRecord? {
    guard let places, let record = record(of: items), record.version == version,
      record.isWhole(in: places.folder),
      !retriesFailed || record.items.allSatisfy({ $0.failure == nil }),
      record.items.allSatisfy({ isCurrent($0.details) })
    else { return nil }
    return record
  }

  private func isTrue(_ record: RunRecord, of items: [Item], named paths: [String]) -> Bool {
    guard let places, record.tells(of: items, named: paths, in: places, writes) else {
      return false
    }
    return !verifiesDone
      || record.outputs.allSatisfy { output in
        // A run that is to end does nothing more, whatever is done.
        (try? output.claim.isTrue(of: places.path(of: output.path), stop)) == true
      }
  }
}

extension RunRecord {
  /// What it tells of an output.
  fileprivate func claims(named name: String) -> [Claim] {
    outputs.filter { $0.path.utf8.elementsEqual(name.utf8) }.map(\.claim)
  }

  /// Whether it is done, and every output is there with the size that it had.
  fileprivate func isWhole(in folder: String) -> Bool {
    state == .done && !outputs.isEmpty
      && outputs.allSatisfy {
        let status = FileStatus(of: Path.join(folder, $0.path), followingLinks: false)
        return status?.kind == .file && status?.byteCount == $0.byteCount
      }
  }
}

extension RunRecord {
  /// Whether all of its outputs are such as are written for the items now: where they are called
  /// otherwise, after another folder of inputs perhaps, nothing is done.
  fileprivate func tells(
    of items: [Item], named paths: [String], in places: RunPlaces,
    _ writes: (String, Item) -> Bool
  ) -> Bool {
    let names = Set(paths.map { PathKey(places.name(of: $0)) })
    return outputs.allSatisfy { output in
      names.contains(PathKey(output.path))
        || items.contains { writes(places.path(of: output.path), $0) }
    }
  }
}
