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

  @Test("what is taken to be short is as short as its parts")
  func short() {
    let parts = ["", "a", ".", "..", ".h", "a.b", "é"]
    var count = 0
    for (a, b) in parts.flatMap({ a in parts.map { (a, $0) } }) {
      for c in parts {
        for path in ["\(a)/\(b)/\(c)", "/\(a)/\(b)/\(c)", "\(a)/\(b)", a] {
          let joined = Path.normalizedParts(path).joined(separator: "/")
          let whole = path.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
          #expect(Path.normalized(path) == whole)
          if Path.isNormalized(path) {
            #expect(path == whole)
            count += 1
          }
        }
      }
    }
    #expect(count > 50)
  }

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
