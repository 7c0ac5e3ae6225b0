import Foundation
import Testing

/// What pipelines make of images is what it was when Vectors/digests.txt was made.
///
/// A difference says where a changed byte arises; whether it is right is to be judged. The table says
/// what has changed, not how. For that, name a folder in `TESSERA_DIGESTS_FOLDER` and run these tests
/// first with the old build, which leaves all values there, then with the new one: messages then
/// name the first value that differs. With `TESSERA_DIGESTS=write` the table is made anew.
///
/// Sets of kernels that the table has but the processor lacks are passed over.
@Suite struct DigestTableTests {
  private static let isWriting = ProcessInfo.processInfo.environment["TESSERA_DIGESTS"] == "write"

  /// What this build can run, and the libraries that it has.
  private struct Build {
    var sets: [String]
    var codecs: String

    init() throws {
      let text = try Command.run(["--version", "--verbose"]).output
      let runs = try #require(text.firstMatch(of: #/this processor runs ([a-z0-9, ]+)\)/#)).1
      sets = runs.components(separatedBy: ", ")
      codecs = String(try #require(text.firstMatch(of: #/codecs: (.+)/#)).1)
    }
  }

  @Test(
    "Every output is what the table says",
    .enabled(if: !isWriting, "the table is made anew"), arguments: DigestBatch.all)
  func outputs(of batch: DigestBatch) throws {
    let build = try Build()
    let table = try DigestTable()
    let sets = table.sets.filter(build.sets.contains)
    try #require(!sets.isEmpty)
    for set in sets {
      let run = try DigestRun(batch, kernels: set)
      let expected = table.findings(about: batch.names, set: set)
      #expect(!expected.isEmpty)
      for key in Set(expected.keys).union(run.findings.keys).sorted() {
        var (before, now) = (expected[key] ?? "nothing", run.findings[key] ?? "nothing")
        if DigestTable.isPicture(key), build.codecs != table.codecs {
          // Other libraries may write the same pixels in other bytes.
          (before, now) = (String(before.prefix(16)), String(now.prefix(16)))
        }
        let name = key.split(separator: " ")[1]
        let text = run.cases.first { $0.name == name }?.text ?? ""
        #expect(
          before == now,
          "\(key), \(set): \(note(before, now))\(run.firstDifference(in: key))\n\(text)")
      }
    }
  }

  /// What two findings tell by themselves.
  private func note(_ before: String, _ now: String) -> String {
    let isSame = before.count == 33 && before.prefix(16) == now.prefix(16)
    return isSame ? "other bytes of the same pixels; " : ""
  }

  @Test(
    "The table tells of these pipelines and of no others",
    .enabled(if: !isWriting, "the table is made anew"))
  func names() throws {
    let names = try DigestTable().findings.keys.map { String($0.split(separator: " ")[1]) }
    #expect(Set(names) == DigestBatch.all.reduce(into: []) { $0.formUnion($1.names) })
  }

  @Test("The table is made anew", .enabled(if: isWriting, "only where the environment asks for it"))
  func write() throws {
    let build = try Build()
    var table = DigestTable(sets: build.sets, codecs: build.codecs)
    for batch in DigestBatch.all {
      for set in build.sets {
        table.add(try DigestRun(batch, kernels: set).findings, set: set)
      }
    }
    try Data(table.text.utf8).write(to: URL(fileURLWithPath: DigestTable.path))
  }

  @Test(
    "The digest is XXH64",
    arguments: [
      ("", "ef46db3751d8e999"), ("a", "d24ec4f1a98c6e5b"), ("abc", "44bc2cf5ad770999"),
      ("0123456789abcdef0123456789abcdef0123456789abcde", "ceb8c23313303cfc"),
    ])
  func hash(text: String, digest: String) {
    #expect(XXHash.digest(text) == digest)
  }
}
