import TesseraTestSupport
import Testing

@testable import TesseraFiles

struct OpenSourceTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = try folder.write("0123456789", to: "digits")
  }

  @Test(
    "positions count from the part, and nothing behind its end is read",
    arguments: [
      (offset: 0, byteCount: 10, position: 0, text: "0123456789"),
      (offset: 3, byteCount: 4, position: 0, text: "3456"),
      (offset: 3, byteCount: 4, position: 2, text: "56"),
      (offset: 3, byteCount: 4, position: 4, text: ""),
      (offset: 3, byteCount: 4, position: 9, text: ""),
      (offset: 8, byteCount: 4, position: 1, text: "9"),
      (offset: 12, byteCount: 4, position: 0, text: ""),
      (offset: 5, byteCount: 0, position: 0, text: ""),
    ])
  func parts(offset: Int, byteCount: Int, position: Int, text: String) throws {
    let source = try OpenSource(ByteSource(path: path, offset: offset, byteCount: byteCount))
    #expect(source.byteCount == max(min(byteCount, 10 - offset), 0))
    let bytes = try source.bytes(at: position, count: 100)
    #expect(String(decoding: bytes, as: UTF8.self) == text)
  }

  @Test("a whole file is read to its end")
  func whole() throws {
    let source = try OpenSource(ByteSource(path: path))
    #expect(source.byteCount == 10)
    #expect(try source.bytes(at: 7, count: 2) == Array("78".utf8))
    #expect(try source.bytes(at: 7, count: 200) == Array("789".utf8))
  }

  @Test("what is no file is told, and what is missing is an error")
  func kinds() throws {
    #expect(try OpenSource(ByteSource(path: folder.path)).kind == .folder)
    #expect(try OpenSource(ByteSource(path: "/dev/null")).kind == .device)
    let missing = folder.path("none")
    #expect(throws: FileError(.open, missing, code: 2)) {
      try OpenSource(ByteSource(path: missing))
    }
  }

  @Test("sources are the same where their bytes are, in whatever way the text compares")
  func equality() {
    #expect("é" == "e\u{301}")
    #expect(ByteSource(path: "é") != ByteSource(path: "e\u{301}"))
    #expect(ByteSource(path: "a") != ByteSource(path: "a", offset: 0, byteCount: 1))
    #expect(
      ByteSource(path: "a", offset: 1, byteCount: 1)
        != ByteSource(path: "a", offset: 0, byteCount: 1))
    #expect(
      Set([ByteSource(path: "a"), ByteSource(path: "a"), ByteSource(path: "b")]).count == 2)
  }
}
