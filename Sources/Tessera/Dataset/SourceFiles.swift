import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// The files that a dataset was made from, found by what its lines tell of them.
final class SourceFiles: Sendable {
  private let folder: String
  /// Members of the archive that was met last, by their names in the dataset.
  private let archive = Locked<(path: String, members: [PathKey: Range<Int>])?>(nil)

  init(_ folder: String) { self.folder = folder }

  /// The input of an image.
  ///
  /// - Throws: `InputFailure` where there is none.
  func item(of image: DatasetImage) throws(InputFailure) -> Item {
    let parts = Path.normalizedParts(image.source)
    guard !image.source.hasPrefix("/"), !parts.contains("..") else {
      throw InputFailure(
        .malformed,
        "expected a source that stays inside of the folder, found '\(image.source.printable)'")
    }
    let path = Path.join(folder, image.source)
    if FileStatus(of: path)?.kind == .file { return Item(file: path, name: image.source) }
    // A folder that is none is an archive, and the rest of the path a member of it.
    for count in stride(from: parts.count - 1, to: 0, by: -1) {
      let name = parts.prefix(count).joined(separator: "/")
      let archive = Path.join(folder, name)
      guard FileStatus(of: archive)?.kind == .file else { continue }
      let member = parts.dropFirst(count).joined(separator: "/")
      guard let part = members(of: archive)[PathKey(member)] else { break }
      var item = Item(
        name: image.source,
        source: ByteSource(path: archive, offset: part.lowerBound, byteCount: part.count),
        byteCount: part.count, modificationTime: 0)
      item.member = member
      return item
    }
    throw InputFailure(
      .unreadable, "no file '\(path.printable)'; the folder of sources is the one that was loaded")
  }

  private func members(of path: String) -> [PathKey: Range<Int>] {
    archive.withLock { archive in
      if let archive, archive.path == path { return archive.members }
      var members: [PathKey: Range<Int>] = [:]
      try? TarReader.forEachMember(of: path) { member in
        members[PathKey(member.name)] = member.offset..<member.offset + member.byteCount
      }
      archive = (path, members)
      return members
    }
  }
}
