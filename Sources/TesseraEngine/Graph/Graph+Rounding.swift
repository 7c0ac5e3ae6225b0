extension Graph {
  /// Has the sums of a linear map become integers at once, where everything behind it comes to just
  /// these integers.
  ///
  /// No rewrite: which bits come out does not depend on the ways that a plan takes.
  package mutating func roundSumsOnce() {
    for index in links.indices
    where links[(index + 1)...].allSatisfy({ $0.work.commutesWithRounding }) {
      if let map = links[index].work as? LinearMap {
        links[index].work = map.givingIntegers
      } else if var filter = links[index].work as? FilterPatches {
        filter.map = filter.map.givingIntegers
        links[index].work = filter
      }
    }
  }
}

extension Quantization {
  /// Whether values are rounded to integers, and nothing else is done to them.
  var onlyRounds: Bool {
    guard elementType != .float32, division == nil, case .affine(let maps) = map else {
      return false
    }
    return maps.allSatisfy { $0 == .identity }
  }
}
