import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// What is kept of a run, and where.
extension ResumeTests {
  @Test("what a killed run had begun is done again, half files and all")
  func killed() throws {
    try run()
    // As after a kill between the rename and the record: outputs there, no word that they are whole.
    let lines = (folder.text("out/.tessera-records") ?? "").split(separator: "\n")
    let kept = lines.filter { !($0.hasPrefix("record\tdone") && $0.contains("\tb.png")) }
    try folder.write(
      kept.joined(separator: "\n") + "\nrecord\tdone\trecipe\t\t.\tb.png\t9",
      to: "out/.tessera-records")
    try folder.write("half", to: "out/.b.out.tessera-part")
    #expect(try run().processed == ["b.png"])
    #expect(!folder.tree("out").contains("out/.b.out.tessera-part"))
    #expect(try run().processed == [])
  }

  @Test("records that were cut at any byte let the rest count, and the run goes on")
  func cutAnywhere() throws {
    try run()
    let whole = folder.content("out/.tessera-records") ?? []
    let ends = whole.indices.filter { whole[$0] == UInt8(ascii: "\n") }
    for count in stride(from: 0, through: whole.count, by: 97) + ends + ends.map({ $0 + 1 }) {
      try folder.write(Array(whole[..<count]), to: "out/.tessera-records")
      let run = try run()
      #expect(run.summary.exitStatus == .done, "\(count)")
      let lines = String(decoding: whole[..<count], as: UTF8.self).split(separator: "\n")
      let doneLines = String(decoding: whole, as: UTF8.self).split(separator: "\n")
        .filter { $0.hasPrefix("record\tdone") }
      #expect(run.processed.count == 4 - lines.filter { doneLines.contains($0) }.count, "\(count)")
      #expect(try self.run().processed == [], "\(count)")
      let text = folder.text("out/.tessera-records") ?? ""
      #expect(text.hasSuffix("\n") && !text.contains("\n\n"), "\(count)")
      #expect(
        text.split(separator: "\n").allSatisfy { RecordLine($0.utf8) != nil }, "\(count)")
    }
  }

  @Test("records that were cut at every byte, or are gone: the run ends well, with the same bytes")
  func cutAtEveryByte() throws {
    folder.remove("in/b.png")
    folder.remove("in/c.png")
    try run()
    let outputs = ["a.out", "two.0.out", "two.1.out"]
    let whole = folder.content("out/.tessera-records") ?? []
    #expect(whole.count > 500)
    for count in 0...whole.count {
      try folder.write(Array(whole[..<count]), to: "out/.tessera-records")
      #expect(try run().summary.exitStatus == .done, "\(count)")
      #expect(folder.text("out/a.out") == "content a", "\(count)")
      #expect(
        folder.tree("out").filter { $0.hasSuffix(".out") } == outputs.map { "out/" + $0 },
        "\(count)")
    }
    folder.remove("out/.tessera-records")
    #expect(try run().summary.progress.skippedCount == 2)
  }

  @Test("a claim of an earlier version on a name is no claim on what has come to lie there since")
  func claimOfEarlierVersion() throws {
    try run()
    let started = RecordLine.record(
      RunRecord(
        state: .started, recipe: "recipe", version: "",
        items: [
          .init(
            name: "a.png", byteCount: 9, modificationTime: 1, hash: nil, failure: nil, details: "")
        ], outputs: [.init(path: "a.out", claim: .new)]))
    try folder.write(started.text, to: "out/.tessera-records")
    try folder.write("mine", to: "out/a.out")
    #expect(try run().summary.failures.map(\.kind) == [.exists])
    #expect(folder.text("out/a.out") == "mine")
    // One that fails keeps nothing from anybody either.
    try folder.write("fail", to: "in/a.png")
    #expect(try run().summary.failures.map(\.kind) == [.malformed])
    #expect(folder.text("out/a.out") == "mine")
  }

  @Test("half files of inputs that are gone are removed, too")
  func goneInput() throws {
    try run()
    let started = (folder.text("out/.tessera-records") ?? "").split(separator: "\n")
      .filter { $0.hasPrefix("record\tstarted") }.joined(separator: "\n")
    try folder.write(started + "\n", to: "out/.tessera-records")
    try folder.write("half", to: "out/.b.out.tessera-part")
    folder.remove("in/b.png")
    #expect(try run().summary.exitStatus == .done)
    #expect(!folder.tree("out").contains("out/.b.out.tessera-part"))
  }

  @Test("what version 0.1 kept is taken over and removed")
  func firstVersion() throws {
    try run()
    // As that version wrote it: no word before the state, no hash of the item.
    let lines = (folder.text("out/.tessera-records") ?? "").split(separator: "\n").compactMap {
      line -> String? in
      guard case .record(let record)? = RecordLine(line.utf8), record.state == .done else {
        return nil
      }
      let item = record.items[0]
      var fields = [
        "done", item.name, String(item.byteCount), String(item.modificationTime), "former-0.1.0",
        item.details,
      ]
      for output in record.outputs {
        fields += [
          output.path, String(output.byteCount ?? 0), (output.hash ?? 0).hexadecimal,
        ]
      }
      let text = fields.joined(separator: "\t")
      return "\(text)\t\(XXHash64.hash(text.utf8).hexadecimal)\n"
    }
    #expect(lines.count == 4)
    folder.remove("out/.tessera-records")
    folder.remove("out/.tessera-lock")
    try folder.write(lines.joined(), to: "out/.tessera/records")
    try folder.write("", to: "out/.tessera/lock")
    #expect(try OutputVerification(of: folder.path("out")).checkedCount == 5)
    var options = options
    options.formerRecipes = ["former"]
    options.version = "0.1.0"
    #expect(try run(options).processed == [])
    #expect(!folder.tree("out").contains { $0.hasPrefix("out/.tessera/") })
    #expect(try run(options).processed == [])
    options.version = "0.2.0"
    #expect(try run(options).processed.count == 4)
  }

  @Test("records and lock go where they are asked to, and the outputs stay alone with the report")
  func stateFolder() throws {
    var options = options
    options.stateFolder = folder.path("state/deep")
    try run(options)
    let names = ["a.out", "b.out", "c.out", "report.jsonl", "two.0.out", "two.1.out"]
    #expect(folder.tree("out") == names.map { "out/\($0)" })
    #expect(folder.tree("state/deep") == ["state/deep/lock", "state/deep/records"])
    #expect(try run(options).processed == [])
    let (out, state) = (folder.path("out"), folder.path("state/deep"))
    #expect(try OutputVerification(of: out, state: state).checkedCount == 5)
    #expect(try OutputVerification(of: out).checkedCount == 0)
    // Records that are elsewhere do not count: what is there is compared.
    #expect(try run().summary.progress.skippedCount == 4)
    do {
      let other = try RunFolder(
        RunPlaces(out, state: state), BatchOptions(recipe: "r", folder: out))
      #expect(throws: BatchError.folderInUse(state)) { try run(options) }
      #expect(other.path == out)
    }
  }

  @Test(
    "two output folders may keep their records in one, and neither takes the other's for its own")
  func sharedState() throws {
    var options = options
    options.stateFolder = folder.path("state")
    try run(options)
    // As after a kill: a claim on names that are somebody's in the other folder.
    let lines = (folder.text("state/records") ?? "").split(separator: "\n")
    try folder.write(
      lines.filter { $0.hasPrefix("record\tstarted") }.joined(separator: "\n") + "\n",
      to: "state/records")
    let other = try TemporaryFolder()
    try other.write("mine", to: "out/a.out")
    options.folder = other.path("out")
    let processor = try CopyProcessor(to: [other.path("out")])
    let inputs = try InputDiscovery().inputs(in: [.path(folder.path("in"))])
    let summary = try BatchRun(processor, on: inputs, options: options).run()
    #expect(summary.failures.map(\.kind) == [.exists] && summary.progress.okCount == 3)
    #expect(other.text("out/a.out") == "mine")
    let state = folder.path("state")
    #expect(try OutputVerification(of: other.path("out"), state: state).checkedCount == 4)
    options.folder = folder.path("out")
    #expect(try run(options).processed.count == 4)
    #expect(try OutputVerification(of: folder.path("out"), state: state).checkedCount == 5)
    #expect(try OutputVerification(of: other.path("out"), state: state).checkedCount == 4)
  }

  @Test("a link in place of the records is not written through")
  func linkedRecords() throws {
    try folder.write("precious", to: "precious")
    try folder.makeFolder("out")
    folder.link("out/.tessera-records", to: folder.path("precious"))
    let error = #expect(throws: BatchError.self) { try run() }
    #expect(error?.exitStatus == .cannotCreate && folder.text("precious") == "precious")
  }

  @Test("outdated lines of records go in time")
  func compaction() throws {
    var overwriting = options
    overwriting.overwrites = true
    try run()
    let line = (folder.text("out/.tessera-records") ?? "").split(separator: "\n").first ?? ""
    try folder.write(
      (folder.text("out/.tessera-records") ?? "")
        + String(repeating: "\(line.dropLast())x\n", count: 2000), to: "out/.tessera-records")
    #expect(try run().processed == [])
    let text = folder.text("out/.tessera-records") ?? ""
    #expect(text.split(separator: "\n").count == 4 && !text.contains("\n\n"))
  }

  @Test("a second run at the same time is refused")
  func lock() throws {
    do {
      let other = try RunFolder(
        RunPlaces(folder.path("out")), BatchOptions(recipe: "r", folder: nil))
      let error = #expect(throws: BatchError.self) { try run() }
      #expect(error == .folderInUse(other.path) && error?.exitStatus == .interrupted)
    }
    #expect(try run().summary.exitStatus == .done)
  }

  @Test("verify finds what has changed since")
  func verify() throws {
    try run()
    let clean = try OutputVerification(of: folder.path("out"))
    #expect(clean.checkedCount == 5)
    #expect(clean.findings == [])
    try folder.write("content X", to: "out/a.out")
    try folder.write("longer than before", to: "out/b.out")
    folder.remove("out/c.out")
    let findings = try OutputVerification(of: folder.path("out")).findings
    #expect(findings.map(\.source) == ["a.png", "b.png", "c.png"])
    #expect(findings.map(\.problem).first == .content)
    #expect(findings[1].problem == .size(18, recorded: 9))
  }
}
