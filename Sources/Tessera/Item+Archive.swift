import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

extension Item {
  /// Refuses a member whose name leads out of its archive, and an archive that could not be read to its
  /// end.
  func checkArchive() throws(InputFailure) {
    if let member {
      let parts = member.utf8.split(separator: UInt8(ascii: "/"))
      if member.utf8.first == UInt8(ascii: "/")
        || parts.contains(where: { $0.elementsEqual("..".utf8) })
      {
        throw InputFailure(
          .malformed,
          "expected a name that stays inside of the archive, found '\(member.printable)'")
      }
      return
    }
    guard FileRecognition.images.isArchive(name) else { return }
    var memberCount = 0
    do throws(TarReader.Damage) {
      try TarReader.forEachMember(of: source.path) { _ in memberCount += 1 }
    } catch {
      if memberCount == 0, let objection = Self.objection(toArchive: source) { throw objection }
      throw InputFailure(
        .truncated,
        "the tar archive cannot be read to its end: \(error); members before that are inputs")
    }
  }

  /// Why a file is no tar archive at all; `nil` where it begins as one may.
  private static func objection(toArchive source: ByteSource) -> InputFailure? {
    guard let start = try? OpenSource(source).bytes(at: 0, count: 6) else { return nil }
    if start.isEmpty {
      return InputFailure(.malformed, "expected a tar archive, found an empty file")
    }
    let compressions: [(name: String, signature: [UInt8])] = [
      ("gzip", [0x1F, 0x8B]), ("bzip2", Array("BZh".utf8)),
      ("xz", [0xFD] + Array("7zXZ".utf8)), ("zstd", [0x28, 0xB5, 0x2F, 0xFD]),
    ]
    if let found = compressions.first(where: { start.starts(with: $0.signature) }) {
      return InputFailure(
        .unsupported,
        "it is compressed with \(found.name); decompress it first: members of a tar archive are read where "
          + "they lie")
    }
    return nil
  }

  /// What random choices follow from: the name without its extension, and the view.
  package var identity: ImageIdentity {
    if member != nil { return ImageIdentity(key: memberKey, view: view ?? 0) }
    let name = stemmedName
    let (stem, _) = Path.split(name: Path.name(of: name))
    return ImageIdentity(key: Path.join(Path.folder(of: name), stem), view: view ?? 0)
  }

  /// The key of the sample of what is a member, with the number of a page.
  var memberKey: String {
    let member = member ?? name
    guard source.page != nil, let page = PageName(member) else {
      return Self.key(ofMember: member)
    }
    return Self.key(ofMember: page.file) + "-\(page.number)"
  }

  /// The key of a member's sample: its path up to the first dot of the name, as WebDataset has it.
  package static func key(ofMember member: String) -> String {
    let name = Path.name(of: member)
    let end = name.utf8.firstIndex(of: UInt8(ascii: ".")) ?? name.endIndex
    return Path.join(Path.folder(of: member), String(name[..<end]))
  }
}
