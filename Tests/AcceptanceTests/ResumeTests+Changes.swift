import Foundation
import Glibc
import Testing

extension ResumeTests {
  /// Something that happens between two runs, and what the second then does.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Inputs that are done again with `--overwrite`; `nil` where something is in their way still.
    let overwriting: [String]?
    /// Inputs that are done again without; `nil` where something is in their way.
    let plain: [String]?
    let make: @Sendable (TemporaryFolder) throws -> Void

    /// A change after which only `--overwrite` does `names` again.
    static func inTheWay(
      _ what: String, _ names: [String],
      _ make: @escaping @Sendable (TemporaryFolder) throws -> Void
    ) -> Change {
      Change(testDescription: what, overwriting: names, plain: nil, make: make)
    }

    /// A change after which a run finds everything done, and `--overwrite` does `names` again.
    static func adopted(
      _ what: String, _ names: [String],
      _ make: @escaping @Sendable (TemporaryFolder) throws -> Void
    ) -> Change {
      Change(testDescription: what, overwriting: names, plain: [], make: make)
    }

    /// A change after which any run does `names` again.
    static func doneAgain(
      _ what: String, _ names: [String],
      _ make: @escaping @Sendable (TemporaryFolder) throws -> Void
    ) -> Change {
      Change(testDescription: what, overwriting: names, plain: names, make: make)
    }
  }

  static let all = ["a.npy", "b.npy", "c.npy"]
  /// 2001-09-09, a time of which fractions of a second are told apart.
  static let time = 1_000_000_000

  static func setTime(
    of name: String, in folder: TemporaryFolder, seconds: Int = time, nanoseconds: Int = 500
  ) {
    let times = Array(repeating: timespec(tv_sec: seconds, tv_nsec: nanoseconds), count: 2)
    utimensat(AT_FDCWD, folder.path(name), times, 0)
  }

  static let inputs: [Change] = [
    .doneAgain("nothing", []) { _ in },
    .doneAgain("an input gets other content of the same size, later", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder, seconds: time + 1)
    },
    .doneAgain("an input gets a time that is 1 ns later", []) { folder in
      setTime(of: "in/b.npy", in: folder, nanoseconds: 501)
    },
    .doneAgain("all inputs are copied", []) { folder in
      for name in all {
        try folder.write(try folder.bytes("in/\(name)"), to: "copies/\(name)")
        unlink(folder.path("in/\(name)"))
      }
      rmdir(folder.path("in"))
      rename(folder.path("copies"), folder.path("in"))
    },
    .doneAgain("two inputs change places", ["a.npy", "c.npy"]) { folder in
      rename(folder.path("in/a.npy"), folder.path("in/x"))
      rename(folder.path("in/c.npy"), folder.path("in/a.npy"))
      rename(folder.path("in/x"), folder.path("in/c.npy"))
      // With times of their own, since only those tell that there is something to read.
      setTime(of: "in/a.npy", in: folder, nanoseconds: 502)
      setTime(of: "in/c.npy", in: folder, nanoseconds: 503)
    },
    .doneAgain("an input gets other content, and a time that is 1 ns earlier", ["b.npy"]) {
      folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder, nanoseconds: 499)
    },
    .doneAgain("an input grows and keeps its time", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 1, height: 9), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder)
    },
    .doneAgain("an input shrinks and keeps its time", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 1, height: 7), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder)
    },
    .doneAgain("an input is written anew as it was, its time included", []) { folder in
      try folder.write(Workbench.array(seed: 1), to: "in/b.npy")
      setTime(of: "in/b.npy", in: folder)
    },
    .doneAgain("an input is new", ["ab.npy"]) { folder in
      try folder.write(Workbench.array(seed: 7), to: "in/ab.npy")
    },
    .doneAgain("an input is changed and its output is gone", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      unlink(folder.path("out/b.npy"))
    },
    .doneAgain("an input has another name", ["d.npy"]) { folder in
      rename(folder.path("in/b.npy"), folder.path("in/d.npy"))
    },
    .doneAgain("an input is gone", []) { folder in unlink(folder.path("in/b.npy")) },
  ]

  static let outputs: [Change] = [
    .doneAgain("an output is gone", ["b.npy"]) { unlink($0.path("out/b.npy")) },
    .doneAgain("all outputs are gone", all) { folder in
      for name in all { unlink(folder.path("out/\(name)")) }
    },
    .inTheWay("an output lacks its last byte", ["b.npy"]) { folder in
      try folder.write(try folder.bytes("out/b.npy").dropLast(), to: "out/b.npy")
    },
    .inTheWay("an output is one byte longer", ["b.npy"]) { folder in
      try folder.write(try folder.bytes("out/b.npy") + [0], to: "out/b.npy")
    },
    .inTheWay("an output is a link that leads nowhere", ["b.npy"]) { folder in
      unlink(folder.path("out/b.npy"))
      symlink("nowhere", folder.path("out/b.npy"))
    },
    Change(testDescription: "an output is a folder", overwriting: nil, plain: nil) { folder in
      unlink(folder.path("out/b.npy"))
      mkdir(folder.path("out/b.npy"), 0o777)
    },
    .inTheWay("an output and its input are changed", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      try folder.write(Workbench.array(seed: 8), to: "out/b.npy")
    },
    .adopted("an output is changed to what its changed input gives", ["b.npy"]) { folder in
      try folder.write(Workbench.array(seed: 9), to: "in/b.npy")
      try folder.write(Workbench.array(seed: 9), to: "out/b.npy")
    },
    .adopted("the records are gone", all) { unlink($0.path("out/.tessera-records")) },
    .adopted("the records are of no use", all) { folder in
      try folder.write("done\ta.npy\t1\n\n\tnonsense", to: "out/.tessera-records")
    },
    .doneAgain("the report is gone", []) { unlink($0.path("out/report.jsonl")) },
    .doneAgain("the pipeline file has other spaces", []) { folder in
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(text.replacingOccurrences(of: ",", with: " ,\n"), to: "copy.json")
    },
    .doneAgain("inputs lie elsewhere, and the pipeline says so", []) { folder in
      try folder.copy(folder.path("in"), to: "other")
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(
        text.replacingOccurrences(of: #""path": "in""#, with: #""path": "other""#), to: "copy.json")
    },
    .doneAgain("outputs lie elsewhere, and the pipeline says so", []) { folder in
      rename(folder.path("out"), folder.path("moved"))
      symlink("moved", folder.path("out"))
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(
        text.replacingOccurrences(of: #""path": "out""#, with: #""path": "moved""#), to: "copy.json"
      )
    },
    .doneAgain("the pipeline takes other inputs, too", []) { folder in
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(
        text.replacingOccurrences(
          of: #""path": "in""#, with: #""path": "in", "include": ["*.npy"], "recursive": false"#),
        to: "copy.json")
    },
    .inTheWay("the pipeline has another value", all) { folder in
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      try folder.write(
        text.replacingOccurrences(of: "\"npy\"", with: "\"npy\", \"verify\": true"),
        to: "copy.json")
    },
    .inTheWay("the pipeline has another stage", all) { folder in
      let text = String(decoding: try folder.bytes("copy.json"), as: UTF8.self)
      let stage = #"{ "stage": "compare", "metrics": ["max_abs"] }, { "stage": "encode""#
      try folder.write(
        text.replacingOccurrences(of: #"{ "stage": "encode""#, with: stage), to: "copy.json")
    },
  ]
}
