import TesseraConfiguration
import TesseraCore

/// Reads keys of a `preprocessor_config.json`; `null` stands for a key that is not there.
struct ConfigReader {
  let root: JSONValue

  private func value(_ key: String) -> JSONValue? {
    root[key].flatMap { $0.isNull ? nil : $0 }
  }

  /// Notes that the value of a key is not what belongs there.
  func mismatch(_ key: String, _ expected: String, _ findings: inout Findings) {
    let value = value(key) ?? root
    findings.within(.key(key)) { $0.mismatch(value, expected: expected) }
  }

  /// Notes that a key is there.
  func refuse(_ key: String, _ sentence: String, _ findings: inout Findings) {
    guard let value = value(key) else { return }
    findings.within(.key(key)) { $0.add(.rule(sentence), at: value.position) }
  }

  /// Notes keys that are not known, and the file that is no object.
  func refuseUnknown(_ known: [String], _ silent: Set<String>, _ findings: inout Findings) {
    guard let members = root.members else {
      findings.mismatch(root, expected: "an object, as a preprocessor_config.json has it")
      return
    }
    var met: [String: SourcePosition] = [:]
    for member in members {
      findings.within(.key(member.key)) { findings in
        if let first = met[member.key] {
          findings.add(.duplicateKey(first: first), at: member.keyPosition)
        } else if !known.contains(member.key), !silent.contains(member.key), !member.value.isNull {
          findings.add(
            .rule("is not known here, and may change pixels: take it out, or write the stages"),
            at: member.keyPosition)
        }
      }
      met[member.key] = met[member.key] ?? member.keyPosition
    }
  }

  /// The name of the processor without what says how it was made; `nil` where the file names none.
  func processor(among known: [String], _ findings: inout Findings) -> String? {
    let keys = ["image_processor_type", "feature_extractor_type"]
    guard let key = keys.first(where: { value($0) != nil }), let value = value(key) else {
      return nil
    }
    var name = value.string ?? ""
    for end in ["Fast", "Pil"] where name.hasSuffix(end) { name.removeLast(end.count) }
    if name.hasSuffix("FeatureExtractor") {
      name = String(name.dropLast("FeatureExtractor".count)) + "ImageProcessor"
    }
    if known.contains(name) { return name }
    findings.within(.key(key)) {
      $0.mismatch(value, expected: "a processor that is known: \(Phrase.alternatives(known))")
    }
    return nil
  }

  /// The value of a key of some kind.
  private func read<Value>(
    _ key: String, _ kind: ParameterKind<Value>, _ findings: inout Findings
  ) -> Value? {
    guard let value = value(key) else { return nil }
    return findings.within(.key(key)) { kind.read(value, &$0) }
  }

  func flag(_ key: String, _ findings: inout Findings) -> Bool? { read(key, .bool, &findings) }

  func integer(_ key: String, _ findings: inout Findings) -> Int? {
    read(key, .integer(in: (key == "resample" ? 0 : 1)...1_000_000_000), &findings)
  }

  func number(_ key: String, _ bounds: NumberBounds, _ findings: inout Findings) -> Double? {
    read(key, .number(bounds), &findings)
  }

  /// One number for every channel, or three.
  func numbers(_ key: String, _ bounds: NumberBounds, _ findings: inout Findings) -> [Double]? {
    let expected = "a number, or a list of 3"
    let kind = ParameterKind<[Double]>.oneOrList(of: .number(bounds), expected: expected)
    guard let numbers = read(key, kind, &findings) else { return nil }
    if numbers.count != 1, numbers.count != 3 { mismatch(key, expected, &findings) }
    return numbers
  }

  /// The members of a size, or its one number.
  private enum Sides {
    case one(Int)
    case several([String: Int])
  }

  private func sides(_ key: String, _ known: [String], _ findings: inout Findings) -> Sides? {
    guard let value = value(key) else { return nil }
    let side = ParameterKind<Int>.integer(in: Limits.window)
    let before = findings.count
    return findings.within(.key(key)) { findings in
      guard value.members != nil else { return side.read(value, &findings).map { .one($0) } }
      guard let members = findings.members(of: value, keys: known, expected: "an object") else {
        return nil
      }
      guard findings.count == before else { return nil }
      var sides: [String: Int] = [:]
      for (key, value) in members.values where !value.isNull {
        let kind = ParameterKind<Int>.integer(in: 1...1_000_000_000)
        sides[key] = findings.within(.key(key)) { kind.read(value, &$0) }
      }
      return findings.count == before ? .several(sides) : nil
    }
  }

  /// A size of height and width; one number is that of both.
  func square(_ key: String, _ findings: inout Findings) -> Size? {
    switch sides(key, ["height", "width"], &findings) {
    case nil: return nil
    case .one(let side): return Size(side)
    case .several(let sides):
      if let height = sides["height"], let width = sides["width"] {
        return Size(height: height, width: width)
      }
      mismatch(key, "an integer, or an object with \"height\" and \"width\"", &findings)
      return nil
    }
  }

  /// What `size` asks for; one number is that of the shortest side, or of both.
  func resizing(isShortest: Bool, _ findings: inout Findings) -> PresetRecipe.Resizing? {
    switch sides("size", ["height", "width", "shortest_edge"], &findings) {
    case nil: return nil
    case .one(let side): return isShortest ? .shortestSide(side) : .exact(Size(side))
    case .several(let sides):
      if let shortest = sides["shortest_edge"], sides.count == 1 { return .shortestSide(shortest) }
      if let height = sides["height"], let width = sides["width"], sides.count == 2 {
        return .exact(Size(height: height, width: width))
      }
      mismatch(
        "size",
        "an integer, an object with \"height\" and \"width\", or one with \"shortest_edge\"",
        &findings)
      return nil
    }
  }

  /// Areas, which Qwen2-VL writes as edges.
  func areas(_ findings: inout Findings) -> PresetRecipe.Areas? {
    let before = findings.count
    let sides = sides("size", ["shortest_edge", "longest_edge"], &findings)
    if case .several(let sides) = sides, let least = sides["shortest_edge"],
      let most = sides["longest_edge"]
    {
      return PresetRecipe.Areas(least: least, most: most)
    }
    if value("size") != nil, findings.count == before {
      mismatch("size", "an object with \"shortest_edge\" and \"longest_edge\", areas", &findings)
    }
    return nil
  }
}
