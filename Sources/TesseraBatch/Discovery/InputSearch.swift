import Glibc
import TesseraCore
import TesseraFiles

/// A search for inputs at work.
struct InputSearch {
  private struct Candidate {
    var item: Item
    /// The folder that its name counts from, as it was given.
    let root: String
    /// The source that it comes from; a walk finds every file once.
    let source: Int
  }

  let recognition: FileRecognition
  let selection: InputNames
  let outputFolders: [String]

  private var candidates: [Candidate] = []
  private var sourceCount = 0
  private var skippedCount = 0
  private var specialFiles: [SpecialFile] = []
  private var unreadableFolders: [FileError] = []
  private var listedFolderCount = 0
  /// Files named by themselves that the globs of the pipeline do not take.
  private var leftOutCount = 0

  init(recognition: FileRecognition, selection: InputNames, outputFolders: [String]) {
    self.recognition = recognition
    self.selection = selection
    self.outputFolders = outputFolders
  }

  /// Adds a folder, a file, or what fits a glob.
  mutating func add(_ path: String) throws(DiscoveryError) {
    sourceCount += 1
    if let status = FileStatus(of: path) {
      if status.kind == .folder {
        try walk(path, status, matching: nil)
      } else {
        addNamed(Item(file: path, name: Path.name(of: path), status), root: Path.folder(of: path))
      }
      return
    }
    let error = FileError(.read, path)
    guard Glob.isPattern(path) else { throw .unreadable(error) }
    let (folder, pattern) = Self.parts(ofGlob: path)
    guard let status = FileStatus(of: folder), status.kind == .folder else {
      throw .unreadable(FileError(.read, folder, code: ENOENT))
    }
    try walk(folder, status, matching: Glob(pattern))
  }

  /// The folder before the first part that is a pattern, and the rest.
  ///
  /// Where there is a folder of that very name, it is one, whatever characters are in it.
  private static func parts(ofGlob path: String) -> (folder: String, pattern: String) {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    func folder(_ count: Int) -> String {
      let fixed = Array(parts[..<count])
      return fixed == [""] ? "/" : fixed.isEmpty ? "." : fixed.joined(separator: "/")
    }
    var count = 0
    while count < parts.count - 1,
      !Glob.isPattern(parts[count]) || FileStatus(of: folder(count + 1))?.kind == .folder
    {
      count += 1
    }
    return (folder(count), parts[count...].joined(separator: "/"))
  }

  private mutating func walk(
    _ folder: String, _ status: FileStatus, matching pattern: Glob?
  ) throws(DiscoveryError) {
    let outputs = Set(outputFolders.compactMap { FileStatus(of: $0)?.identity })
    if pattern == nil, outputs.contains(status.identity) { throw .outputFolderIsInput(folder) }
    let depth = selection.isRecursive ? pattern.map { $0.maximumDepth ?? .max } ?? .max : 1
    let selection = selection
    var walk = FolderWalk(isRecursive: depth > 1, excluded: outputs) { relativePath in
      let level = relativePath.utf8.count { $0 == UInt8(ascii: "/") } + 1
      return level < depth && !selection.isExcluded(relativePath)
    }
    walk.walk(folder, identity: status.identity)
    unreadableFolders += walk.errors
    for entry in walk.entries {
      let relativePath = entry.relativePath
      guard pattern?.matchesWhole(path: relativePath) ?? true, selection.take(relativePath) else {
        continue
      }
      let path = folder == "." ? relativePath : Path.join(folder, relativePath)
      if let special = SpecialFile(path, entry.status.kind) {
        specialFiles.append(special)
        continue
      }
      if recognition.accepts(path: path, name: Path.name(of: relativePath)) {
        let item = Item(file: path, name: relativePath, entry.status)
        candidates.append(Candidate(item: item, root: folder, source: sourceCount))
      } else {
        skippedCount += 1
      }
    }
  }

