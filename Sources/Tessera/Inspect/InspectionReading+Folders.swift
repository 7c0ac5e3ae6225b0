import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles

extension InspectionReading {
  /// The images in a folder, those in its tar archives among them.
  func folder(_ path: String) throws(InspectionError) -> [Fact] {
    let found = try Self.images(in: path, cancellation)
    var census = ImageCensus()
    for item in found.items {
      try check()
      census.add(item.source, name: item.name, byteCount: item.byteCount)
    }
    return [census.fact].compactMap(\.self) + [Fact("other_files", found.skippedCount)]
  }

  /// Finds the images in a folder or an archive.
  static func images(
    in path: String, _ cancellation: Cancellation
  ) throws(InspectionError) -> DiscoveredInputs {
    do throws(DiscoveryError) {
      return try InputDiscovery(of: .images).inputs(in: [.path(path)], cancellation: cancellation)
    } catch {
      throw error == .cancelled ? .cancelled : .nothing(error)
    }
  }

  /// The samples of a tar archive.
  func archive(_ path: String) throws(InspectionError) -> [Fact] {
    var contents = ArchiveContents(path, takesStatistics: takesStatistics, cancellation)
    do throws(TarReader.Damage) {
      try TarReader.forEachMember(
        of: path, isCancelled: { cancellation.isCancelled || contents.failure != nil }
      ) { contents.add($0) }
    } catch {
      throw .archive(
        path, "\(error), after \(contents.memberCount) members that could be read")
    }
    try check()
    if let failure = contents.failure { throw failure }
    return [size(of: path)] + contents.facts
  }
}

/// What the members of a tar archive are.
private struct ArchiveContents {
  private let path: String
  private let takesStatistics: Bool
  private let cancellation: Cancellation
  private(set) var memberCount = 0
  private var sampleCount = 0
  private var lastKey: String?
  private var ends: [String: Int] = [:]
  private var images = ImageCensus()
  private var arrays: [String: ArrayGroup] = [:]
  /// The first array that is not what it should be.
  private(set) var failure: InspectionError?

  /// Arrays that have one ending.
  private struct ArrayGroup {
    var count = 0
    var dtype: String
    /// `nil` where they differ.
    var shape: [Int]?
    var statistics: ValueStatistics?
  }

  init(_ path: String, takesStatistics: Bool, _ cancellation: Cancellation) {
    self.path = path
    self.takesStatistics = takesStatistics
    self.cancellation = cancellation
  }

  mutating func add(_ member: TarReader.Member) {
    memberCount += 1
    let key = Item.key(ofMember: member.name)
    // WebDataset takes members that follow each other for a sample.
    if key != lastKey { sampleCount += 1 }
    lastKey = key
    let end = String(Path.name(of: member.name).dropFirst(Path.name(of: key).count + 1))
    ends[end.isEmpty ? "(none)" : end, default: 0] += 1
    let source = ByteSource(path: path, offset: member.offset, byteCount: member.byteCount)
    let kind = Path.split(name: end.isEmpty ? end : "a." + end).fileExtension.lowercased()
    if kind == "npy" {
      do throws(CodecError) {
        try add(source, end: end)
      } catch {
        failure = error == .cancelled ? .cancelled : .file("\(path)/\(member.name)", error)
      }
    } else if ImageFormat.allCases.contains(where: { $0.extensions.contains(kind) }) {
      images.add(source, name: member.name, byteCount: member.byteCount)
    }
  }

  private mutating func add(_ source: ByteSource, end: String) throws(CodecError) {
    let array = try ArrayOutline.npy(source)
    var group = arrays[end] ?? ArrayGroup(dtype: array.dtype, shape: array.shape)
    group.count += 1
    if group.shape != array.shape { group.shape = nil }
    if group.dtype != array.dtype { group.dtype = "several" }
    if takesStatistics, let own = try array.statistics(cancellation) {
      var all = group.statistics ?? ValueStatistics()
      all.add(own)
      group.statistics = all
    }
    arrays[end] = group
  }

  var facts: [Inspection.Fact] {
    let kinds = ends.sorted { $0.key < $1.key }
    var facts: [Inspection.Fact] = [
      .init("members", memberCount), .init("samples", sampleCount),
      .init(
        "extensions",
        JSONValue(
          .object(kinds.map { JSONMember($0.key, JSONValue(.number(JSONNumber($0.value)))) })),
        kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", ")),
    ]
    if let fact = images.fact { facts.append(fact) }
    if !arrays.isEmpty { facts.append(arraysFact) }
    return facts
  }

  private var arraysFact: Inspection.Fact {
    var (values, lines): ([JSONValue], [String]) = ([], [])
    for (end, group) in arrays.sorted(by: { $0.key < $1.key }) {
      var facts: [Inspection.Fact] = [
        .init("name", end), .init("count", group.count), .init("dtype", group.dtype),
      ]
      var line = "\(end)  \(group.count) of \(group.dtype) "
      if let shape = group.shape {
        let sides = shape.map { JSONValue(.number(JSONNumber($0))) }
        facts.append(.init("shape", JSONValue(.array(sides)), nil))
        line += PatchShape.text(shape)
      } else {
        line += "of differing shapes"
      }
      if let statistics = group.statistics {
        facts.append(InspectionReading.fact(statistics))
        line += "\n  " + InspectionReading.words(statistics)
      }
      values.append(InspectionReading.object(facts))
      lines.append(line)
    }
    return .init("arrays", JSONValue(.array(values)), lines.joined(separator: "\n"))
  }
}
