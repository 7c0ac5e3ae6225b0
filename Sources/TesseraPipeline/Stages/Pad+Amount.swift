import TesseraConfiguration

extension Pad {
  /// Rows or columns on each side [px].
  public struct Amount: Hashable, Sendable {
    /// Above.
    public var top: Int
    /// To the left.
    public var left: Int
    /// Below.
    public var bottom: Int
    /// To the right.
    public var right: Int

    /// None on the sides that are left out.
    public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
      self.top = top
      self.left = left
      self.bottom = bottom
      self.right = right
    }
  }
}

extension ParameterKind where Value == Pad.Amount {
  /// One integer for all sides, or [top, bottom, left, right].
  static var amount: Self {
    let side = ParameterKind<Int>.integer(in: Limits.padding)
    let expected =
      "an integer in \(Phrase.range(Limits.padding)), or four as [top, bottom, left, right]"
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [side.schema, Schema.array(of: side.schema, count: 4...4)]),
      read: { value, findings in
        if let all = value.number?.integer, Limits.padding.contains(all) {
          return Pad.Amount(top: all, left: all, bottom: all, right: all)
        }
        guard let elements = value.elements, elements.count == 4 else {
          findings.mismatch(value, expected: expected, suggestion: value.withoutQuotes)
          return nil
        }
        return readElements(elements, side, &findings).map {
          Pad.Amount(top: $0[0], left: $0[2], bottom: $0[1], right: $0[3])
        }
      },
      write: { amount in
        let sides = [amount.top, amount.bottom, amount.left, amount.right]
        return Set(sides).count == 1
          ? side.write(amount.top) : JSONValue(.array(sides.map(side.write)))
      })
  }
}
