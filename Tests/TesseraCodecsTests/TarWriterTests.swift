import TesseraFiles
import Testing

@testable import TesseraCodecs

/// Names of members.
@Suite struct TarWriterTests {
  private static let part = String(repeating: "a", count: 100)

  @Test(
    "A name that an archive holds is read again, of a regular file",
    arguments: [
      "a", "a/b", part, part + "/" + part, String(repeating: "b", count: 155) + "/" + part, "é\n",
      ".",
    ])
  func held(_ name: String) throws {
    #expect(TarWriter.holds(name))
    let folder = try TemporaryFolder()
    let path = folder.file("written.tar")
    let file = try OpenFile.emptied(path)
    let writer = try TarWriter(descriptor: file.descriptor, path: path)
    try [UInt8](name.utf8).withUnsafeBytes { try writer.append(name, [$0]) }
    try writer.finish()
    var names: [String] = []
    try TarReader.forEachMember(of: path) { names.append($0.name) }
    #expect(names == [name])
  }

  @Test("Of archives that are thrown away nothing stays in memory, nor is written")
  func thrownAway() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("thrown.tar")
    let file = try OpenFile.emptied(path)
    func residentPages() throws -> Int {
      let text = String(decoding: try FileSystem.content(of: "/proc/self/statm"), as: UTF8.self)
      return Int(text.split(separator: " ")[1]) ?? 0
    }
    let before = try residentPages()
    // Each had kept 10 KiB, 600 MB together; what other tests hold at the same time is less than that.
    for round in 0..<60_000 {
      let writer = try TarWriter(descriptor: file.descriptor, path: path)
      if round % 2 == 0 {
        try [UInt8](repeating: 1, count: 9).withUnsafeBytes { try writer.append("a", [$0]) }
      }
    }
    #expect(FileStatus(of: path)?.byteCount == 0)
    #expect(try residentPages() - before < 100_000)
  }

  @Test(
    "A name that would be cut, too long, none, or a folder's is not held",
    arguments: [
      "", "/", "a/", "a\0b", part + "a", part + "/" + part + "a", part + part + "/a" + part,
    ])
  func refused(_ name: String) { #expect(!TarWriter.holds(name)) }
}
