import Glibc
import TesseraFiles

/// Gathers what the items of a shard give, in their order, and makes files of it.
///
/// Files are written beside their final names (``AtomicFile``): they appear at ``commit()``, or not at
/// all. A collector and its slots are called by one thread at a time, in the order of the items;
/// only while an item is processed may the slots of several be filled at once.
public protocol Collector {
  /// The place of one item.
  associatedtype Slot: ItemSink

  /// Opens the place of the next item.
  ///
  /// - Parameter position: its number in the shard, counted from 0.
  /// - Returns: what takes what the item gives.
  /// - Throws: the failure of this item.
  func slot(_ position: Int) throws(InputFailure) -> Slot

  /// Files that are whole and have not got their names, once every slot has been closed.
  var files: [AtomicFile] { get }

  /// Gives all files their names, once every slot has been closed.
  ///
  /// - Parameter names: those under which files exist that must stay: a file that holds the same
  ///   bytes is adopted, another one is a failure. See ``TakenNames/adopts(_:)``.
  /// - Returns: what was written or adopted, in order of the stages.
  /// - Throws: the failure of all items; no name is left then that was not there before, and none is
  ///   missing that was.
  func commit(besides names: TakenNames) throws(InputFailure) -> [OutputFile]

  /// Removes what was written.
  func discard()
}

extension Collector {
  /// Gives all files their names once they are on the disk, and brings the names there.
  func synchronizedCommit(besides names: TakenNames) throws(InputFailure) -> [OutputFile] {
    do throws(FileError) {
      for file in files { try file.synchronize() }
    } catch {
      throw InputFailure(output: error)
    }
    let outputs = try commit(besides: names)
    do throws(FileError) {
      for folder in Set(outputs.map { PathKey(Path.folder(of: $0.path)) }) {
        try DiskSync.folder(folder.path)
      }
    } catch {
      throw InputFailure(output: error)
    }
    return outputs
  }
}

/// The place of one item in the files of its shard.
public protocol ItemSink {
  /// Closes the place: the item is whole, all earlier ones are, or have left none.
  ///
  /// - Throws: the failure of this item.
  func finish() throws(InputFailure)

  /// Leaves no trace of the item, so that the files have no hole where it would have been.
  func discard()
}

/// Names of outputs under which files exist that are not known to be ours.
public struct TakenNames: Sendable {
  private let paths: Set<PathKey>
  /// Those that nothing had: what has come to lie there since is somebody's.
  private let free: Set<PathKey>
  /// What messages call a path.
  private let name: @Sendable (String) -> String

  /// No name is taken.
  public static let none = TakenNames([])

  init(
    _ paths: Set<PathKey>, free: Set<PathKey> = [],
    named name: @escaping @Sendable (String) -> String = Path.name(of:)
  ) {
    self.paths = paths
    self.free = free
    self.name = name
  }

  /// Takes the names that files of somebody's have, and those that nothing has.
  init(
    _ standings: [PathKey: ExistingOutputs.Standing], overwrites: Bool,
    named name: @escaping @Sendable (String) -> String
  ) {
    let free = overwrites ? [] : Set(standings.filter { $0.value == .free }.keys)
    self.init(Set(standings.filter { $0.value == .foreign }.keys), free: free, named: name)
  }

  /// Gives a file its name, unless the same bytes are there under it already.
  ///
  /// - Parameter file: a file that ``adopts(_:)`` has been asked about.
  /// - Returns: whether what is there stays; then the file is discarded.
  /// - Throws: ``InputFailure`` where it cannot have the name, or something else has got it since.
  func name(_ file: AtomicFile) throws(InputFailure) -> Bool {
    let isFree = free.contains(PathKey(Path.normalized(file.path)))
    do throws(FileError) {
      do throws(FileError) {
        try file.finish(replacing: !isFree)
        return false
      } catch {
        guard isFree, error.code == EEXIST else { throw error }
        guard try file.equalsExisting() else {
          throw FileError(.create, file.path, code: EEXIST)
        }
        file.discard()
        return true
      }
    } catch {
      if isFree, error.code == EEXIST { throw InputFailure(.outputExists(name(file.path))) }
      throw InputFailure(output: error)
    }
  }

  /// Whether the file that has the final name of `file` is to stay, because it holds the same bytes.
  ///
  /// - Parameter file: a file that is whole under its temporary name.
  /// - Returns: `false` where the file is to get its name.
  /// - Throws: ``InputFailure`` where another file has the name.
  public func adopts(_ file: AtomicFile) throws(InputFailure) -> Bool {
    guard paths.contains(PathKey(Path.normalized(file.path))),
      FileStatus(of: file.path, followingLinks: false) != nil
    else { return false }
    do throws(FileError) {
      if try file.equalsExisting() { return true }
    } catch {
      throw InputFailure(output: error)
    }
    throw InputFailure(.outputExists(name(file.path)))
  }
}
