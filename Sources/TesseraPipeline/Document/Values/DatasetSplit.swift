import TesseraConfiguration
import TesseraFiles

/// How the images of a dataset are parted: by a hash of their keys, whatever else there is.
public struct DatasetSplit: Hashable, Sendable {
  /// A part beside `train`.
  public struct Part: Hashable, Sendable {
    /// What files and rows of the part are called.
    public var name: String
    /// The share of images that it gets, above 0 and below 1.
    public var share: Double

    /// Names a part.
    public init(_ name: String, share: Double) {
      self.name = name
      self.share = share
    }
  }

  /// The parts beside `train`, as they were written.
  public var parts: [Part]
  /// Another number parts otherwise.
  public var seed: Int

  /// Parts images.
  public init(_ parts: [Part], seed: Int = 0) {
    self.parts = parts
    self.seed = seed
  }

  /// What gets the rest.
  public static let train = "train"

  /// The names of all parts, in the order of the dataset.
  public var names: [String] { [Self.train] + parts.map(\.name) }

  /// The number of the part that a key is in, counted as in ``names``.
  ///
  /// XXH64 of SEED/KEY over 2⁶⁴ lies below the share of the first part, or below that and the next
  /// one's together, and so on; what lies above all of them is `train`.
  public func part(of key: String) -> Int {
    let position = Double(XXHash64.hash("\(seed)/\(key)".utf8)) * 0x1p-64
    var end = 0.0
    for (index, part) in parts.enumerated() {
      end += part.share
      if position < end { return index + 1 }
    }
    return 0
  }
}

extension ParameterKind where Value == DatasetSplit {
  /// An object of names and shares, with a seed perhaps.
  static var split: Self {
    let expected =
      "names of letters, digits, - and _ with shares above 0 that leave something for train, such as "
      + "{\"val\": 0.1, \"seed\": 0}"
    let share = ParameterKind<Double>.number(.positive)
    let seed = ParameterKind<Int>.integer(in: 0...Int(Int32.max))
    return ParameterKind(
      expected: expected,
      schema: [
        "type": "object",
        "properties": ["seed": seed.schema, "train": false],
        "patternProperties": [
          "^(?!seed$|train$)[A-Za-z0-9_-]+$": share.schema
        ],
        "additionalProperties": false, "minProperties": 1,
      ],
      read: { value, findings in
        guard let members = value.members else {
          findings.mismatch(value, expected: expected)
          return nil
        }
        let before = findings.count
        var places: [String: SourcePosition] = [:]
        var split: (seed: Int?, shares: [(name: String, share: Double?)]) = (0, [])
        for member in members {
          findings.within(.key(member.key)) { findings in
            if member.key == "seed" {
              split.seed = seed.read(member.value, &findings)
            } else if let objection = objection(toName: member.key) {
              findings.add(.rule(objection), at: member.keyPosition)
            } else if let first = places[member.key] {
              findings.add(.duplicateKey(first: first), at: member.keyPosition)
            } else {
              places[member.key] = member.keyPosition
              split.shares.append((member.key, share.read(member.value, &findings)))
            }
          }
        }
        let parts = split.shares.compactMap { name, share in
          share.map { DatasetSplit.Part(name, share: $0) }
        }
        // Whatever is wrong with one has been said.
        guard split.shares.count == parts.count, findings.count == before else { return nil }
        let sum = parts.reduce(0) { $0 + $1.share }
        if parts.isEmpty || sum >= 1 {
          findings.add(
            .rule(
              parts.isEmpty
                ? "expected a part with its share, such as \"val\": 0.1, found none"
                : "expected shares that add up to less than 1, for \"train\" gets the rest, found a sum of \(sum)"
            ), at: value.position)
          return nil
        }
        return DatasetSplit(parts, seed: split.seed ?? 0)
      },
      write: { split in
        JSONValue(
          .object(
            split.parts.map { JSONMember($0.name, share.write($0.share)) }
              + (split.seed == 0 ? [] : [JSONMember("seed", seed.write(split.seed))])))
      })
  }
  /// Why a part cannot have a name.
  private static func objection(toName name: String) -> String? {
    if name == DatasetSplit.train {
      return "gets what the other parts leave: leave it out, and give those their shares"
    }
    let isName = name.utf8.allSatisfy {
      $0 < 128
        && (Character(Unicode.Scalar($0)).isLetter || Character(Unicode.Scalar($0)).isNumber
          || "-_".utf8.contains($0))
    }
    if isName, !name.isEmpty { return nil }
    return "is no name of a part, which has letters, digits, - and _ alone"
  }
}
