import TesseraFiles
import TesseraThreads

/// The inputs of a run as files, looked up once something might be written over one.
final class InputIdentities: Sendable {
  private let items: ItemList
  private let numbers = LazyNameIndex()

  private let jobs: Int

  /// Takes the items of a run that may have some threads.
  init(_ items: ItemList, jobs: Int) {
    self.items = items
    self.jobs = jobs
  }

  /// The path of the input that a file is; `nil` where it is none.
  func input(_ identity: FileStatus.Identity) -> String? {
    numbers.numbers(of: identity.hash) { numbersOfItems }.lazy.map { self.items[$0].source.path }
      .first { FileStatus(of: $0)?.identity == identity }
  }

  private var numbersOfItems: NameIndex {
    let all = Locked(NameIndex(reserving: items.count))
    Workers.run(jobs, piecesBelow: items.count) { [items] piece in
      var numbers = NameIndex()
      for index in piece {
        guard let status = FileStatus(of: items[index].source.path) else { continue }
        numbers.append(status.identity.hash, index)
      }
      all.withLock { $0.append(numbers) }
    }
    return all.withLock { numbers in
      numbers.sort()
      return numbers
    }
  }
}

extension FileStatus.Identity {
  /// The same for the same file.
  fileprivate var hash: UInt64 {
    // Neighbours on the disk have neighbouring numbers: those of two devices are kept apart.
    (UInt64(device) &* 0x9E37_79B1_85EB_CA87) ^ UInt64(number)
  }
}
