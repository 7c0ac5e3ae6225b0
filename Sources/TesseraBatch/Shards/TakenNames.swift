import Glibc
import TesseraFiles
import TesseraThreads

/// Names of outputs under which files exist that are not known to be ours.
public struct TakenNames: Sendable {
  private let paths: Set<PathKey>
  /// Those that nothing had.
  private let free: Set<PathKey>
  /// What messages call a path.
  private let name: @Sendable (String) -> String
  /// Ends comparisons.
  private let stop: Cancellation
  /// Files that hold the bytes of ours, as they were when that was found.
  private var alike: [PathKey: FileStatus] = [:]

  /// No name is taken.
  public static let none = TakenNames([:], overwrites: true, named: Path.name(of:), Cancellation())

  /// Takes the names that files of somebody's have, and those that nothing has.
  init(
    _ standings: [PathKey: ExistingOutputs.Standing], overwrites: Bool,
    named name: @escaping @Sendable (String) -> String, _ stop: Cancellation
  ) {
    paths = Set(standings.filter { $0.value == .foreign }.keys)
    free = overwrites ? [] : Set(standings.filter { $0.value == .free }.keys)
    self.name = name
    self.stop = stop
  }

  /// Compares files with what is there under their names: ``adopts(_:)`` reads those no more that
  /// have not changed since.
  ///
  /// - Throws: the failure of all items, where another file has a name.
  mutating func compare(_ files: [AtomicFile]) throws(InputFailure) {
    for file in files {
      // As it was before it was read: what is written meanwhile makes a difference.
      let status = FileStatus(of: file.path, followingLinks: false)
      if try adopts(file), let status, status.isSettled { alike[key(of: file)] = status }
    }
  }

  /// Gives a file its name, unless the same bytes are there under it already.
  ///
  /// - Parameter file: a file that ``adopts(_:)`` has been asked about.
  /// - Returns: whether what is there stays; then the file is discarded.
  /// - Throws: ``InputFailure`` where it cannot have the name, or something else has got it since.
  func name(_ file: AtomicFile) throws(InputFailure) -> Bool {
    // What has come to lie there since is somebody's.
    let staysFree = free.contains(key(of: file)) || paths.contains(key(of: file))
    do throws(FileError) {
      do throws(FileError) {
        try file.finish(replacing: !staysFree)
        return false
      } catch {
        guard staysFree, error.code == EEXIST else { throw error }
        guard try file.equalsExisting(stop) else {
          throw FileError(.create, file.path, code: EEXIST)
        }
        file.discard()
        return true
      }
    } catch {
      if staysFree, error.code == EEXIST { throw InputFailure(.outputExists(name(file.path))) }
      throw failure(error)
    }
  }

  /// Whether the file that has the final name of `file` is to stay, because it holds the same bytes.
  ///
  /// - Parameter file: a file that is whole under its temporary name.
  /// - Returns: `false` where the file is to get its name.
  /// - Throws: ``InputFailure`` where another file has the name, or the run ended before that was known.
  public func adopts(_ file: AtomicFile) throws(InputFailure) -> Bool {
    guard paths.contains(key(of: file)),
      let status = FileStatus(of: file.path, followingLinks: false)
    else { return false }
    if alike[key(of: file)] == status { return true }
    do throws(FileError) {
      if try file.equalsExisting(stop) { return true }
    } catch {
      throw failure(error)
    }
    throw InputFailure(.outputExists(name(file.path)))
  }

  private func key(of file: AtomicFile) -> PathKey { PathKey(Path.normalized(file.path)) }

  private func failure(_ error: FileError) -> InputFailure {
    error.isCancelled ? .cancelled : InputFailure(output: error)
  }
}
