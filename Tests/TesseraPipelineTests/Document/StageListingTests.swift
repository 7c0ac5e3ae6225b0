import TesseraKernels
import Testing

@testable import TesseraPipeline

@Suite struct StageListingTests {
  @Test("The overview has a line per stage that fits a terminal")
  func overview() {
    let lines = StageListing.overview.split(separator: "\n")
    #expect(lines.count == StageCatalogue.types.count)
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(
      lines.contains(
        "unfold                        Cuts an image into blocks, one per column: im2col."))
  }

  @Test(
    "A page holds every key with its default, its range and its sentence",
    arguments: StageCatalogue.types.map(\.name) + KernelBankCatalogue.types.map(\.name))
  func page(_ name: String) throws {
    let page = try StageListing.page(for: name)
    let parameters =
      StageCatalogue.types.first { $0.name == name }?.configuration.parameters
      ?? KernelBankCatalogue.types.first { $0.name == name }?.parameters
    for parameter in try #require(parameters) {
      #expect(page.contains("\n  \(parameter.key)  ["))
    }
    #expect(page.hasPrefix("\(name): "))
    #expect(page.hasSuffix("\n") && !page.hasSuffix("\n\n"))
    #expect(!page.contains("`"))
    #expect(page.split(separator: "\n").allSatisfy { $0.count <= 90 })
  }

  @Test("One key reads like this")
  func entry() throws {
    #expect(
      try StageListing.page(for: "unfold").contains(
        """
          stride  [default: 1]
              Distance between blocks [px].
              Takes an integer in 1…65535, or two as [height, width].

        """))
  }

  @Test("An unknown name is answered with the nearest")
  func unknown() {
    let error = #expect(throws: UnknownNameError.self) { try StageListing.page(for: "unflod") }
    #expect(
      error?.description == "there is no stage and no bank \"unflod\"; did you mean \"unfold\"?")
  }

  @Test(
    "A page in Markdown has a row per key, four columns each, and all that the plain one says",
    arguments: StageListing.names)
  func markdownPage(_ name: String) throws {
    let page = try StageListing.markdown(for: name)
    #expect(page.hasPrefix("# `\(name)`\n\n"))
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("|") }
    for row in rows {
      #expect(row.replacing("\\|", with: "").count { $0 == "|" } == 5, "\(row)")
    }
    let plain = try StageListing.page(for: name)
    let keys = plain.matches(of: #/(?m)^  (\w+)  \[/#).map { "| `\($0.1)` |" }
    #expect(max(rows.count - 2, 0) == keys.count)
    #expect(keys.allSatisfy(page.contains))
    let words = Set(page.split { !$0.isLetter })
    let said = plain.components(separatedBy: "\n\nBanks (")[0]
    for word in said.split(whereSeparator: { !$0.isLetter })
    where !["Keys", "Takes", "default"].contains(word) {
      #expect(words.contains(word), "\(name): \(word)")
    }
  }

  @Test("An unknown name has no page in Markdown either")
  func unknownMarkdown() {
    #expect(throws: UnknownNameError.self) { try StageListing.markdown(for: "unflod") }
  }

  @Test("The table in Markdown has a row per stage, three columns each")
  func markdown() {
    let rows = StageListing.markdown.split(separator: "\n")
    #expect(rows.count == StageCatalogue.types.count + 2)
    for row in rows {
      let bars = row.indices.filter { row[$0] == "|" }
        .filter { $0 == row.startIndex || row[row.index(before: $0)] != "\\" }
      #expect(bars.count == 4, "\(row)")
    }
    #expect(StageListing.markdown.contains("| `kernel_size` (required); `stride` (1); "))
  }
}
