import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// A safetensors file that is open for reading: which tensors it holds, and their values.
///
/// Everything that the header says is checked when the file is opened, as the safetensors library
/// does it, and the file must be as long as it says: tensors lie one after the other without a gap.
/// Keys that stand twice are refused, too.
///
/// Source: the format as the safetensors library defines it.
package final class SafetensorsFile {
  /// One array.
  package struct Tensor: Hashable, Sendable {
    /// What the file calls it.
    package let name: String
    /// The type of its values; `nil` where Tessera has no name for it.
    package let type: StoredType?
    /// The type as the file names it: `F32`.
    package let typeName: String
    /// Sides, slowest first; none for a single number.
    package let shape: [Int]
    /// Where its values begin, counted from the first byte of the source.
    package let byteOffset: Int
    /// Bytes of all values.
    package let byteCount: Int

    /// Number of values.
    package var valueCount: Int { shape.reduce(1, *) }
  }

  /// The tensors in the order of their values in the file.
  package let tensors: [Tensor]
  /// What else whoever wrote the file has said of it, in the order of the file.
  package let metadata: [(key: String, value: String)]
  /// What was opened.
  package let source: ByteSource
  let open: OpenSource
  /// By the bytes of names: Swift's == on text takes different ones for the same.
  private let places: [[UInt8]: Int]

  /// Opens a file.
  ///
  /// - Parameter path: The file.
  /// - Throws: `CodecError`.
  package convenience init(path: String) throws(CodecError) {
    try self.init(ByteSource(path: path))
  }

  /// Opens a file, or the part of one, such as a member of an archive.
  ///
  /// - Parameter source: Where the bytes are.
  /// - Throws: `CodecError`.
  package init(_ source: ByteSource) throws(CodecError) {
    self.source = source
    open = try OpenSource.regular(source)
    let header = try SafetensorsHeaderReader(open)
    tensors = header.tensors
    metadata = header.metadata
    places = Dictionary(
      uniqueKeysWithValues: header.tensors.enumerated().map { (Array($1.name.utf8), $0) })
  }

  /// Whether a file begins as one of these does: a length that it may have, and an object.
  package static func isLikely(firstBytes: some Collection<UInt8>) -> Bool {
    let start = Array(firstBytes.prefix(9))
    guard start.count == 9 else { return false }
    let length = start[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length >= 2 && length <= SafetensorsHeaderReader.largestText
      && start[8] == UInt8(ascii: "{")
  }

  /// The tensor of that name; `nil` where there is none.
  package subscript(name: String) -> Tensor? { places[Array(name.utf8)].map { tensors[$0] } }

  /// The tensor of that name.
  ///
  /// - Throws: `CodecError.unsupported` with names that are near, or what the file holds.
  package func tensor(named name: String) throws(CodecError) -> Tensor {
    if let tensor = self[name] { return tensor }
    throw .unsupported(
      .safetensors, "expected a tensor \(JSONWriter.quoted(name)), \(holdings(near: name))")
  }

  /// Where the values of a tensor are, by themselves.
  package func part(of tensor: Tensor) -> ByteSource {
    ByteSource(
      path: source.path, offset: (source.part?.lowerBound ?? 0) + tensor.byteOffset,
      byteCount: tensor.byteCount)
  }

  /// The names that may have been meant, or the first ones that there are.
  package func holdings(near name: String) -> String {
    guard !tensors.isEmpty else { return "the file holds none" }
    let near = nearNames(to: name)
    let named = (near.isEmpty ? tensors.map(\.name) : near).prefix(4)
    let list = named.map { SafetensorsFile.quoted($0) }.joined(separator: ", ")
    if !near.isEmpty { return "did you mean \(list)?" }
    let rest = tensors.count - named.count
    return "the file holds \(list)" + (rest > 0 ? " and \(rest) more" : "")
  }

  /// Names with the same ending, as one model's inside another has them, and those that a slip makes.
  private func nearNames(to name: String) -> [String] {
    let names = tensors.map(\.name)
    let ends = names.filter { $0.hasSuffix("." + name) || name.hasSuffix("." + $0) }
    if !ends.isEmpty { return ends }
    if let slip = Spelling.nearest(to: name, in: names) { return [slip] }
    let words = name.split(separator: ".").suffix(2)
    guard words.count == 2 else { return [] }
    return names.filter { $0.split(separator: ".").suffix(2) == words }
  }

  /// A tensor's name in messages.
  static func quoted(_ name: String) -> String {
    let shown = name.count > 80 ? name.prefix(80) + "…" : name
    return JSONWriter.quoted(shown.printable)
  }
}
