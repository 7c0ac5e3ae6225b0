import TesseraBatch
import TesseraCodecs
import TesseraFiles
import TesseraThreads

/// What stands beside images in the samples of tar archives: classes, captions, records.
final class SampleMembers: Sendable {
  /// Suffixes of members that go along with an image.
  static let suffixes = ["cls", "json", "txt"]
  /// Bytes of the largest one that does.
  static let mostBytes = 1 << 20

  /// A member that goes along.
  struct Member {
    var suffix: String
    var bytes: [UInt8]
  }

  private typealias Places = [PathKey: [(suffix: String, source: ByteSource)]]

  /// Archives that were listed last: samples come archive by archive.
  private let listed = Locked<[(path: String, places: Places)]>([])
  private static let mostListed = 4

  /// The members of an item's sample, in order of their suffixes; none where the item is a file.
  ///
  /// - Throws: `InputFailure` where one is too large, or cannot be read.
  func members(of item: Item) throws(InputFailure) -> [Member] {
    guard let member = item.member else { return [] }
    // What lies beside a file goes along with each of its pages.
    let own = item.source.page == nil ? member : PageName(member)?.file ?? member
    let places = places(in: item.source.path)[PathKey(Item.key(ofMember: own)), default: []]
    var members: [Member] = []
    for (suffix, source) in places {
      let count = source.part?.count ?? 0
      guard count <= Self.mostBytes else {
        throw InputFailure(
          .limit, "its .\(suffix) has \(count) bytes, more than the \(Self.mostBytes) that go along"
        )
      }
      do throws(FileError) {
        let bytes = try OpenSource(source).bytes(at: 0, count: count)
        members.append(Member(suffix: suffix, bytes: bytes))
      } catch {
        throw InputFailure(input: error)
      }
    }
    return members.sorted { $0.suffix < $1.suffix }
  }

  private func places(in path: String) -> Places {
    let known = listed.withLock { $0.first { $0.path.utf8.elementsEqual(path.utf8) }?.places }
    if let known { return known }
    var places: Places = [:]
    try? TarReader.forEachMember(of: path) { member in
      let suffix = Path.split(name: Path.name(of: member.name)).fileExtension.lowercased()
      guard Self.suffixes.contains(suffix) else { return }
      let source = ByteSource(path: path, offset: member.offset, byteCount: member.byteCount)
      places[PathKey(Item.key(ofMember: member.name)), default: []].append((suffix, source))
    }
    return listed.withLock { listed in
      listed.insert((path, places), at: 0)
      if listed.count > Self.mostListed { listed.removeLast() }
      return places
    }
  }
}
