import Foundation
import Testing

@testable import TesseraPipeline

@Suite("Generated documents")
struct GeneratedDocsTests {
  @Test("the README's table of stages is the one that is generated")
  func stageTable() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains("\n" + StageListing.markdown.trimmingCharacters(in: .newlines) + "\n"))
  }
}
