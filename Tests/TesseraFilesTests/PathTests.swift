import TesseraCore
import Testing

@testable import TesseraFiles

struct PathTests {
  @Test(
    "paths are brought to their shortest spelling",
    arguments: [
      ("a/./b//c", "a/b/c"), ("a/../b", "b"), ("../a", "../a"), ("/../a", "/a"), ("a/..", "."),
      ("", "."), ("/", "/"), ("a/b/../../..", ".."),
    ])
  func normalized(path: String, expected: String) { #expect(Path.normalized(path) == expected) }

  @Test(
    "one path is seen from another",
    arguments: [
      ("/a/b/c", "/a", "b/c"), ("/a/b", "/a/c", "../b"), ("/a", "/a", "."), ("x/y", "x", "y"),
      ("/x", "/", "x"),
    ])
  func relative(path: String, folder: String, expected: String) {
    #expect(Path.relative(path, to: folder) == expected)
  }

  @Test(
    "a name is cut at its last dot",
    arguments: [
      ("a.png", "a", "png"), ("a.tar.gz", "a.tar", "gz"), (".hidden", ".hidden", ""),
      ("none", "none", ""), ("dot.", "dot", ""),
    ])
  func split(name: String, stem: String, fileExtension: String) {
    #expect(Path.split(name: name) == (stem, fileExtension))
  }

  @Test("control characters and bytes that are no text are shown as escapes")
  func printable() {
    let name = String(pathBytes: Array("a\n\u{1B}[31m".utf8) + [0xFF])
    #expect(name.printable == "a\\n\\u{1b}[31m\\xff")
  }
}
