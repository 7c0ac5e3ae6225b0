import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// The inputs of a plan, or of one of its shards, as the plan knows them.
package struct PlannedInputs: Sendable {
  /// What an input is known by, whatever its time: copies have others.
  struct Identity: Hashable, Sendable {
    var byteCount: Int
    /// XXH64 of its content; `nil` where it was not read.
    var hash: UInt64?
  }

  /// The inputs, in all their views.
  package internal(set) var items = ItemList()
  /// By the place of the input.
  var identities: [Identity] = []
  /// What the processor knows of each beyond its name; empty where it knows nothing of any.
  package var notes: [JSONValue] = []
}

/// The list of inputs as a file: a line of JSON for each, in order.
///
///     {"path":"b/x.png","size":1234,"xxh64":"0123456789abcdef"}
///
/// What is not as it is most often has a member of its own: `root`, the number of the folder that the
/// path counts from; `file`, where the bytes are when that does not follow from the path, and for a
/// member of an archive `member` and `offset`; `page`, from 0, of what is a page of its file; `note`, what
/// stages know of it.
struct PlannedInputLines {
  let roots: [RunPlan.Root]
  /// Whether sizes and times are those of the files, or as far as they are known those of the plan.
  var looksAtFiles = true

  /// The line of an input.
  func text(
    of item: Item, root: Int, file: String?, _ identity: PlannedInputs.Identity, note: JSONValue?
  ) -> String {
    var line = #"{"path":\#(JSONWriter.quoted(item.name)),"size":\#(identity.byteCount)"#
    if let hash = identity.hash { line += #","xxh64":"\#(hash.hexadecimal)""# }
    if root > 0 { line += #","root":\#(root)"# }
    if let file { line += #","file":\#(JSONWriter.quoted(file))"# }
    if let member = item.member { line += #","member":\#(JSONWriter.quoted(member))"# }
    if let part = item.source.part { line += #","offset":\#(part.lowerBound)"# }
    if let page = item.source.page { line += #","page":\#(page)"# }
    if let note { line += #","note":\#(JSONWriter.compact(note))"# }
    return line + "}\n"
  }

  /// Reads a line.
  ///
  /// - Returns: `nil` where it is none.
  func read(
    _ bytes: UnsafeRawBufferPointer
  ) -> (item: Item, identity: PlannedInputs.Identity, note: JSONValue?)? {
    guard let value = try? JSONParser.parse(Array(bytes)), let name = value["path"]?.string,
      let size = value["size"]?.number?.integer, size >= 0
    else { return nil }
    let root = value["root"]?.number?.integer ?? 0
    guard roots.indices.contains(root) else { return nil }
    var page: Int?
    var fileName = name
    if let stored = value["page"] {
      guard let number = stored.number?.integer, number >= 0, let file = PageName(name)?.file
      else { return nil }
      page = number
      fileName = file
    }
    let path = Path.join(roots[root].path, value["file"]?.string ?? fileName)
    var identity = PlannedInputs.Identity(byteCount: size)
    if let hash = value["xxh64"] {
      guard let digits = hash.string, digits.utf8.count == 16, let read = UInt64(digits, radix: 16)
      else { return nil }
      identity.hash = read
    }
    let status = looksAtFiles ? FileStatus(of: path) : nil
    var source = ByteSource(path: path)
    var byteCount = status?.byteCount ?? size
    if let offset = value["offset"] {
      guard let offset = offset.number?.integer, offset >= 0,
        !offset.addingReportingOverflow(size).overflow
      else { return nil }
      source = ByteSource(path: path, offset: offset, byteCount: size)
      byteCount = size
    }
    source.page = page
    var item = Item(
      name: name, source: source, byteCount: byteCount,
      modificationTime: status?.modificationTime ?? 0)
    item.root = roots[root].name
    item.member = value["member"]?.string
    return (item, identity, value["note"])
  }
}

extension PlannedInputs {
  /// Reads some lines of a list.
  ///
  /// - Parameters:
  ///   - range: the inputs.
  ///   - plan: what was planned; its roots may have been moved.
  ///   - folder: where the list is.
  ///   - looksAtFiles: whether the inputs are looked at, which may be on another machine.
  /// - Throws: ``PlanError`` where the list cannot be read, or is not that of the plan.
  package init(
    _ range: Range<Int>, of plan: RunPlan, in folder: PlanFolder,
    lookingAtFiles looksAtFiles: Bool = true
  ) throws(PlanError) {
    let lines = PlannedInputLines(roots: plan.roots, looksAtFiles: looksAtFiles)
    var failure: PlanError?
    var number = 0
    var digest = XXHash64()
    do throws(FileError) {
      let text = try RecordText(at: folder.inputs)
      try text.forEachLine { bytes, _ in
        defer { number += 1 }
        digest.update(bytes)
        withUnsafeBytes(of: UInt8(ascii: "\n")) { digest.update($0) }
        guard failure == nil, range.contains(number) else { return }
        guard let read = lines.read(bytes) else {
          failure = .malformed(
            folder.inputs, line: number + 1, expected: "an input", found: "something else")
          return
        }
        items.append(read.item)
        identities.append(read.identity)
        if let note = read.note { notes.append(note) }
      }
    } catch {
      throw .unreadable(error)
    }
    if let failure { throw failure }
    guard number == plan.inputCount else {
      throw .malformed(
        folder.inputs, line: nil, expected: "\(plan.inputCount) inputs, as plan.json has it",
        found: "\(number)")
    }
    let found = digest.value.hexadecimal
    guard found == plan.inputsDigest else {
      throw .malformed(
        folder.inputs, line: nil, expected: "the inputs that were planned (\(plan.inputsDigest))",
        found: "others (\(found))")
    }
    guard notes.isEmpty || notes.count == items.count else {
      throw .malformed(
        folder.inputs, line: nil, expected: "a note on each input or on none",
        found: "\(notes.count) on \(items.count)")
    }
    items.viewCount = plan.viewCount
  }
}

extension RunPlan {
  /// The files of a shard's inputs, each once: from the folder of the inputs, or where there are several
  /// from the root of the file system.
  ///
  /// - Throws: ``PlanError`` where there is no such shard, or the list cannot be read.
  package func files(ofShard shard: Int, in folder: PlanFolder) throws(PlanError) -> [String] {
    guard shards.indices.contains(shard) else { throw .noSuchShard(shard, count: shards.count) }
    let inputs = try PlannedInputs(shards[shard], of: self, in: folder, lookingAtFiles: false)
    var seen: Set<PathKey> = []
    let paths = inputs.items.withoutViews.map(\.source.path).filter {
      seen.insert(PathKey($0)).inserted
    }
    guard roots.count == 1 else { return paths }
    return paths.map { Path.relative($0, to: roots[0].path) }
  }
}
