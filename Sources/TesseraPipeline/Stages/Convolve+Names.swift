import TesseraCodecs

extension Convolve {
  /// What the planes are called once each channel has become several; `nil` where kernels have no names.
  ///
  /// - Parameters:
  ///   - input: what is filtered.
  ///   - colors: how many of its channels are.
  ///   - runs: outputs of a channel whose maximum is taken.
  ///   - hasOpacity: whether opacity stands behind them.
  /// - Returns: one name for each plane.
  func channelNames(
    of input: Layout, _ colors: Int, _ runs: [Int]?, hasOpacity: Bool
  ) -> [String]? {
    guard let bank else { return nil }
    var own = bank.bank.kernelNames
    let pairs = response == .magnitude ? Array(repeating: 2, count: own.count / 2) : nil
    if let runs = runs ?? pairs { own = ChannelNames.joined(own, runs: runs) }
    let names = input.colorNames(colors).flatMap { color in
      own.map { color.isEmpty ? $0 : "\(color)_\($0)" }
    }
    // Names of many banks in a row become too long for names of files.
    guard names.allSatisfy({ $0.utf8.count <= ChannelNames.longest }) else { return nil }
    return hasOpacity ? names + [ChannelNames.opacity] : names
  }
}

/// How names of channels are made of others.
enum ChannelNames {
  /// What opacity is called.
  static let opacity = "alpha"
  /// The most characters of a name: more are not looked for in the names of files.
  static let longest = 100

  /// The names of what neighbours become together: the words that they begin with alike, and a number
  /// behind where that tells too little.
  static func joined(_ names: [String], runs: [Int]) -> [String] {
    var first = 0
    let joined = runs.map { count -> String in
      defer { first += count }
      return common(names[first..<first + count])
    }
    return joined.indices.map { index in
      let isAlone = joined.count { $0 == joined[index] } == 1
      return isAlone ? joined[index] : "\(joined[index])_\(index)"
    }
  }

  private static func common(_ names: ArraySlice<String>) -> String {
    let words = names.map { $0.split(separator: "_") }
    guard let first = words.first, words.count > 1 else { return names.first ?? "" }
    let count = first.indices.first { index in
      !words.allSatisfy { $0.indices.contains(index) && $0[index] == first[index] }
    }
    let shared = first.prefix(count ?? first.count)
    return shared.isEmpty ? String(first[0]) : shared.joined(separator: "_")
  }
}

extension Layout {
  /// What goes before the names of what becomes of each colour: nothing where there is one without a
  /// name.
  fileprivate func colorNames(_ count: Int) -> [String] {
    if let channelNames { return Array(channelNames.prefix(count)) }
    if count == 1 { return [""] }
    let letters: [String] =
      switch colorModel {
      case .rgb: ["r", "g", "b"]
      case .cmyk: ["c", "m", "y", "k"]
      case .gray, .unknown: []
      }
    return (0..<count).map { letters.indices.contains($0) ? letters[$0] : "c\($0)" }
  }
}
