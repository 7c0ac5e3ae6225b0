import Testing

@testable import TesseraEngine

/// Memory that is lent and given back: what is lent anew, and what is given up.
struct ScratchPoolTests {
  private func address(_ loan: ScratchPool.Loan) -> Int { Int(bitPattern: loan.base) }

  /// Lends all sizes at once, gives them back, and tells where each was.
  private func fill(_ pool: ScratchPool, _ sizes: [Int]) -> [Int] {
    let loans = sizes.map(pool.loan)
    return withExtendedLifetime(loans) { loans.map(address) }
  }

  /// Lends all sizes at once, leaves a mark in each, and gives them back.
  private func mark(_ pool: ScratchPool, _ sizes: [Int]) {
    let loans = sizes.map(pool.loan)
    for loan in loans { loan.base.storeBytes(of: 7, as: UInt8.self) }
  }

  @Test("Of the memory that waits, the smallest that suits is lent")
  func smallest() {
    let pool = ScratchPool()
    let places = fill(pool, [300_000, 100_000, 200_000])
    let loans = [150_000, 90_000, 250_000].map(pool.loan)
    #expect(loans.map(address) == [places[2], places[1], places[0]])
    withExtendedLifetime(loans) {}
  }

  @Test("Much larger memory than is asked for is not lent, but for small amounts")
  func tooLarge() {
    let pool = ScratchPool()
    let places = fill(pool, [400_000, 60_000])
    let (large, tiny) = (pool.loan(byteCount: 100_000), pool.loan(byteCount: 10))
    #expect(address(large) == places[0] && address(tiny) == places[1])
    let other = ScratchPool()
    let place = fill(other, [400_004])[0]
    let (less, whole) = (other.loan(byteCount: 100_000), other.loan(byteCount: 400_004))
    #expect(address(less) != place && address(whole) == place)
    withExtendedLifetime((large, tiny, less, whole)) {}
  }

  @Test("Memory that waits is given up for new memory, the largest first, beyond 2 MiB of it")
  func idle() {
    let (large, small) = (3_000_000, 1_000_000)
    let pool = ScratchPool()
    mark(pool, [large, large, large, small, small, small])
    // 12 MB were lent at once: beside 11.9 and with 2 MiB more, two of the small ones may wait.
    let other = pool.loan(byteCount: 11_900_000)
    // New memory is 0.
    let loans = [small, small, small, large].map(pool.loan)
    #expect(loans.map { $0.base.load(as: UInt8.self) } == [7, 7, 0, 0])
    withExtendedLifetime((other, loans)) {}
  }
}
