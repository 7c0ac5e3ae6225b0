extension Int {
  /// A number of bytes in the unit that suits it: `1.4 MB`.
  package var inBytes: String {
    if self < 1000 { return "\(self) B" }
    var value = Double(self) / 1000
    var unit = "kB"
    for next in ["MB", "GB", "TB", "PB"] where value >= 1000 {
      value /= 1000
      unit = next
    }
    return "\((value * 10).rounded() / 10) \(unit)"
  }
}

extension Int {
  /// More than any machine has, and still a sum with other such numbers.
  private static let muchMemory = Int.max >> 16

  /// A product of byte counts that does not leave the range of numbers.
  package func saturating(times factor: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? Self.muchMemory : Swift.min(product, Self.muchMemory)
  }

  /// A sum of byte counts that does not leave the range of numbers.
  package func saturating(plus other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? Self.muchMemory : Swift.min(sum, Self.muchMemory)
  }
}
