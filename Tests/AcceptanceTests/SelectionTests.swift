import Foundation
import Testing

/// Which files a glob, `include` and `exclude` choose.
@Suite struct SelectionTests {
  private static let names = [
    "a", "aa", "ab", "abc", "b", "ba", "bab", "x-1", "x/a", "x/ab", "x/y/a", "x/y/b", "y/x/a",
  ]

  /// Names without their extension that a dry run lists, or what it ended with.
  private func chosen(_ arguments: [String], load: String = "") throws -> [String] {
    let bench = try Workbench(Self.names.map { $0 + ".npy" })
    try bench.writePipeline(load: load)
    let outcome = try Command.run(
      ["run", "copy.json", "--dry-run", "--json"] + arguments, in: bench.folder.path)
    guard outcome.status == 0 else { return ["\(outcome.status)"] }
    let inputs = try #require(outcome.json?["inputs"] as? [[String: Any]])
    return inputs.compactMap { ($0["source"] as? String)?.dropLast(".npy".count) }
      .map(String.init)
  }

  @Test(
    "A glob chooses what fits the whole of it, stars that match nothing included",
    arguments: [
      ("*.npy", ["a", "aa", "ab", "abc", "b", "ba", "bab", "x-1"]),
      ("*a.npy", ["a", "aa", "ba"]), ("a*.npy", ["a", "aa", "ab", "abc"]),
      ("a*b.npy", ["ab"]), ("a*b*.npy", ["ab", "abc"]),
      ("*a*.npy", ["a", "aa", "ab", "abc", "ba", "bab"]),
      ("*a*a*.npy", ["aa"]), ("**a**.npy", ["a", "aa", "ab", "abc", "ba", "bab"]),
      ("*b*b*.npy", ["bab"]), ("a.npy*", ["a"]), ("a.*npy", ["a"]), ("abc*.npy", ["abc"]),
      ("*abc*.npy", ["abc"]), ("*abcd*.npy", ["66"]), ("?.npy", ["a", "b"]),
      ("a?.npy", ["aa", "ab"]), ("?b?.npy", ["abc"]),
      ("??*.npy", ["aa", "ab", "abc", "ba", "bab", "x-1"]),
      ("[ab].npy", ["a", "b"]), ("[!a].npy", ["b"]), ("[^a]*.npy", ["b", "ba", "bab", "x-1"]),
      ("[a-c][a-b].npy", ["aa", "ab", "ba"]), ("[b-z].npy", ["b"]), ("x[-]1.npy", ["x-1"]),
      ("x[a-]1.npy", ["x-1"]), ("{a,bab}.npy", ["a", "bab"]), ("{a,x/a}.npy", ["a", "x/a"]),
      ("a{,b,bc}.npy", ["a", "ab", "abc"]), ("*/a.npy", ["x/a"]), ("*/*.npy", ["x/a", "x/ab"]),
      ("*/*/a.npy", ["x/y/a", "y/x/a"]), ("**/a.npy", ["a", "x/a", "x/y/a", "y/x/a"]),
      ("**/x/*.npy", ["x/a", "x/ab", "y/x/a"]), ("x/**", ["a", "ab", "y/a", "y/b"]),
      ("x/**/a.npy", ["a", "y/a"]), ("x/**/**/b.npy", ["y/b"]),
      ("**/y/**", ["x/y/a", "x/y/b", "y/x/a"]),
      ("**", names), ("**/**/*", names), ("x/*", ["a", "ab"]), ("A.npy", ["66"]),
      ("[A-Z].npy", ["66"]),
      ("*.NPY", ["66"]), ("x/?/a.npy", ["y/a"]), ("x?a.npy", ["66"]), ("x*a.npy", ["66"]),
      ("x[/]a.npy", ["66"]), ("[.npy", ["66"]), ("./*a.npy", ["a", "aa", "ba"]),
    ])
  func glob(_ pattern: String, _ names: [String]) throws {
    #expect(try chosen(["--input", "in/\(pattern)"]) == names)
  }

  @Test(
    "A glob of load counts from the folder before its first part with a star",
    arguments: [
      ("in/x/*.npy", ["a", "ab"]), ("*/x/*b.npy", ["in/x/ab"]), ("**/y/b.npy", ["in/x/y/b"]),
      ("in/*/y/*.npy", ["x/y/a", "x/y/b"]),
    ])
  func folder(_ pattern: String, _ names: [String]) throws {
    #expect(try chosen(["--input", pattern]) == names)
  }

  @Test(
    "include and exclude hold a pattern without a slash against the name, one with against the path",
    arguments: [
      (#""include": ["a.npy"]"#, ["a", "x/a", "x/y/a", "y/x/a"]),
      (#""include": ["x/a.npy"]"#, ["x/a"]), (#""include": ["*/a.npy"]"#, ["x/a"]),
      (#""include": ["/a.npy"]"#, ["a"]), (#""include": ["/x-*"]"#, ["x-1"]),
      (#""include": ["*b*"]"#, ["ab", "abc", "b", "ba", "bab", "x/ab", "x/y/b"]),
      (#""include": ["b*", "x-?.npy"]"#, ["b", "ba", "bab", "x-1", "x/y/b"]),
      (#""include": ["**/y/*"]"#, ["x/y/a", "x/y/b"]),
      (#""include": ["x/**"], "exclude": ["y"]"#, ["x/a", "x/ab"]),
      (#""exclude": ["a*", "b*"]"#, ["x-1"]), (#""exclude": ["*"]"#, ["66"]),
      (#""exclude": ["x"]"#, ["a", "aa", "ab", "abc", "b", "ba", "bab", "x-1"]),
      (#""exclude": ["/x"]"#, ["a", "aa", "ab", "abc", "b", "ba", "bab", "x-1", "y/x/a"]),
      (#""exclude": ["x/y", "??.npy", "???.npy"]"#, ["a", "b", "x/a", "y/x/a"]),
      (#""exclude": ["**/a.npy", "*a*b*"], "include": ["*"]"#, ["aa", "b", "ba", "x-1", "x/y/b"]),
      (#""include": ["a*"], "exclude": ["a.npy"]"#, ["aa", "ab", "abc", "x/ab"]),
      (#""recursive": false"#, ["a", "aa", "ab", "abc", "b", "ba", "bab", "x-1"]),
      (#""recursive": false, "include": ["*a"]"#, ["66"]),
    ])
  func includeAndExclude(_ keys: String, _ names: [String]) throws {
    #expect(try chosen([], load: ", " + keys) == names)
  }

  @Test("include and exclude choose among what a glob has chosen")
  func both() throws {
    #expect(
      try chosen(["--input", "in/**/a*.npy"], load: #", "exclude": ["x", "aa.*"]"#)
        == ["a", "ab", "abc"])
  }
}
