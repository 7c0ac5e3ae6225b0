import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// What is already there where a run would write, and what the records know of it.
struct ExistingOutputs: Sendable {
  /// What a run may do with a name.
  enum Standing: Hashable, Sendable {
    /// Write under it: nothing is there, or what is there is ours, or may be replaced.
    case free(RunRecord.Claim)
    /// Compare: a file of unknown origin is there, which stays.
    case foreign

    /// What the records keep of it while a shard is in work.
    var claim: RunRecord.Claim { if case .free(let claim) = self { claim } else { .foreign } }
  }

  /// For every shard, the record that proves it done by sizes and times alone.
  let done: [RunRecord?]
  private let records: RunRecords
  private let places: RunPlaces?
  private let recipe: String
  private let version: String
  private let overwrites: Bool
  private let inputs: InputIdentities
  private let writes: @Sendable (String, Item) -> Bool
  private let ownFiles: OwnFiles

  /// Looks for what is done.
  ///
  /// - Parameters:
  ///   - shards: what is to be done.
  ///   - items: all items of the run.
  ///   - records: what earlier runs have left.
  ///   - options: folder, recipe, and whether everything may be replaced.
  ///   - inputs: the items as files.
  ///   - writes: whether an item might be written to a path.
  init(
    of shards: [Shard], _ items: ItemList, records: RunRecords, options: BatchOptions,
    inputs: InputIdentities, writes: @escaping @Sendable (String, Item) -> Bool
  ) {
    recipe = options.recipe
    version = options.version
    overwrites = options.overwrites
    places = options.places
    ownFiles = OwnFiles(options)
    self.records = records
    self.inputs = inputs
    self.writes = writes
    done = shards.map { [places] shard in
      let items = Array(items[shard.items])
      guard let places, let record = Self.wholeRecord(of: items, in: records, options),
        record.isAbout(items),
        record.tells(of: items, named: shard.outputs.map(\.path), in: places, writes)
      else { return nil }
      return record
    }
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
    guard let places, let first = items.first,
      var record = records.record(of: first.name, recipe: recipe),
      record.version == version, record.isWhole(in: places.folder),
      record.isAbout(items, hashes: hashes),
      record.tells(of: items, named: paths, in: places, writes)
    else { return nil }
    for (index, item) in zip(record.items.indices, items) {
      record.items[index].modificationTime = item.modificationTime
    }
    return record
  }

  /// The record of what an earlier run made of a shard, whatever has changed since.
  func record(of items: [Item]) -> RunRecord? {
    items.first.flatMap { records.record(of: $0.name, recipe: recipe) }
  }

  /// Why nothing may be written under `path`, as far as that is known without reading a file.
  func objection(to path: String) -> InputFailure? {
    let name = shown(path)
    if OwnNames.isReserved(Path.name(of: path)) || ownFiles.hold(path) {
      return InputFailure(.outputIsReserved(name), isPlanning: true)
    }
    guard let status = FileStatus(of: path, followingLinks: false) else { return nil }
    let identity = FileStatus(of: path)?.identity ?? status.identity
    if let input = inputs.input(identity) {
      return InputFailure(.inputWouldBeReplaced(input), isPlanning: true)
    }
    if status.kind == .folder { return InputFailure(.outputIsFolder(name), isPlanning: true) }
    if overwrites { return nil }
    if let record = owner(of: path), record.recipe != recipe {
      return InputFailure(.outputOfOtherPipeline(name), isPlanning: true)
    }
    // What lies behind a link, a pipe or a device is never taken for an output.
    return status.kind == .file ? nil : InputFailure(.outputExists(name), isPlanning: true)
  }

  /// What may be done with `path`, where there is no ``objection(to:)``.
  func standing(of path: String, for items: [Item]) -> Standing {
    guard FileStatus(of: path, followingLinks: false) != nil, !overwrites else {
      return .free(.new)
    }
    guard let record = owner(of: path), record.recipe == recipe, let first = items.first,
      // Several items move from shard to shard when one is added; one by itself keeps its name.
      items.count > 1 || record.items.count > 1
        || record.key.utf8.elementsEqual(first.name.utf8),
      let output = record.outputs.first(where: {
        $0.path.utf8.elementsEqual(name(of: path).utf8)
      })
    else { return .foreign }
    switch output.claim {
    case .new: return .free(.new)
    case .foreign: return .foreign
    case .content: return output.claim.isTrue(of: path) ? .free(output.claim) : .foreign
    }
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
  ) -> [(path: String, claim: RunRecord.Claim)] {
    guard let places, let record = record(of: items) else { return [] }
    let names = Set(paths.map { PathKey(name(of: $0)) })
    return record.outputs.filter { $0.claim != .foreign && !names.contains(PathKey($0.path)) }
      .map { (places.path(of: $0.path), $0.claim) }
  }

  /// The path of an output as messages call it: seen from the output folder that it lies in.
  func shown(_ path: String) -> String {
    let name = name(of: path)
    return name.utf8.starts(with: "../".utf8) ? Path.normalized(path) : name
  }

  private func name(of path: String) -> String { places?.name(of: path) ?? Path.normalized(path) }

  private func owner(of path: String) -> RunRecord? {
    places == nil ? nil : records.owner(of: name(of: path))
  }

  /// The record of a shard whose outputs are all still there, by this version.
  private static func wholeRecord(
    of items: [Item], in records: RunRecords, _ options: BatchOptions
  ) -> RunRecord? {
    guard let folder = options.folder, let first = items.first,
      let record = records.record(of: first.name, recipe: options.recipe),
      record.version == options.version, record.isWhole(in: folder)
    else { return nil }
    return record
  }
}

extension RunRecord {
  /// Whether it is done, and every output is there with the size that it had.
  fileprivate func isWhole(in folder: String) -> Bool {
    state == .done && !outputs.isEmpty
      && outputs.allSatisfy {
        let status = FileStatus(of: Path.join(folder, $0.path))
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

/// The inputs of a run as files, looked up once something might be written over one.
final class InputIdentities: Sendable {
  private let items: ItemList
  private let names = Locked<[FileStatus.Identity: String]?>(nil)

  init(_ items: ItemList) { self.items = items }

  /// The path of the input that a file is; `nil` where it is none.
  func input(_ identity: FileStatus.Identity) -> String? {
    names.withLock { names in
      if names == nil {
        var all: [FileStatus.Identity: String] = [:]
        for item in items {
          if let status = FileStatus(of: item.source.path) {
            all[status.identity] = item.source.path
          }
        }
        names = all
      }
      return names?[identity]
    }
  }
}
