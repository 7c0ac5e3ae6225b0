import Glibc
import TesseraFiles

/// Where inputs come from.
public enum InputSource: Hashable, Sendable {
  /// A folder, a file, or a glob where nothing has that very name.
  case path(String)
  /// A text file with one path a line, or NUL after each; "-" is standard input.
  case list(String)
}

/// What was found to process.
public struct DiscoveredInputs: Sendable {
  /// The inputs, in the order of the bytes of their names.
  public var items: [Item]
  /// Files that were passed over because they are not known images.
  public var skippedCount: Int
  /// FIFOs, sockets and devices that were met in folders, and passed over.
  public var specialFiles: [SpecialFile]
  /// Folders that could not be read, so that inputs may be missing.
  public var unreadableFolders: [FileError]

  /// Puts together what a search has found.
  public init(
    items: [Item], skippedCount: Int = 0, specialFiles: [SpecialFile] = [],
    unreadableFolders: [FileError] = []
  ) {
    self.items = items
    self.skippedCount = skippedCount
    self.specialFiles = specialFiles
    self.unreadableFolders = unreadableFolders
  }
}

/// Finds the inputs of a run.
///
/// In folders and under globs an input is a visible file with a known extension or known first
/// bytes; a file that is named outright always is one.
public struct InputDiscovery: Sendable {
  /// Globs of which an input must fit one; empty: all do.
  ///
  /// A glob without a slash is held against the name, one with a slash against the whole path from
  /// the folder that is loaded.
  public var include: [String]
  /// Globs that an input, and every folder on its way, must not fit.
  public var exclude: [String]
  /// Whether folders inside the folder count.
  public var isRecursive: Bool
  /// Folders of outputs: nothing in them is found by walking.
  public var outputFolders: [String]

  private let recognition: FileRecognition

  /// Says what counts; nothing is looked at yet.
  public init(
    of recognition: FileRecognition, include: [String] = [], exclude: [String] = [],
    isRecursive: Bool = true,
    outputFolders: [String] = []
  ) {
    self.recognition = recognition
    self.include = include
    self.exclude = exclude
    self.isRecursive = isRecursive
    self.outputFolders = outputFolders
  }

  /// Finds all inputs of some sources, each of them once.
  ///
  /// - Throws: ``DiscoveryError`` where a source is missing or nothing is found.
  public func inputs(in sources: [InputSource]) throws(DiscoveryError) -> DiscoveredInputs {
    var found = DiscoveredInputs(items: [])
    for source in sources {
      switch source {
      case .path(let path): try add(path, to: &found)
      case .list(let list): try addList(list, to: &found)
      }
    }
    guard !found.items.isEmpty else {
      if let error = found.unreadableFolders.first { throw .unreadable(error) }
      throw .nothingMatches(
        sources, skippedCount: found.skippedCount, kinds: recognition.kinds,
        specialFiles: found.specialFiles)
    }
    found.items = Self.sortedOnce(found.items)
    found.specialFiles.sort { PathKey($0.path) < PathKey($1.path) }
    return found
  }

  private func add(_ path: String, to found: inout DiscoveredInputs) throws(DiscoveryError) {
    if let status = FileStatus(of: path) {
      if status.kind == .folder {
        try walk(path, status, matching: nil, to: &found)
      } else {
        found.items.append(Item(file: path, name: Path.name(of: path), status))
      }
      return
    }
    let error = FileError(.read, path)
    guard Glob.isPattern(path) else { throw .unreadable(error) }
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    let fixed = parts.prefix { !Glob.isPattern($0) }
    let folder = fixed == [""] ? "/" : fixed.isEmpty ? "." : fixed.joined(separator: "/")
    guard let status = FileStatus(of: folder), status.kind == .folder else {
      throw .unreadable(FileError(.read, folder, code: ENOENT))
    }
    let pattern = Glob(parts[fixed.count...].joined(separator: "/"))
    try walk(folder, status, matching: pattern, to: &found)
  }

  private func walk(
    _ folder: String, _ status: FileStatus, matching pattern: Glob?,
    to found: inout DiscoveredInputs
  ) throws(DiscoveryError) {
    let outputs = Set(outputFolders.compactMap { FileStatus(of: $0)?.identity })
    if pattern == nil, outputs.contains(status.identity) { throw .outputFolderIsInput(folder) }
    let include = include.map { Glob($0) }
    let exclude = exclude.map { Glob($0) }
    let depth = pattern.map { $0.maximumDepth ?? .max } ?? (isRecursive ? .max : 1)
    var walk = FolderWalk(isRecursive: depth > 1, excluded: outputs) { relativePath in
      let level = relativePath.utf8.count { $0 == UInt8(ascii: "/") } + 1
      return level < depth && !exclude.contains { $0.matches(relativePath) }
    }
    walk.walk(folder, identity: status.identity)
    found.unreadableFolders += walk.errors
    for entry in walk.entries {
      let relativePath = entry.relativePath
      guard pattern?.matchesWhole(path: relativePath) ?? true,
        include.isEmpty || include.contains(where: { $0.matches(relativePath) }),
        !exclude.contains(where: { $0.matches(relativePath) })
      else { continue }
      let path = folder == "." ? relativePath : Path.join(folder, relativePath)
      if let special = SpecialFile(path, entry.status.kind) {
        found.specialFiles.append(special)
        continue
      }
      if recognition.accepts(path: path, name: Path.name(of: relativePath)) {
        found.items.append(Item(file: path, name: relativePath, entry.status))
      } else {
        found.skippedCount += 1
      }
    }
  }

  private func addList(_ list: String, to found: inout DiscoveredInputs) throws(DiscoveryError) {
    let isStandardInput = list == "-"
    let bytes: [UInt8]
    do throws(FileError) {
      bytes =
        isStandardInput
        ? try OpenFile.standardInput().readAll() : try FileSystem.content(of: list)
    } catch {
      throw .unreadable(error)
    }
    let entries = InputList.paths(in: bytes)
    let folder = isStandardInput ? "" : Path.folder(of: list)
    for (path, relativePath) in InputList.relativePaths(of: entries, in: folder) {
      // What is missing stays an input: it fails by itself, and the others go on.
      found.items.append(Item(file: path, name: relativePath))
    }
  }

  private static func sortedOnce(_ items: [Item]) -> [Item] {
    let sorted = items.sorted { a, b in
      a.name.utf8.elementsEqual(b.name.utf8)
        ? a.source.path.utf8.lexicographicallyPrecedes(b.source.path.utf8)
        : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    var once: [Item] = []
    once.reserveCapacity(sorted.count)
    for item in sorted where once.last != item { once.append(item) }
    return once
  }
}
