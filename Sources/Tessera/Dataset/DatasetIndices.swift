import TesseraBatch
import TesseraFiles

/// The indices of several datasets.
final class DatasetIndices: RunIndex {
  private let indices: [DatasetIndex]

  init(_ indices: [DatasetIndex]) { self.indices = indices }

  var paths: [String] { indices.flatMap(\.paths) }

  func isFree(_ path: String) -> Bool { indices.allSatisfy { $0.isFree(path) } }

  func add(_ item: Item, at index: Int, details: String?) {
    for each in indices { each.add(item, at: index, details: details) }
  }

  func isSurplus(_ path: String) -> Bool { indices.contains { $0.isSurplus(path) } }

  func finish() throws(FileError) {
    for each in indices { try each.finish() }
  }

  func discard() {
    for each in indices { each.discard() }
  }
}
