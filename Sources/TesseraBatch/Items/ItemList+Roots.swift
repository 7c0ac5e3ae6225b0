import TesseraFiles

extension ItemList {
  /// Gives the items their roots in place of the folders that these are: what is left of each below
  /// the deepest folder that holds all.
  mutating func nameRoots() {
    var parts: [PathKey: [String]] = [:]
    for root in roots { parts[root] = Path.normalizedParts(Path.absolute(root.path)) }
    var common: [String]?
    for root in parts.values {
      let above = Array(root.dropLast())
      common =
        common.map { common in
          zip(common, above).prefix { $0.utf8.elementsEqual($1.utf8) }.map(\.0)
        } ?? above
    }
    let names = parts.mapValues { $0.dropFirst(common?.count ?? 0).joined(separator: "/") }
    mapRoots { names[PathKey($0)] ?? $0 }
  }
}
