import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// What records keep of shards that came to nothing, and how records are written anew.
@Suite struct ShardRecordsTests {
  let folder: TemporaryFolder
  let run: RunFolder
  let item: Item

  init() throws {
    folder = try TemporaryFolder()
    let file = try folder.write("content", to: "in/a.png")
    item = Item(file: file, name: "a.png")
    run = try RunFolder(
      RunPlaces(folder.path("out")), BatchOptions(recipe: "r", folder: folder.path("out")))
  }

  private func records(stop: Cancellation = Cancellation()) -> ShardRecords {
    ShardRecords(folder: run, recipe: "r", version: "1", jobs: 1, stop: stop)
  }

  private func key(_ name: String) -> PathKey { PathKey(folder.path("out/\(name)")) }

  private func claim(_ content: String) -> RunRecord.Claim {
    .content(byteCount: content.utf8.count, hash: XXHash64.hash(content.utf8))
  }

  /// What an earlier run has kept.
  private var before: RunRecord {
    RunRecord(
      state: .done, recipe: "r", version: "0", items: [.init(item, hash: 1)],
      outputs: [.init(path: "old", claim: claim("old"))])
  }

  private func recalled(
    _ claims: [String: [RunRecord.Claim]], written: [String: String] = [:],
    before: RunRecord? = nil, stop: Cancellation = Cancellation()
  ) -> RunRecord {
    let keyed = Dictionary(uniqueKeysWithValues: claims.map { (key($0), $1) })
    let new = Dictionary(uniqueKeysWithValues: written.map { (key($0), claim($1)) })
    return records(stop: stop).recalled(
      [item], hashes: [7], claims: keyed, written: new, before: before)
  }

  private func started(_ outputs: [RunRecord.Output]) -> RunRecord {
    RunRecord(
      state: .started, recipe: "r", version: "1", items: [.init(item, hash: 7)], outputs: outputs)
  }

  private var released: RunRecord {
    RunRecord(
      state: .released, recipe: "r", version: "1", items: [.init(item, hash: nil)], outputs: [])
  }

  @Test("Of every name is kept what is there: the new file, the old one, or somebody's")
  func standing() throws {
    for (name, content) in [("a", "new a"), ("b", "old b"), ("c", "mine"), ("d", "other")] {
      try folder.write(content, to: "out/\(name)")
    }
    let claims = [
      "a": [claim("old a"), claim("new a")], "b": [claim("old b"), claim("new b")],
      "c": [RunRecord.Claim.foreign], "d": [claim("old d"), claim("new d")],
      "e": [claim("old e"), claim("new e")],
    ]
    let written = ["a": "new a", "b": "new b", "d": "new d", "e": "new e"]
    let wanted = started([
      .init(path: "a", claim: claim("new a")), .init(path: "b", claim: claim("old b")),
      .init(path: "c", claim: .foreign),
    ])
    #expect(recalled(claims, written: written) == wanted)
    // One of them has been replaced: what was done before is done no longer.
    #expect(recalled(claims, written: written, before: before) == wanted)
  }

  @Test("What was done before stays done as long as nothing of it was replaced")
  func done() throws {
    try folder.write("old b", to: "out/b")
    let claims = ["b": [claim("old b"), claim("new b")]]
    #expect(recalled(claims, written: ["b": "new b"], before: before) == before)
    let old = started([.init(path: "b", claim: claim("old b"))])
    #expect(recalled(claims, written: ["b": "new b"]) == old)
    var begun = before
    begun.state = .started
    #expect(recalled(claims, written: ["b": "new b"], before: begun) == old)
  }

  @Test("Where nothing is there, or nothing that is ours, nothing is kept but that")
  func nothing() throws {
    #expect(recalled(["a": [claim("a")]], written: ["a": "a"]) == released)
    try folder.write("mine", to: "out/c")
    #expect(recalled(["c": [.foreign]]) == released)
    #expect(recalled([:]) == released)
  }

  @Test("A run that is to end keeps all that may be there, and what was done is done no longer")
  func ended() throws {
    let content = String(repeating: "x", count: 1 << 20)
    try folder.write(content, to: "out/a")
    let claims = ["a": [claim(content), claim("new")]]
    let stop = Cancellation { true }
    #expect(
      recalled(claims, before: before, stop: stop)
        == started([.init(path: "a", claim: claim(content)), .init(path: "a", claim: claim("new"))])
    )
  }

  @Test("Records of thousands are written anew as they were")
  func anew() throws {
    var text = ""
    for number in 0..<4000 {
      var record = before
      record.items[0].name = "\(number).png"
      record.outputs[0].path = "\(number).out"
      text += RecordLine.record(record).text
    }
    #expect(text.utf8.count > 1 << 18)
    let records = try RunRecords(RecordText(Array(text.utf8)))
    let file = try AtomicFile(at: folder.path("anew"))
    try records.write(to: file)
    try file.finish()
    #expect(folder.text("anew") == text)
  }

  @Test("Outputs are named from the folder of the run, by whatever way they are given")
  func names() throws {
    let places = RunPlaces(folder.path("out"))
    for (path, name) in [
      ("out/x/a", "x/a"), ("out", "."), ("out/./x/../a", "a"), ("other/a", "../other/a"),
      ("outer/a", "../outer/a"),
    ] { #expect(places.name(of: folder.path(path)) == name) }
    let here = RunPlaces(".")
    #expect(here.name(of: "x/./a") == "x/a" && here.path(of: "x/a") == "x/a")
    #expect(here.name(of: "../a").hasSuffix("/a") && here.name(of: "../a").hasPrefix("../"))
    #expect(places.path(of: "x/a") == folder.path("out/x/a"))
    #expect(places.path(of: "../other/a") == folder.path("other/a"))
    let apart = RunPlaces(folder.path("out"), state: folder.path("state/deep"))
    #expect(apart.home == "../../out" && places.home == "." && apart.isStateApart)
    #expect(apart.records == folder.path("state/deep/records"))
    #expect(apart.lock == folder.path("state/deep/lock"))
    #expect(places.records == folder.path("out/.tessera-records"))
    #expect(places.lock == folder.path("out/.tessera-lock") && !places.isStateApart)
  }
}
