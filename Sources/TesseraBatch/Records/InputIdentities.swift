import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// The inputs of a run as files, looked up once something might be written over one.
///
/// A link to nothing is an input itself. What cannot be asked for is known by its path alone.
final class InputIdentities: Sendable {
  private struct Index: Sendable {
    /// By their identities.
    var known = NameIndex()
    /// Those that could not be asked for, by their paths.
    var unknown = NameIndex()
  }

  private let items: ItemList
  private let index = Locked<Index?>(nil)
  private let jobs: Int

  /// Takes the items of a run that may have some threads.
  init(_ items: ItemList, jobs: Int) {
    // All views of an input are one file.
    self.items = items.withoutViews
    self.jobs = jobs
  }

  /// The path of the input that is in a place, or that a link there leads to; `nil` where none is.
  func input(at path: String) -> String? {
    guard let itself = FileStatus(of: path, followingLinks: false) else {
      return FileError(.read, path).saysMissing ? nil : unknownInput(at: path)
    }
    let status = itself.kind == .link ? FileStatus(of: path) ?? itself : itself
    return input(status.identity) ?? unknownInput(at: path)
  }

  private func input(_ identity: FileStatus.Identity) -> String? {
    withIndex { $0.known.numbers(of: identity.hash) }.lazy.map { self.items[$0].source.path }
      .first { path in
        switch Self.identity(of: path) {
        case .success(let found): found == identity
        case .failure(let error): !error.saysMissing
        }
      }
  }

  /// The path of an input that could not be asked for, and that is in this place.
  private func unknownInput(at path: String) -> String? {
    let isEmpty = withIndex { $0.unknown.isEmpty }
    if isEmpty { return nil }
    let place = FileSystem.resolved(path)
    return withIndex { $0.unknown.numbers(of: XXHash64.hash(place.utf8)) }.lazy
      .map { self.items[$0].source.path }
      .first { FileSystem.resolved($0).utf8.elementsEqual(place.utf8) }
  }

  private func withIndex<Result>(_ body: (Index) -> Result) -> Result {
    index.withLock { index in
      let all = index ?? indexOfItems
      index = all
      return body(all)
    }
  }

  private var indexOfItems: Index {
    let all = Locked(Index(known: NameIndex(reserving: items.count)))
    Workers.run(jobs, piecesBelow: items.count) { [items] piece in
      var index = Index()
      for number in piece {
        let path = items[number].source.path
        switch Self.identity(of: path) {
        case .success(let identity): index.known.append(identity.hash, number)
        case .failure(let error) where error.saysMissing: continue
        case .failure: index.unknown.append(XXHash64.hash(FileSystem.resolved(path).utf8), number)
        }
      }
      all.withLock {
        $0.known.append(index.known)
        $0.unknown.append(index.unknown)
      }
    }
    return all.withLock { index in
      index.known.sort()
      index.unknown.sort()
      return index
    }
  }

  /// What a path leads to, or the link itself that leads to nothing.
  private static func identity(of path: String) -> Result<FileStatus.Identity, FileError> {
    do throws(FileError) {
      return .success(try FileStatus(at: path).identity)
    } catch {
      if let link = FileStatus(of: path, followingLinks: false) { return .success(link.identity) }
      return .failure(error)
    }
  }
}

extension FileError {
  /// Whether nothing has the name, so that nothing can be written over.
  fileprivate var saysMissing: Bool { code == ENOENT || code == ENOTDIR }
}

extension FileStatus.Identity {
  /// The same for the same file.
  fileprivate var hash: UInt64 {
    // Neighbours on the disk have neighbouring numbers: those of two devices are kept apart.
    (UInt64(device) &* 0x9E37_79B1_85EB_CA87) ^ UInt64(number)
  }
}
