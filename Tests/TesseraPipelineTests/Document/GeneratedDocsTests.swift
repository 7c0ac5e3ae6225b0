import Foundation
import Testing

@testable import TesseraPipeline

@Suite("Generated documents")
struct GeneratedDocsTests {
  @Test("the table of stages on its page is the one that is generated")
  func stageTable() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/stages.md"), encoding: .utf8)
    #expect(page.contains("\n" + StageListing.markdown.trimmingCharacters(in: .newlines) + "\n"))
  }
}
