import Testing

/// What a dry run tells of many inputs.
@Suite struct DryRunListingTests {
  @Test("Of more than a thousand kinds the first are counted by themselves, the rest together")
  func manyKinds() throws {
    let bench = try Workbench([])
    func name(_ number: Int) -> String { String("000\(number).npy".suffix(8)) }
    for number in 1...1003 { try bench.write(name(number), seed: 0, height: 1, width: number) }
    for number in 1004...1005 { try bench.write(name(number), seed: 0, height: 1, width: 7) }
    let outcome = try bench.run("--dry-run")
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n")
    #expect(
      lines[0].hasPrefix("0007.npy → ") && lines[0].contains(", and 2 like it  ("), "\(lines[0])")
    #expect(
      lines.contains("983 inputs of more than 980 other kinds; --verbose lists every input"),
      "\(lines)")
    #expect(lines.contains { $0.contains("1005 ") }, "\(lines)")
  }
}