  /// Adds what a list names.
  mutating func addList(_ list: String) throws(DiscoveryError) {
    let isStandardInput = list == "-"
    let bytes: [UInt8]
    do throws(FileError) {
      bytes =
        isStandardInput
        ? try OpenFile.standardInput().readAll() : try FileSystem.content(of: list)
    } catch {
      throw .unreadable(error)
    }
    if InputList.isWide(bytes) { throw .listOfWideCharacters(list) }
    // A pipe has a path, such as /dev/fd/63, that its entries have nothing to do with.
    let isFile = FileStatus(of: list)?.kind == .file && !list.hasPrefix("/dev/")
    let folder = isFile && !isStandardInput ? Path.folder(of: list) : ""
    let entries = InputList.paths(in: bytes)
    let files = entries.compactMap { entry -> (String, FileStatus?)? in
      let status = FileStatus(of: Path.join(folder, entry))
      return status?.kind == .folder ? nil : (entry, status)
    }
    listedFolderCount += entries.count - files.count
    let names = InputList.relativePaths(of: files.map(\.0), in: folder)
    for ((path, name), (_, status)) in zip(names, files) {
      // Every entry is a source of its own: a list may name a file twice.
      sourceCount += 1
      // What is missing stays an input: it fails by itself, and the others go on.
      let root = String(decoding: path.utf8.dropLast(name.utf8.count), as: UTF8.self)
      addNamed(Item(file: path, name: name, status), root: path.hasSuffix(name) ? root : folder)
    }
  }

  private mutating func addNamed(_ item: Item, root: String) {
    guard selection.take(item.name) else {
      leftOutCount += 1
      return
    }
    candidates.append(Candidate(item: item, root: root, source: sourceCount))
  }

  /// All that was found, each file once, in the order of names.
  var found: DiscoveredInputs {
    var warnings: [String] = []
    if listedFolderCount > 0 {
      let folders = listedFolderCount == 1 ? "1 folder" : "\(listedFolderCount) folders"
      warnings.append("passed over \(folders) in a list: only files in lists are inputs")
    }
    if leftOutCount > 0 {
      let files = leftOutCount == 1 ? "1 file" : "\(leftOutCount) files"
      warnings.append(
        "left out \(files) by \"include\", \"exclude\" and \"recursive\" of the pipeline")
    }
    var items = ItemList(labelled(once(candidates)))
    items.sort()
    return DiscoveredInputs(
      items: items, skippedCount: skippedCount,
      specialFiles: specialFiles.sorted { PathKey($0.path) < PathKey($1.path) },
      unreadableFolders: unreadableFolders, warnings: warnings)
  }

  /// The candidates without files that an earlier source has given, by whatever path.
  private func once(_ candidates: [Candidate]) -> [Candidate] {
    guard sourceCount > 1 else { return candidates }
    var folders: [PathKey: String] = [:]
    var sources: [PathKey: Int] = [:]
    return candidates.filter { candidate in
      let path = candidate.item.source.path
      let folder = PathKey(Path.folder(of: path))
      let resolved =
        folders[folder]
        ?? FileSystem.resolved(folder.bytes.isEmpty ? "." : Path.folder(of: path))
      folders[folder] = resolved
      let isLink = FileStatus(of: path, followingLinks: false)?.kind == .link
      let file =
        isLink ? FileSystem.resolved(path) : Path.join(resolved, Path.name(of: path))
      let source = sources[PathKey(file)] ?? candidate.source
      sources[PathKey(file)] = source
      return source == candidate.source
    }
  }

  /// The items with their roots: what is left of them below the deepest folder that holds all.
  private func labelled(_ candidates: [Candidate]) -> [Item] {
    var parts: [PathKey: [String]] = [:]
    for candidate in candidates where parts[PathKey(candidate.root)] == nil {
      parts[PathKey(candidate.root)] = Path.normalizedParts(Path.absolute(candidate.root))
    }
    var common: [String]?
    for root in parts.values {
      let above = Array(root.dropLast())
      common =
        common.map { common in
          zip(common, above).prefix { $0.utf8.elementsEqual($1.utf8) }.map(\.0)
        } ?? above
    }
    return candidates.map { candidate in
      var item = candidate.item
      let root = parts[PathKey(candidate.root)] ?? []
      item.root = root.dropFirst(common?.count ?? 0).joined(separator: "/")
      return item
    }
  }
}
