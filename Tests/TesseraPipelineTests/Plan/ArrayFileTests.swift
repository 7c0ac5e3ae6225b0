import Testing

/// Files of weights and biases, by the bytes of their names.
struct ArrayFileTests {
  @Test("Two spellings of one letter name two files")
  func spellings() throws {
    let workshop = try Workshop()
    let names = ["e\u{301}.npy", "\u{E9}.npy"]
    try workshop.save(TestArray([1, 1], [2]), as: names[0])
    try workshop.save(TestArray([1, 1], [5]), as: names[1])
    let stages = names.map { #"{"stage": "convolve", "weights": "\#($0)"}"# }
    let result = try workshop.array(
      stages.joined(separator: ", ") + ", " + npy, on: TestArray([1, 1, 2], [1, 3]))
    #expect(result.values == [10, 30])
  }
}
