import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Reads files, and tells what is in them.
struct InspectionReading {
  typealias Fact = Inspection.Fact

  /// Whether all values are read.
  let takesStatistics: Bool
  let cancellation: Cancellation

  init(_ takesStatistics: Bool, _ cancellation: Cancellation) {
    self.takesStatistics = takesStatistics
    self.cancellation = cancellation
  }

  func check() throws(InspectionError) {
    if cancellation.isCancelled { throw .cancelled }
  }

  // MARK: Arrays

  func array(_ path: String) throws(InspectionError) -> [Fact] {
    let array = try InspectionError.reading(path) { () throws(CodecError) in
      try ArrayOutline.npy(ByteSource(path: path))
    }
    var facts = [size(of: path)] + Self.outline(array)
    if let statistics = try statistics(of: array, in: path) { facts.append(Self.fact(statistics)) }
    return facts + dataset(of: path)
  }

  func tensors(_ path: String) throws(InspectionError) -> [Fact] {
    let file = try InspectionError.reading(path) { () throws(CodecError) in
      try SafetensorsFile(path: path)
    }
    var facts = [size(of: path)]
    if !file.metadata.isEmpty {
      let members = file.metadata.map { JSONMember($0.key, JSONValue(.string($0.value))) }
      facts.append(
        Fact(
          "metadata", JSONValue(.object(members)),
          file.metadata.map { "\($0.key): \(Self.shortened($0.value))" }.joined(separator: "\n")))
    }
    facts.append(try list(ArrayOutline.tensors(of: file), in: path))
    return facts + dataset(of: path)
  }

  /// Arrays by name, with the statistics of each.
  private func list(
    _ arrays: [ArrayOutline], in path: String
  ) throws(InspectionError) -> Fact {
    var (values, lines): ([JSONValue], [String]) = ([], [])
    for array in arrays {
      var facts = [Fact("name", array.name ?? "")] + Self.outline(array)
      var line = "\(array.name ?? "")  \(array.dtype) \(PatchShape.text(array.shape))"
      if let statistics = try statistics(of: array, in: path) {
        facts.append(Self.fact(statistics))
        line += "\n  " + Self.words(statistics)
      }
      values.append(Self.object(facts))
      lines.append(line)
    }
    return Fact("arrays", JSONValue(.array(values)), lines.joined(separator: "\n"))
  }

  static func outline(_ array: ArrayOutline) -> [Fact] {
    [
      Fact(
        "shape", JSONValue(.array(array.shape.map { JSONValue(.number(JSONNumber($0))) })),
        PatchShape.text(array.shape)),
      Fact("dtype", array.dtype),
    ] + (array.isFortranOrder ? [Fact("order", "fortran")] : [])
  }

  /// Figures of all values; `nil` where they are not asked for, or no numbers.
  func statistics(
    of array: ArrayOutline, in path: String
  ) throws(InspectionError) -> ValueStatistics? {
    guard takesStatistics else { return nil }
    return try InspectionError.reading(path) { () throws(CodecError) in
      try array.statistics(cancellation)
    }
  }

  // MARK: Images

  func image(_ path: String) throws(InspectionError) -> [Fact] {
    let reader = try InspectionError.reading(path) { () throws(CodecError) in
      try ImageReader(path: path, cancellation: cancellation)
    }
    let header = reader.header
    var facts = [
      size(of: path), Fact("format", header.format.rawValue),
      Fact("width", header.shape.width), Fact("height", header.shape.height),
      Fact("channels", header.shape.channels), Fact("dtype", header.elementType.rawValue),
      Fact("bit_depth", header.sourceBitDepth), Fact("color", header.colorModel.rawValue),
      Fact("alpha", JSONValue(.bool(header.hasAlpha)), header.hasAlpha ? "yes" : "no"),
      Fact("orientation", header.orientation),
    ]
    guard takesStatistics else { return facts }
    let statistics = try InspectionError.reading(path) { () throws(CodecError) in
      try self.statistics(of: reader)
    }
    facts.append(Self.fact(statistics))
    return facts
  }

