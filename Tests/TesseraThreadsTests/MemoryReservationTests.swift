import Testing

@testable import TesseraThreads

/// What the allocator does with large blocks.
struct MemoryReservationTests {
  /// Whether a block of glibc is mapped by itself: the word before it holds its size and three flags.
  private func isMapped(_ block: UnsafeMutableRawPointer) -> Bool {
    (block - MemoryLayout<UInt>.size).load(as: UInt.self) & 2 != 0
  }

  @Test("Large blocks are mapped by themselves, whatever was freed before")
  func largeBlocks() {
    MemoryReservation.mapLargeBlocks()
    for byteCount in [24 << 20, 16 << 20, 3 << 20] {
      let block = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
      block.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount)
      #expect(isMapped(block), "\(byteCount)")
      block.deallocate()
    }
  }
}
