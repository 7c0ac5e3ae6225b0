import TesseraCodecs
import TesseraCore
import TesseraFiles
import Testing

/// Images that are parts of larger files, as members of archives are.
@Suite struct PartTests {
  /// What stands before and behind a part: bytes that change every image that takes one of them.
  static let poison = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Puts bytes between other bytes.
  private func part(_ bytes: [UInt8], after count: Int = 777) throws -> ByteSource {
    let path = try folder.write(Self.poison[..<count] + bytes + Self.poison, "archive")
    return ByteSource(path: path, offset: count, byteCount: bytes.count)
  }

  @Test("A good image is the same image in the middle of a file", arguments: Corpus.good)
  func middle(_ file: Corpus.Good) throws {
    let options: (inout DecodeOptions) -> Void = {
      if file.note == "hwc" { $0.npyLayout = .hwc }
    }
    let alone = try decode(file.path, configure: options)
    #expect(try decode(part(Corpus.bytes(file.name)), configure: options) == alone)
  }

  @Test("A bad image is refused in the middle of a file as it is alone", arguments: Corpus.bad)
  func bad(_ file: Corpus.Bad) throws {
    let alone = try #require(refusal(of: file.path))
    #expect(refusal(of: try part(Corpus.bytes(file.name))) == alone)
  }

  @Test(
    "What is behind the end of a part is not read, even where it is the rest of the image",
    arguments: HostileTests.small)
  func cut(_ name: String) throws {
    let bytes = try Corpus.bytes(name)
    let path = try folder.write(Self.poison[..<5] + bytes, "archive")
    for count in stride(from: 0, to: bytes.count, by: max(bytes.count / 60, 1)) {
      let cut = try folder.write(Array(bytes[..<count]), "cut")
      let part = ByteSource(path: path, offset: 5, byteCount: count)
      #expect(refusal(of: part) == refusal(of: cut), "cut at \(count)")
      #expect(refusal(of: part) != nil)
      let rows = try? decode(part, failOn: .none)
      #expect(rows == (try? decode(cut, failOn: .none)), "cut at \(count)")
    }
  }

  @Test("A part that reaches beyond its file is cut there")
  func beyond() throws {
    let bytes = try Corpus.bytes("png/basic-n2-08.png")
    let path = try folder.write(Array(bytes[..<100]), "cut.png")
    #expect(
      refusal(of: ByteSource(path: path, offset: 0, byteCount: bytes.count)) == refusal(of: path))
    let outside = ByteSource(path: path, offset: 4000, byteCount: bytes.count)
    #expect(refusal(of: outside) == .unknownFormat(firstBytes: []))
  }

  @Test("Where a wrong zlib checksum is passed over, a part is read again from its own start")
  func again() throws {
    let bytes = try Corpus.bytes("png/x-adler.png")
    let alone = try decode(Corpus.folder + "/png/x-adler.png", failOn: .truncated)
    #expect(try decode(part(bytes), failOn: .truncated) == alone)
  }
}
