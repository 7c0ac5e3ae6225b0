extension Int {
  /// So many of something in words: "1 image", "3 images".
  ///
  /// - Parameter noun: one of them; more are told by an s.
  /// - Returns: number and noun.
  package func counted(_ noun: String) -> String { self == 1 ? "1 \(noun)" : "\(self) \(noun)s" }
}
