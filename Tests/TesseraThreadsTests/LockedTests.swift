import Testing

@testable import TesseraThreads

struct LockedTests {
  @Test("no change is lost, whoever makes it", arguments: [2, 8])
  func changes(threads: Int) {
    let sum = Locked(0)
    Workers.run(threads, { for _ in 0..<20_000 { sum.withLock { $0 += 1 } } }, attend: {})
    #expect(sum.withLock { $0 } == threads * 20_000)
  }

  @Test("what throws under the lock lets it go")
  func thrown() {
    let value = Locked(1)
    #expect(throws: Cancelled.self) {
      try value.withLock { value in
        value = 2
        throw Cancelled()
      }
    }
    #expect(value.withLock { $0 } == 2)
  }

  @Test("threads that are lent come back, and one is lent in any case")
  func permits() throws {
    let permits = Permits(3)
    let taken = permits.withThreads(upTo: 2) { first in
      [first]
        + permits.withThreads(upTo: 5) { second in
          [second, permits.withThreads(upTo: 5) { $0 }]
        }
    }
    #expect(taken == [2, 1, 1])
    #expect(throws: Cancelled.self) { try permits.withThreads(upTo: 3) { _ in throw Cancelled() } }
    #expect(permits.withThreads(upTo: 9) { $0 } == 3)
  }
}
