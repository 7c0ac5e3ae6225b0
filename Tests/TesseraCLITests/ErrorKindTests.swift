import Foundation
import Testing

@testable import TesseraBatch

/// The kinds of errors beside docs/reports.md.
struct ErrorKindTests {
  /// The words in the first cells of a table, which begins behind a sentence.
  private func kinds(behind sentence: String) throws -> [String] {
    let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
      url.deletingLastPathComponent()
    }
    let page = try String(contentsOf: root.appending(path: "docs/reports.md"), encoding: .utf8)
    let table = try #require(page.components(separatedBy: sentence).dropFirst().first)
      .drop { $0 != "|" }.components(separatedBy: "\n\n")[0]
    return table.split(separator: "\n").flatMap { row in
      row.split(separator: "|")[0].matches(of: #/`(\w+)`/#).map { String($0.1) }
    }
  }

  @Test("every kind of failure of an input is on the page, and no other")
  func inputs() throws {
    let listed = try kinds(behind: "Of inputs, in the report and in `errors`:")
    #expect(listed.sorted() == InputFailure.Kind.allCases.map(\.rawValue).sorted())
  }

  @Test("every kind of what ends a run is on the page, and no other")
  func runs() throws {
    let listed = try kinds(behind: "Of the whole run, in `errors` alone:")
    #expect(listed.sorted() == RunErrorKind.allCases.map(\.rawValue).sorted())
  }
}
