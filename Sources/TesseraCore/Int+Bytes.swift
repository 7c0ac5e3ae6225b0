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
