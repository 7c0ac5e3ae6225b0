import Testing

@testable import TesseraBatch

struct GlobTests {
  @Test(
    "a path that fits a pattern matches",
    arguments: [
      ("*.png", "a.png"), ("*.png", "deep/er/a.png"), ("a?c", "abc"), ("a?c", "aéc"),
      ("[a-c]x", "bx"), ("[!a-c]x", "dx"), ("[]]x", "]x"), ("[", "["), ("a[", "a["),
      ("**/*.png", "a.png"), ("**/*.png", "x/y/a.png"), ("x/**", "x/y/z"), ("x/**/z", "x/z"),
      ("x/**/z", "x/a/b/z"), ("**", "a/b"), ("*.{png,jpg}", "a.jpg"), ("{a,b}/{c,d}", "b/c"),
      ("{a,{b,c}}d", "cd"), ("\\*", "*"), ("a*b*c*d", "axbxbxcxd"), ("./x/*.png", "x/a.png"),
      ("*", "\u{EF80}.png"),
    ])
  func matches(pattern: String, path: String) {
    #expect(Glob(pattern).matches(path))
  }

  @Test(
    "a path that does not fit a pattern does not match",
    arguments: [
      ("*.png", "a.jpg"), ("*.png", "a.PNG"), ("x/*.png", "x/y/a.png"), ("x/*.png", "a.png"),
      ("a?c", "ac"), ("[a-c]x", "dx"), ("[!a-c]x", "ax"), ("x/**/z", "x/y"), ("", "a"),
      ("\\*", "a"), ("*.{png,jpg}", "a.npy"), ("e\u{301}", "\u{E9}"),
    ])
  func differs(pattern: String, path: String) {
    #expect(!Glob(pattern).matches(path))
  }

  @Test("a hostile pattern takes no exponential time")
  func hostile() {
    let stars = String(repeating: "*a", count: 2000)
    let folders = String(repeating: "**/a/", count: 200) + "b"
    let braces = String(repeating: "{a,b}", count: 60)
    #expect(!Glob(stars).matches(String(repeating: "a", count: 1999)))
    #expect(!Glob(folders).matches(String(repeating: "a/", count: 300)))
    #expect(!Glob(braces).matches("c"))
  }
}
