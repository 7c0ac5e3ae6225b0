import Foundation
import Glibc
import Testing

@testable import TesseraThreads

/// How long waiting lasts, and what there is to run threads on.
@Suite struct WorkersTests {
  @Test("Who waits for part of a second hears of what comes meanwhile")
  func waiting() {
    // Together with the time that it is, 999 ms lead into the next second; but for one in a thousand.
    for _ in 0..<3 {
      let value = Monitor(0)
      let found = Locked<Int?>(nil)
      Workers.run(
        1, { found.withLock { $0 = value.wait(milliseconds: 59_999) { $0 == 0 ? nil : $0 } } },
        attend: { value.withLock { $0 = 7 } })
      #expect(found.withLock { $0 } == 7)
    }
  }

  @Test("Who waits in vain has nothing in the end")
  func inVain() {
    #expect(Monitor(0).wait(milliseconds: 1) { $0 == 0 ? nil : $0 } == nil)
    #expect(Monitor(5).wait(milliseconds: 0) { $0 == 0 ? nil : $0 } == 5)
  }

  @Test("As many processors count as the system lets this thread run on")
  func processors() throws {
    let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
    let list = try #require(status.firstMatch(of: /Cpus_allowed_list:\s*(\S+)/)).1
    let counts = list.split(separator: ",").map { part in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      return (ends.last ?? 0) - (ends.first ?? 0) + 1
    }
    #expect(Processors.count == counts.reduce(0, +))
  }
}
