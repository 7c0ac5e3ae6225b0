extension Bias {
  /// The path of a file, where one holds the values.
  var path: String? {
    if case .file(let path) = self { path } else { nil }
  }

  /// One value per output.
  func values(outputs: Int, in context: StageContext) throws(StageError) -> [Float] {
    let values: [Float]
    switch self {
    case .values(let numbers): values = numbers.map { Float($0) }
    case .file(let path): values = context.array(path).values
    }
    guard let each = values.onePerChannel(outputs) else {
      throw StageError(SharedRefusal.biasCount(values.count, outputs: outputs))
    }
    return each
  }
}

extension Array {
  /// A value for each of some channels, where there is one for all or one each; `nil` otherwise.
  func onePerChannel(_ channels: Int) -> [Element]? {
    if count == 1 { return Array(repeating: self[0], count: channels) }
    return count == channels ? self : nil
  }
}
