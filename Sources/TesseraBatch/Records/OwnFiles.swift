import TesseraCore
import TesseraFiles

/// The files that a run keeps for itself: no output may have the place of one, or lie below it.
struct OwnFiles: Sendable {
  /// Where they are, in folders without links.
  private let paths: [PathKey]
  /// What they are called.
  private let names: Set<PathKey>

  init(_ options: BatchOptions) {
    let places = options.places
    let others = options.stateFolder == nil ? options.otherFolders.map { RunPlaces($0) } : []
    let files =
      ([places].compactMap(\.self) + others).flatMap { [$0.records, $0.lock] }
      + [options.reportPath].compactMap(\.self)
    paths = files.map { PathKey(RunPlaces.resolved(file: $0)) }
    names = Set(files.map { PathKey(Path.name(of: $0)) })
  }

  /// Whether a file or a folder has the place of one of them, or lies below it.
  func hold(_ path: String) -> Bool {
    let parts = Path.normalizedParts(path)
    guard parts.contains(where: { names.contains(PathKey($0)) }) else { return false }
    let resolved = PathKey(RunPlaces.resolved(file: path)).bytes
    return paths.contains { own in
      resolved.starts(with: own.bytes)
        && (resolved.count == own.bytes.count || resolved[own.bytes.count] == UInt8(ascii: "/"))
    }
  }
}