  /// Figures of all pixels, as they are stored.
  private func statistics(of reader: ImageReader) throws(CodecError) -> ValueStatistics {
    var statistics = ValueStatistics()
    let row = AlignedBuffer(byteCount: reader.bytesPerRow)
    let count = reader.header.shape.channels * reader.header.shape.width
    for _ in 0..<reader.header.shape.height {
      try reader.readRows(into: row.base, count: 1, bytesPerRow: reader.bytesPerRow)
      switch reader.header.elementType {
      case .uint8: Self.add(row.base, as: UInt8.self, count, to: &statistics)
      case .uint16: Self.add(row.base, as: UInt16.self, count, to: &statistics)
      case .float32:
        let values = row.base.assumingMemoryBound(to: Float.self)
        statistics.add(UnsafeBufferPointer(start: values, count: count))
      }
    }
    _ = try reader.finish()
    return statistics
  }

  private static func add<Value: FixedWidthInteger>(
    _ row: UnsafeMutableRawPointer, as type: Value.Type, _ count: Int,
    to statistics: inout ValueStatistics
  ) {
    let values = UnsafeBufferPointer(start: row.assumingMemoryBound(to: type), count: count)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { floats in
      for index in 0..<count { floats[index] = Float(values[index]) }
      statistics.add(UnsafeBufferPointer(floats))
    }
  }
}

// MARK: - What facts look like

extension InspectionReading {
  func size(of path: String) -> Fact {
    let count = FileStatus(of: path)?.byteCount ?? 0
    return Fact("bytes", JSONValue(.number(JSONNumber(count))), count.inBytes)
  }

  /// The dataset that a file is part of.
  private func dataset(of path: String) -> [Fact] {
    let folder = Path.folder(of: path).isEmpty ? "." : Path.folder(of: path)
    guard let dataset = try? DatasetDescription(folder: folder),
      let shard = dataset.shards.first(where: { $0.file == Path.name(of: path) })
    else { return [] }
    let layout = dataset.layout?.rawValue ?? "images"
    return [
      Fact("layout", layout), Fact("images", shard.images), Fact("patches", shard.patches),
    ]
  }

  static func object(_ facts: [Fact]) -> JSONValue {
    JSONValue(.object(facts.map { JSONMember($0.key, $0.value) }))
  }

  static func fact(_ statistics: ValueStatistics) -> Fact {
    var members = [JSONMember("count", JSONValue(.number(JSONNumber(statistics.count))))]
    for (key, value) in [
      ("min", statistics.minimum), ("max", statistics.maximum), ("mean", statistics.mean),
      ("std", statistics.deviation),
    ] {
      if let value { members.append(JSONMember(key, JSONValue(.number(JSONNumber(value))))) }
    }
    members.append(JSONMember("nan", JSONValue(.number(JSONNumber(statistics.nanCount)))))
    members.append(JSONMember("inf", JSONValue(.number(JSONNumber(statistics.infiniteCount)))))
    return Fact("statistics", JSONValue(.object(members)), words(statistics))
  }

  static func words(_ statistics: ValueStatistics) -> String {
    var text = "\(statistics.count) values"
    if let low = statistics.minimum, let high = statistics.maximum, let mean = statistics.mean,
      let deviation = statistics.deviation
    {
      text += ": \(short(low)) … \(short(high)), mean \(short(mean)), std \(short(deviation))"
    }
    if statistics.nanCount > 0 { text += ", \(statistics.nanCount) NaN" }
    if statistics.infiniteCount > 0 { text += ", \(statistics.infiniteCount) infinite" }
    return text
  }

  /// A number of at most six digits.
  static func short(_ value: Double) -> String {
    if let integer = Int(exactly: value), integer.magnitude < 10_000_000 { return "\(integer)" }
    let step = Double.pow10(5 - Int(abs(value).log10Floor))
    let rounded = (value * step).rounded() / step
    return "\(rounded.isFinite ? rounded : value)"
  }

  static func shortened(_ text: String) -> String {
    text.count > 120 ? text.prefix(120) + "… (\(text.count) characters)" : text
  }
}

extension Double {
  fileprivate static func pow10(_ exponent: Int) -> Double {
    let power = (0..<min(abs(exponent), 400)).reduce(1.0) { product, _ in product * 10 }
    return exponent < 0 ? 1 / power : power
  }

  /// The decimal exponent of a number that is not 0.
  fileprivate var log10Floor: Int {
    var (value, exponent) = (self, 0)
    while value >= 10, exponent < 400 { (value, exponent) = (value / 10, exponent + 1) }
    while value < 1, exponent > -400 { (value, exponent) = (value * 10, exponent - 1) }
    return exponent
  }
}
