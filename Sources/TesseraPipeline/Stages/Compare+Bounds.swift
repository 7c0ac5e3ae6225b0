import TesseraConfiguration

extension ParameterKind where Value == [Compare.Metric: Double] {
  /// An object of metrics and numbers; `"inf"` is a bound of psnr that only identity meets.
  static var bounds: Self {
    let names = Compare.Metric.allCases.map(\.rawValue)
    let expected = "an object of metrics and bounds, such as {\"psnr\": 50}"
    let schemas = Compare.Metric.allCases.map { metric in
      JSONMember(metric.rawValue, metric.boundSchema)
    }
    return ParameterKind(
      expected: expected,
      schema: [
        "type": "object", "properties": JSONValue(.object(schemas)), "additionalProperties": false,
      ],
      read: { value, findings in
        let before = findings.count
        guard let members = findings.members(of: value, keys: names, expected: expected) else {
          return nil
        }
        var bounds: [Compare.Metric: Double] = [:]
        for metric in Compare.Metric.allCases {
          guard let bound = members.values[metric.rawValue] else { continue }
          if metric == .psnr, bound.string == "inf" {
            bounds[metric] = .infinity
          } else if let number = bound.number?.value, metric.takes(bound: number) {
            bounds[metric] = number
          } else {
            findings.within(.key(metric.rawValue)) {
              $0.mismatch(
                bound, expected: metric.boundPhrase, suggestion: bound.withoutQuotes)
            }
          }
        }
        return findings.count == before ? bounds : nil
      },
      write: { bounds in
        let members = Compare.Metric.allCases.compactMap { metric in
          bounds[metric].map { bound in
            JSONMember(
              metric.rawValue,
              bound == .infinity ? "inf" : JSONValue(.number(JSONNumber(bound))))
          }
        }
        return JSONValue(.object(members))
      })
  }
}

extension Compare.Metric {
  fileprivate var boundRange: NumberBounds {
    switch self {
    case .psnr: .any
    case .ssim: .closed(-1, 1)
    case .maxAbs, .meanAbs: .nonNegative
    }
  }

  /// Figures are held against bounds in Double: any number of that is one, however loose.
  fileprivate func takes(bound: Double) -> Bool {
    switch self {
    case .psnr: bound.isFinite
    case .ssim: boundRange.contains(bound)
    case .maxAbs, .meanAbs: bound.isFinite && bound >= 0
    }
  }

  fileprivate var boundPhrase: String {
    let number = "a number\(boundRange.phrase)"
    return self == .psnr ? "\(number) [dB], or \"inf\"" : number
  }

  fileprivate var boundSchema: JSONValue {
    self == .psnr ? Schema.any(of: [boundRange.schema, ["const": "inf"]]) : boundRange.schema
  }
}
