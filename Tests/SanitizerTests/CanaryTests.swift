import CTesseraCodecs
import Glibc
import TesseraEngine
import TesseraKernels
import TesseraThreads
import Testing

/// Faults that a sanitizer must report.
///
/// `Scripts/sanitize.sh` asks for one of them at a time and fails unless it was reported: a run that
/// finds nothing counts only where it could have found something. There is one for each way in which
/// code is compiled: Swift, kernels, which are optimised in every build, and C. Nobody else runs them.
@Suite struct CanaryTests {
  static func asks(for canary: String) -> Bool {
    getenv("TESSERA_CANARY").map { String(cString: $0) } == canary
  }

  /// A counter that nothing guards.
  final class Unguarded<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) { self.value = value }
  }

  /// Two threads that know nothing of each other.
  static func together(_ work: @escaping @Sendable () -> Void) {
    Workers.run(2, work, attend: {})
  }

  @Test("Swift code reads past its memory", .enabled(if: asks(for: "overflow-swift")))
  func swiftOverflow() {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 16)
    defer { bytes.deallocate() }
    bytes.initialize(repeating: 1, count: 16)
    #expect((0..<17).reduce(0) { $0 + Int(bytes[$1]) } > 0)
  }

  @Test("A kernel writes past its memory", .enabled(if: asks(for: "overflow-kernel")))
  func kernelOverflow() throws {
    let kernels = try KernelSet.selected()
    let source = [UInt8](repeating: 1, count: 1000)
    let floats = UnsafeMutablePointer<Float>.allocate(capacity: source.count - 1)
    defer { floats.deallocate() }
    kernels.widenU8(source, floats, source.count)
    #expect(floats[0] == 1)
  }

  @Test("C code reads past its memory", .enabled(if: asks(for: "overflow-c")))
  func shimOverflow() {
    // Too small for a reader's buffer by all but its first fields.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: 16)
    var byte: UInt8 = 0
    _ = tsr_input_read(memory.assumingMemoryBound(to: tsr_input.self), &byte, 1)
  }

  @Test("Two threads count without a lock", .enabled(if: asks(for: "race-swift")))
  func swiftRace() {
    let count = Unguarded(0)
    Self.together { for _ in 0..<1000 { count.value += 1 } }
    #expect(count.value > 0)
  }

  @Test("Two threads fill one row with a kernel", .enabled(if: asks(for: "race-kernel")))
  func kernelRace() throws {
    let kernels = try KernelSet.selected()
    let floats = Unguarded([Float](repeating: 0, count: 1000))
    floats.value.withUnsafeMutableBufferPointer { floats in
      let row = Unguarded(floats.baseAddress)
      Self.together {
        let source = [UInt8](repeating: 1, count: 1000)
        if let row = row.value { kernels.widenU8(source, row, source.count) }
      }
    }
    #expect(floats.value[0] == 1)
  }

  @Test("Two threads write with one C writer", .enabled(if: asks(for: "race-c")))
  func shimRace() {
    let output = UnsafeMutablePointer<tsr_output>.allocate(capacity: 1)
    defer { output.deallocate() }
    memset(output, 0, MemoryLayout<tsr_output>.size)
    let shared = Unguarded(output)
    Self.together {
      let bytes: [UInt8] = [1, 2, 3]
      for _ in 0..<1000 { _ = tsr_output_write(shared.value, bytes, bytes.count) }
    }
    #expect(output.pointee.count > 0)
  }
}
