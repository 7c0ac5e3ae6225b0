/// Finds the word that was probably meant.
package enum Spelling {
  /// The nearest candidate, or `nil` where none is near enough to be worth a question.
  ///
  /// Case, hyphens, underscores and the order of words do not count; otherwise a third of the
  /// letters may be wrong, left out, added or swapped with a neighbour.
  package static func nearest(to word: String, in candidates: [String]) -> String? {
    let words = split(word)
    let wanted = words.joined()
    guard !wanted.isEmpty, wanted.utf8.count <= 64 else { return nil }
    for candidate in candidates where Set(split(candidate)) == Set(words) { return candidate }
    let scored = candidates.map { candidate in
      (candidate, distance(Array(wanted.utf8), Array(split(candidate).joined().utf8)))
    }
    if let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, wanted.utf8.count / 3),
      best.1 < wanted.utf8.count
    {
      return best.0
    }
    return candidates.first { containsWord(split($0), of: words) }
  }

  /// Whether all words of one name are among the other's: `kernel` for `kernel_size`.
  private static func containsWord(_ candidate: [String], of words: [String]) -> Bool {
    Set(candidate).isSuperset(of: words) || Set(words).isSuperset(of: candidate)
  }

  private static func split(_ name: String) -> [String] {
    name.lowercased().split { $0 == "_" || $0 == "-" || $0 == "." || $0 == " " }.map(String.init)
  }

  /// Optimal string alignment: insertions, deletions, replacements, swaps of neighbours.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
      var row = [i + 1]
      for j in right.indices {
        var best = last[j] + (left[i] == right[j] ? 0 : 1)
        best = min(best, last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          best = min(best, beforeLast[j - 1] + 1)
        }
        row.append(best)
      }
      beforeLast = last
      last = row
    }
    return last[right.count]
  }
}
