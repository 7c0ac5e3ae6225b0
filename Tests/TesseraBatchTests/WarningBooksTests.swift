import TesseraTestSupport
import Testing

@testable import TesseraBatch

struct WarningBooksTests {
  /// A word of letters for each number: figures do not tell kinds apart.
  private func word(_ number: Int) -> String {
    String(number).map {
      String(UnicodeScalar(UInt8(ascii: "a") + UInt8($0.wholeNumberValue ?? 0)))
    }
    .joined()
  }

  private func groups(_ order: [Int]) -> (groups: [RunSummary.WarningGroup], inputCount: Int) {
    var books = WarningBooks()
    for index in order {
      let warnings = index % 3 == 2 ? [] : ["\(word(index / 2)) at \(index)", "odd \(index)"]
      books.add(warnings, of: "input \(index)", at: index)
    }
    return (books.groups, books.inputCount)
  }

  @Test(
    "Of too many kinds those of the first inputs are kept, in whatever order the inputs end",
    arguments: [10, 2100, 4000])
  func order(count: Int) {
    let expected = groups(Array(0..<count))
    #expect(expected.groups.count == (count == 10 ? 6 : 1000))
    #expect(expected.groups.first { $0.message == "odd 0" }?.count == expected.inputCount)
    #expect(groups((0..<count).reversed()).groups == expected.groups)
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<3 {
      #expect(groups((0..<count).shuffled(using: &generator)).groups == expected.groups)
    }
  }
}
