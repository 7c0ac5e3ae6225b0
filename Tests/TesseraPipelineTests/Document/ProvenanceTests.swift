import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

/// What a dataset tells of the stages that made it.
@Suite struct ProvenanceTests {
  private static func provenance(_ stages: [String], before stage: Int) throws -> String {
    let pipeline = try Pipeline(parsing: document(stages), file: "p.json")
    return JSONWriter.compact(pipeline.provenance(before: stage))
  }

  @Test("Places are left out, folders of absolute paths too, and stages that write")
  func places() throws {
    let stages = [
      #"{"stage": "load", "path": "/home/somebody/in", "color": "rgb"}"#,
      #"{"stage": "encode", "path": "/home/somebody/pictures"}"#, unfold,
      #"{"stage": "transform.linear", "weights": "/home/somebody/w.npy", "bias": "near/b.npy"}"#,
      #"{"stage": "transform.command", "command": ["/usr/bin/perl", "/home/p.pl", "a/b", "-n"]}"#,
      #"{"stage": "encode", "path": "out", "format": "npy"}"#,
    ]
    let linear = #"{"stage":"transform.linear","weights":"w.npy","bias":"near/b.npy"}"#
    let start = #"{"stage":"load","color":"rgb"},{"stage":"unfold","kernel_size":3}"#
    let program = #"{"stage":"transform.command","command":["perl","p.pl","a/b","-n"]}"#
    #expect(try Self.provenance(stages, before: 5) == "[\(start),\(linear),\(program)]")
    #expect(try Self.provenance(stages, before: 4) == "[\(start),\(linear)]")
    #expect(try Self.provenance(stages, before: 2) == #"[{"stage":"load","color":"rgb"}]"#)
    #expect(try Self.provenance(stages, before: 0) == "[]")
  }
}
