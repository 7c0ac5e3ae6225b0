import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// A search for inputs at work.
struct InputSearch {
  let recognition: FileRecognition
  let selection: InputNames
  let followsLinks: Bool
  let cancellation: Cancellation
  /// Folders of outputs: nothing in them is found by walking.
  private let outputs: Set<FileStatus.Identity>

  /// What was found, in any order; roots are the folders that names count from, as they were given.
  var items = ItemList()
  /// The source of each item; a walk finds every file once.
  var sources: [UInt32] = []
  private(set) var sourceCount: UInt32 = 0
  var skippedCount = 0
  var specialFiles = FirstFound<SpecialFile>()
  var unreadableFolders = FirstFound<FileError>()
  /// Paths that were given and cannot be asked for.
  var refusals: [PathKey: FileError] = [:]
  var listedFolderCount = 0
  /// Files named by themselves that the globs of the pipeline do not take.
  var leftOutCount = 0
  var gone = PassedOver()
  var leavingLinks = PassedOver()
  var loops = PassedOver()

  /// - Throws: ``DiscoveryError`` where a folder of outputs cannot be told from others.
  init(
    recognition: FileRecognition, selection: InputNames, followsLinks: Bool,
    outputFolders: [String], cancellation: Cancellation
  ) throws(DiscoveryError) {
    self.recognition = recognition
    self.selection = selection
    self.followsLinks = followsLinks
    self.cancellation = cancellation
    var outputs: Set<FileStatus.Identity> = []
    for folder in outputFolders {
      do throws(FileError) {
        outputs.insert(try FileStatus(at: folder).identity)
      } catch  where [ENOENT, ENOTDIR].contains(error.code) {
        // What is not there yet holds nothing.
      } catch {
        throw .outputFolderUnknown(FileError(.create, folder, code: error.code))
      }
    }
    self.outputs = outputs
  }

