import CTesseraCPU
import Glibc

/// Asks the system for memory before anything depends on it.
package enum MemoryReservation {
  /// Whether the system would give so much memory now.
  ///
  /// It is given back at once, untouched. What the system promises to several processes, and may not
  /// be able to keep, no reservation tells.
  package static func isPossible(_ byteCount: Int) -> Bool {
    guard byteCount > 0 else { return true }
    let memory = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return false }
    munmap(memory, byteCount)
    return true
  }

  /// Gives freed memory back to the system, as far as the allocator has kept it.
  package static func giveBackFreed() { tessera_give_back_memory() }

  /// Has all threads share one arena of the allocator where addresses are scarce.
  package static func saveAddresses() { tessera_limit_arenas(1) }

  /// Has large blocks go back to the system as soon as they are freed, whichever thread frees them.
  package static func mapLargeBlocks() { tessera_map_blocks(2 << 20) }
}
