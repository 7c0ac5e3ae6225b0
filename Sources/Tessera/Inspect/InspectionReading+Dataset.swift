import Glibc
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles

extension InspectionReading {
  /// What a dataset's own files tell of it, and what its shards hold.
  func dataset(_ folder: String) throws(InspectionError) -> [Fact] {
    let dataset: DatasetDescription
    do throws(DatasetError) {
      dataset = try DatasetDescription(folder: folder)
    } catch {
      throw .dataset(error)
    }
    var facts = try told(of: dataset)
    facts += try images(of: dataset)
    let shards = try shards(of: dataset)
    if let statistics = shards.statistics { facts.append(Self.fact(statistics)) }
    if !dataset.shards.isEmpty { facts.append(shards.fact) }
    return facts
  }

  /// Members of dataset.json as they stand there.
  private func told(of dataset: DatasetDescription) throws(InspectionError) -> [Fact] {
    var facts: [Fact] = []
    for key in [
      "format", "layout", "dtype", "patch", "image", "geometry", "preset", "normalize", "images",
      "patches", "classes",
    ] {
      guard let value = dataset.told[key] else { continue }
      facts.append(Fact(key, value, Self.words(value, of: key)))
    }
    guard !dataset.shards.isEmpty else { return facts }
    let count = dataset.shards.reduce(0) { sum, shard in
      sum + (FileStatus(of: Path.join(dataset.folder, shard.file))?.byteCount ?? 0)
    }
    return facts + [Fact("bytes", JSONValue(.number(JSONNumber(count))), count.inBytes)]
  }

  private static func words(_ value: JSONValue, of key: String) -> String {
    if let text = value.string { return text }
    if let numbers = value.elements?.compactMap(\.number), ["patch", "image"].contains(key) {
      return numbers.map(\.text).joined(separator: " × ")
    }
    if key == "classes", let classes = value.elements?.compactMap(\.string) {
      let shown = classes.prefix(8).joined(separator: ", ")
      return "\(classes.count): \(shown)" + (classes.count > 8 ? ", …" : "")
    }
    if let members = value.members {
      return members.map { "\($0.key) \(words(of: $0.value))" }.joined(separator: ", ")
    }
    return JSONWriter.compact(value)
  }

  private static func words(of value: JSONValue) -> String {
    if let text = value.string { return text }
    if let elements = value.elements {
      let texts = elements.map { $0.number.map { short($0.value) } ?? JSONWriter.compact($0) }
      return "[" + texts.joined(separator: ", ") + "]"
    }
    return value.number.map { short($0.value) } ?? JSONWriter.compact(value)
  }

  /// Labels, splits and sizes, from the lines of images.jsonl.
  private func images(of dataset: DatasetDescription) throws(InspectionError) -> [Fact] {
    var (labels, splits): ([String: Int], [String: Int]) = ([:], [:])
    var grids: [Size: Int] = [:]
    do throws(DatasetError) {
      try DatasetImages(dataset).forEach(cancellation) { (image, _) throws(DatasetError) in
        if let label = image.label { labels[label, default: 0] += 1 }
        if let split = image.split { splits[split, default: 0] += 1 }
        if let grid = image.grid, grids.count < 1000 || grids[grid] != nil {
          grids[grid, default: 0] += 1
        }
      }
    } catch {
      throw cancellation.isCancelled ? .cancelled : .dataset(error)
    }
    try check()
    var facts: [Fact] = []
    if !grids.isEmpty {
      let rows = grids.keys.map(\.height)
      let columns = grids.keys.map(\.width)
      let ends = [rows.min(), rows.max(), columns.min(), columns.max()].map { $0 ?? 0 }
      let value: [JSONMember] = [
        JSONMember("rows", Self.pair(ends[0], ends[1])),
        JSONMember("columns", Self.pair(ends[2], ends[3])),
      ]
      let words =
        grids.count == 1
        ? "\(ends[0]) × \(ends[2]) blocks"
        : "\(ends[0]) to \(ends[1]) rows, \(ends[2]) to \(ends[3]) columns of blocks"
      facts.append(Fact("grid", JSONValue(.object(value)), words))
    }
    for (key, counts) in [("labels", labels), ("splits", splits)] where !counts.isEmpty {
      let sorted = counts.sorted { PathKey($0.key) < PathKey($1.key) }
      let members = sorted.map { JSONMember($0.key, JSONValue(.number(JSONNumber($0.value)))) }
      let words = sorted.prefix(8).map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      facts.append(
        Fact(key, JSONValue(.object(members)), words + (sorted.count > 8 ? ", …" : "")))
    }
    return facts
  }

  private static func pair(_ low: Int, _ high: Int) -> JSONValue {
    JSONValue(.array([JSONValue(.number(JSONNumber(low))), JSONValue(.number(JSONNumber(high)))]))
  }

  /// What each shard holds, and the figures of the patches of all of them.
  private func shards(
    of dataset: DatasetDescription
  ) throws(InspectionError) -> (fact: Fact, statistics: ValueStatistics?) {
    var statistics: ValueStatistics?
    var (values, lines): ([JSONValue], [String]) = ([], [])
    for shard in dataset.shards {
      try check()
      let path = Path.join(dataset.folder, shard.file)
      var members = [
        JSONMember("file", JSONValue(.string(shard.file))),
        JSONMember("images", JSONValue(.number(JSONNumber(shard.images)))),
        JSONMember("patches", JSONValue(.number(JSONNumber(shard.patches)))),
      ]
      var line = "\(shard.file)  \(shard.images.counted("image"))"
      let arrays = try arrays(of: path, dataset)
      if !arrays.isEmpty {
        members.append(
          JSONMember(
            "arrays",
            JSONValue(
              .array(
                arrays.map { array in
                  let name = array.name.map { [Fact("name", $0)] } ?? []
                  return Self.object(name + Self.outline(array))
                }))))
        line += arrays.map { array in
          "  " + (array.name.map { "\($0) " } ?? "") + PatchShape.text(array.shape)
        }.joined()
      }
      for array in arrays where Self.isOfValues(array) {
        guard let own = try self.statistics(of: array, in: path) else { continue }
        var all = statistics ?? ValueStatistics()
        all.add(own)
        statistics = all
      }
      values.append(JSONValue(.object(members)))
      lines.append(line)
    }
    let shown = lines.count > 12 ? lines.prefix(8) + ["… \(lines.count - 8) more"] : lines[...]
    return (
      Fact("shards", JSONValue(.array(values)), shown.joined(separator: "\n")), statistics
    )
  }

  /// Whether an array holds patches or images, not what goes along with them.
  private static func isOfValues(_ array: ArrayOutline) -> Bool {
    array.name.map { !ArrayFiles.companions.contains($0) } ?? true
  }

  private func arrays(
    of path: String, _ dataset: DatasetDescription
  ) throws(InspectionError) -> [ArrayOutline] {
    guard FileStatus(of: path) != nil else {
      throw .unreadable(FileError(.open, path, code: ENOENT))
    }
    return try InspectionError.reading(path) { () throws(CodecError) in
      switch dataset.format {
      case "npy": [try ArrayOutline.npy(ByteSource(path: path))]
      case "safetensors": ArrayOutline.tensors(of: try SafetensorsFile(path: path))
      default: []
      }
    }
  }
}