  /// Adds a folder, a file, or what fits a glob.
  mutating func add(_ path: String) throws(DiscoveryError) {
    sourceCount += 1
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(at: path)
    } catch {
      // A shell that fills in names gives links to nothing, too, whatever they are called.
      let link = FileStatus(of: path, followingLinks: false)
      if link == nil, Self.saysMissing(error) {
        if let page = page(path, named: Path.name(of: path)) {
          return addNamed(page, root: Path.folder(of: path))
        }
        if Glob.isPattern(path) { return try addGlob(path) }
        throw .unreadable(error)
      }
      refusals[PathKey(path)] = error
      addNamed(Item(file: path, name: Path.name(of: path), link), root: Path.folder(of: path))
      return
    }
    if status.kind == .folder {
      try walk(path, status, matching: nil)
    } else {
      addNamed(Item(file: path, name: Path.name(of: path), status), root: Path.folder(of: path))
    }
  }

  /// Whether nothing has that very name: braces may hold more than a name ever does.
  private static func saysMissing(_ error: FileError) -> Bool {
    [ENOENT, ENOTDIR, ENAMETOOLONG].contains(error.code)
  }

  private mutating func addGlob(_ path: String) throws(DiscoveryError) {
    let (folder, pattern) = try DiscoveryError.reading { () throws(FileError) in
      try Self.parts(ofGlob: path)
    }
    let status = try DiscoveryError.reading { () throws(FileError) in try FileStatus(at: folder) }
    guard status.kind == .folder else {
      throw .unreadable(FileError(.read, folder, code: ENOTDIR))
    }
    try walk(folder, status, matching: Glob(pattern))
  }

  /// The folder before the first part that is a pattern, and the rest.
  ///
  /// Where there is a folder of that very name, it is one, whatever characters are in it.
  private static func parts(
    ofGlob path: String
  ) throws(FileError) -> (folder: String, pattern: String) {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    func folder(_ count: Int) -> String {
      let fixed = Array(parts[..<count])
      return fixed == [""] ? "/" : fixed.isEmpty ? "." : fixed.joined(separator: "/")
    }
    func isFolder(_ path: String) throws(FileError) -> Bool {
      do throws(FileError) {
        return try FileStatus(at: path).kind == .folder
      } catch  where saysMissing(error) {
        return false
      }
    }
    var count = 0
    while count < parts.count - 1 {
      if Glob.isPattern(parts[count]), try !isFolder(folder(count + 1)) { break }
      count += 1
    }
    return (folder(count), parts[count...].joined(separator: "/"))
  }

  private mutating func walk(
    _ folder: String, _ status: FileStatus, matching pattern: Glob?
  ) throws(DiscoveryError) {
    if pattern == nil, outputs.contains(status.identity) { throw .outputFolderIsInput(folder) }
    let depth = selection.isRecursive ? pattern.map { $0.maximumDepth ?? .max } ?? .max : 1
    let links = try DiscoveryError.reading { () throws(FileError) in
      try LinkPolicy(walking: folder, followsAll: followsLinks)
    }
    let selection = selection
    var walk = FolderWalk(
      isRecursive: depth > 1, excluded: outputs, links: links, cancellation: cancellation
    ) { relativePath in
      let level = relativePath.utf8.count { $0 == UInt8(ascii: "/") } + 1
      return level < depth && !selection.isExcluded(relativePath)
    }
    walk.walk(status.identity) { finding in
      switch finding {
      case .entry(let relativePath, let status):
        if pattern?.matchesWhole(path: relativePath) ?? true, takes(relativePath) {
          add(relativePath, status, from: folder)
        }
      case .special(let special): specialFiles.add(special)
      case .gone(let path): gone.add(path)
      case .link(let path, .leaves): leavingLinks.add(path)
      case .link(let path, .holdsRoot): loops.add(path)
      case .unreadable(let error): unreadableFolders.add(error)
      }
    }
  }

  /// Adds a file that a walk has met, if it is an input.
  private mutating func add(_ relativePath: String, _ status: FileStatus?, from folder: String) {
    let path = folder == "." ? relativePath : Path.join(folder, relativePath)
    if let status, let special = SpecialFile(path, status.kind) {
      specialFiles.add(special)
      return
    }
    switch recognition.judge(path: path, name: Path.name(of: relativePath)) {
    case .input:
      append(Item(file: path, name: relativePath, status), root: folder)
    case .other: skippedCount += 1
    case .gone: gone.add(path)
    }
  }

  /// Adds what a list names.
  mutating func addList(_ list: String) throws(DiscoveryError) {
    let isStandardInput = list == "-"
    let bytes = try DiscoveryError.reading { () throws(FileError) in
      try InputList.content(of: list, cancellation)
    }
    if InputList.isWide(bytes) { throw .listOfWideCharacters(list) }
    // A pipe has a path, such as /dev/fd/63, that its entries have nothing to do with.
    let isFile = FileStatus(of: list)?.kind == .file && !list.hasPrefix("/dev/")
    let folder = isFile && !isStandardInput ? Path.folder(of: list) : ""
    let naming = InputList.Naming(bytes, in: folder)
    InputList.forEachPath(in: bytes) { entry in
      if cancellation.isCancelled { return }
      let (path, name) = naming.names(of: entry)
      let status = FileStatus(of: path)
      if status?.kind == .folder {
        listedFolderCount += 1
        return
      }
      // Every entry is a source of its own: a list may name a file twice.
      sourceCount += 1
      // What is missing stays an input: it fails by itself, and the others go on.
      let root = String(decoding: path.utf8.dropLast(name.utf8.count), as: UTF8.self)
      let page = status == nil ? page(path, named: name) : nil
      addNamed(
        page ?? Item(file: path, name: name, status), root: path.hasSuffix(name) ? root : folder)
    }
  }

  private mutating func addNamed(_ item: Item, root: String) {
    guard takes(item.fileName) else {
      leftOutCount += 1
      return
    }
    append(item, root: root)
  }

  private mutating func append(_ item: Item, root: String) {
    var item = item
    item.root = root
    guard let archives = recognition.archives, archives.isArchive(item.name) else {
      return push(item)
    }
    let isWhole = archives.members(item.source.path) { member in
      // A name that leads elsewhere fails by itself; until then it is one below the archive's.
      var inside = Item(
        name: archives.name(of: member, in: item.name),
        source: ByteSource(
          path: item.source.path, offset: member.offset, byteCount: member.byteCount),
        byteCount: member.byteCount, modificationTime: item.modificationTime)
      inside.root = root
      inside.member = member.name
      guard recognition.takes(inside) else { return }
      if selection.take(inside.name) { push(inside) } else { leftOutCount += 1 }
    }
    // It fails by itself, and by name.
    if !isWhole { push(item) }
  }

  /// Adds an input, or each of the pages that it has.
  private mutating func push(_ item: Item) {
    let mayHavePages =
      recognition.takesPages && item.source.page == nil && !recognition.isArchive(item.name)
    let count = mayHavePages ? recognition.pageCount(item.source, cancellation) : 1
    for page in item.pages(count) {
      items.append(page)
      sources.append(sourceCount)
    }
  }

  /// The page that a path names behind that of a file, `x.tif#2`; `nil` where it names none.
  private func page(_ path: String, named name: String) -> Item? {
    guard let page = PageName(name), let file = PageName(path)?.file,
      let number = Int(page.number), number > 0, let status = FileStatus(of: file),
      status.kind == .file
    else { return nil }
    var item = Item(file: file, name: page.file, status)
    let pages = item.pages(recognition.pageCount(item.source, cancellation))
    if pages.count > 1, number <= pages.count { return pages[number - 1] }
    // It fails by itself, and by name.
    item.name = name
    item.source.page = number - 1
    return item
  }

  /// Whether a file, or what is in it, may be among the inputs.
  private func takes(_ relativePath: String) -> Bool {
    guard recognition.archives?.isArchive(relativePath) == true else {
      return selection.take(relativePath)
    }
    // What is in it is looked at by itself.
    return !selection.isExcluded(relativePath)
      && (selection.isRecursive || Path.folder(of: relativePath).isEmpty)
  }
}
