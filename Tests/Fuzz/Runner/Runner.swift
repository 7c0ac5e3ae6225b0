import CFuzzer
import FuzzTargets
import Glibc

/// A fuzzer of libFuzzer's; TESSERA_FUZZ names its target.
///
/// Arguments are libFuzzer's own: it starts itself again with the same ones.
@main struct Runner {
  /// What inputs are given to.
  private enum Subject {
    case target(FuzzTarget)
    /// A fault that must be found.
    case canary
  }

  /// Read once: libFuzzer's callback has no context.
  private static let subject: Subject? = getenv("TESSERA_FUZZ").flatMap { name in
    let name = String(cString: name)
    return name == "canary" ? .canary : FuzzTarget(rawValue: name).map { .target($0) }
  }

  static func main() {
    guard subject != nil else {
      let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
      tell("TESSERA_FUZZ names no target: expected one of \(names)")
      exit(64)
    }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    let status = LLVMFuzzerRunDriver(&count, &arguments) { data, count in
      Runner.take(Array(UnsafeBufferPointer(start: data, count: count)))
      return 0
    }
    exit(status)
  }

  /// Writes a line to standard error, where libFuzzer writes.
  private static func tell(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }

  private static var threadCount: Int {
    var status = stat()
    return stat("/proc/self/task", &status) == 0 ? Int(status.st_nlink) : 0
  }

  /// Waits until threads have ended whose work is done: what one of them is just letting go of would be
  /// taken for a leak.
  private static func awaitThreads(downTo count: Int) {
    var looks = 0
    while threadCount > count, looks < 10_000 {
      usleep(100)
      looks += 1
    }
  }

  private static func take(_ bytes: [UInt8]) {
    let count = threadCount
    defer { awaitThreads(downTo: count) }
    switch subject {
    case .target(let target):
      do {
        try target.run(bytes)
      } catch {
        // What libFuzzer takes for a crash: it keeps the input.
        tell("broken: \(error)")
        abort()
      }
    case .canary: overflow(bytes)
    case nil: break
    }
  }

  /// Reads a byte behind its memory where the input begins with four bytes.
  private static func overflow(_ bytes: [UInt8]) {
    guard bytes.count > 3, bytes[0] == UInt8(ascii: "t"), bytes[1] == UInt8(ascii: "e"),
      bytes[2] == UInt8(ascii: "s"), bytes[3] == UInt8(ascii: "s")
    else { return }
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
    defer { memory.deallocate() }
    memory.initialize(from: bytes, count: bytes.count)
    if memory[bytes.count] == 255 { tell("no fault") }
  }
}
