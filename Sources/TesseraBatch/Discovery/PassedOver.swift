import TesseraCore
import TesseraFiles

/// What was passed over for one reason: how often, and the first name by its bytes.
///
/// Folders are read in an order of the file system's own: what is told must not depend on it.
struct PassedOver {
  private(set) var count = 0
  private(set) var first = ""

  /// Counts one more.
  mutating func add(_ path: String) {
    if count == 0 || PathKey(path) < PathKey(first) { first = path }
    count += 1
  }

  /// `2 links that …, first 'in/a'`; `nil` where there is none.
  func phrase(_ singular: String, _ plural: String) -> String? {
    switch count {
    case 0: nil
    case 1: "1 \(singular): '\(first.printable)'"
    default: "\(count) \(plural), first '\(first.printable)'"
    }
  }
}
