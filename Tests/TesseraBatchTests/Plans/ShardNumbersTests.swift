import Testing

@testable import TesseraBatch

/// Numbers of shards in words.
struct ShardNumbersTests {
  @Test(
    "Numbers and ranges are read in any order, and written shortest",
    arguments: [
      ("3", "3", [3]), ("3,7-9", "3,7-9", [3, 7, 8, 9]), ("9,7,8,3", "3,7-9", [3, 7, 8, 9]),
      ("0-0,0", "0", [0]), ("4-6,1-5,2", "1-6", [1, 2, 3, 4, 5, 6]), ("1,3,2", "1-3", [1, 2, 3]),
      ("0,2,4", "0,2,4", [0, 2, 4]), ("007", "7", [7]),
      ("999999999", "999999999", [999_999_999]),
    ])
  func read(_ text: String, _ shortest: String, _ numbers: [Int]) throws {
    let read = try #require(ShardNumbers(text))
    #expect(Array(read.all) == numbers)
    #expect(read.description == shortest)
    #expect(read.count == numbers.count)
    #expect(read.last == numbers.last)
    #expect(ShardNumbers(numbers.shuffled()) == read)
  }

  @Test(
    "Anything else is refused",
    arguments: [
      "", ",", "1,", "-1", "1-", "1--2", "3-1", "1-2-3", "a", "1.5", " 1", "1 ", "+1", "1;2",
      "1000000000", "99999999999", "٣",
    ])
  func refused(_ text: String) { #expect(ShardNumbers(text) == nil) }

  @Test("No number is an empty text")
  func none() {
    let none = ShardNumbers([Int]())
    #expect(none.isEmpty && none.last == nil && none.description == "")
  }
}
