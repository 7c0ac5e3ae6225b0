import TesseraFiles
import TesseraThreads

/// The inputs of a run as files, looked up once something might be written over one.
final class InputIdentities: Sendable {
  private let items: ItemList
  private let numbers = Locked<NameIndex?>(nil)

  init(_ items: ItemList) { self.items = items }

  /// The path of the input that a file is; `nil` where it is none.
  func input(_ identity: FileStatus.Identity) -> String? {
    let candidates = numbers.withLock { numbers in
      let all = numbers ?? numbersOfItems
      numbers = all
      return all.numbers(of: identity.hash)
    }
    return candidates.lazy.map { self.items[$0].source.path }
      .first { FileStatus(of: $0)?.identity == identity }
  }

  private var numbersOfItems: NameIndex {
    var numbers = NameIndex()
    for (index, item) in items.enumerated() {
      guard let status = FileStatus(of: item.source.path) else { continue }
      numbers.append(status.identity.hash, index)
    }
    numbers.sort()
    return numbers
  }
}

extension FileStatus.Identity {
  /// The same for the same file.
  fileprivate var hash: UInt64 {
    // Neighbours on the disk have neighbouring numbers: those of two devices are kept apart.
    (UInt64(device) &* 0x9E37_79B1_85EB_CA87) ^ UInt64(number)
  }
}
