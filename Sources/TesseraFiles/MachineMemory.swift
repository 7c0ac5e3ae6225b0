import Glibc
import TesseraCore

/// The memory that this process may take, and what sets the bound.
package struct MachineMemory: Hashable, Sendable {
  /// What sets a bound.
  package enum Bound: Hashable, Sendable {
    /// The memory of the machine, with what it may swap out.
    case machine
    /// The control group of the process, or one above it.
    case controlGroup
    /// The address space of the process: `ulimit -v`.
    case addressSpace
    /// The data of the process: `ulimit -d`.
    case data
  }

  /// What sets the bound.
  package let bound: Bound
  /// The bound itself [bytes].
  package let byteCount: Int
  /// What the process took of it when it was asked for: programs have an address space before they
  /// have an image [bytes].
  package let heldByteCount: Int

  package init(_ bound: Bound, byteCount: Int, heldByteCount: Int = 0) {
    self.bound = bound
    self.byteCount = byteCount
    self.heldByteCount = heldByteCount
  }

  /// What is left for images [bytes].
  package var freeByteCount: Int { max(byteCount - heldByteCount, 0) }

  /// Whether the process has its addresses counted, whether it uses them or not.
  package static var countsAddresses: Bool {
    all().contains { [.addressSpace, .data].contains($0.bound) }
  }

  /// The tightest of the bounds when it was asked for first.
  package static let current = tightest()

  /// The tightest of the bounds; `nil` where the system tells of none.
  ///
  /// - Parameter root: where the folders `proc` and `sys` are.
  /// - Returns: the bound that leaves the least for images.
  package static func tightest(root: String = "") -> MachineMemory? {
    all(root: root).min { $0.freeByteCount < $1.freeByteCount }
  }

  /// Every bound that the system tells of.
  package static func all(root: String = "") -> [MachineMemory] {
    let process = figures(in: root + "/proc/self/status")
    let limits = ControlGroups(root: root).limits.map {
      MachineMemory(.controlGroup, byteCount: $0, heldByteCount: process["VmRSS"] ?? 0)
    }
    return machine(root: root) + limits
      + limit(__rlimit_resource_t(RLIMIT_AS.rawValue), .addressSpace, held: process["VmSize"])
      + limit(__rlimit_resource_t(RLIMIT_DATA.rawValue), .data, held: process["VmData"])
  }

  private static func machine(root: String) -> [MachineMemory] {
    let figures = figures(in: root + "/proc/meminfo")
    guard let total = figures["MemTotal"] else { return [] }
    return [
      MachineMemory(.machine, byteCount: total.saturating(plus: figures["SwapTotal"] ?? 0))
    ]
  }

  private static func limit(
    _ resource: __rlimit_resource_t, _ bound: Bound, held: Int?
  ) -> [MachineMemory] {
    var limit = rlimit()
    // "Unlimited" is a number that no `Int` holds.
    guard getrlimit(resource, &limit) == 0,
      let byteCount = Int(exactly: limit.rlim_cur)
    else { return [] }
    return [MachineMemory(bound, byteCount: byteCount, heldByteCount: held ?? 0)]
  }

  /// The figures of a file of lines such as `MemTotal: 24058868 kB`, in bytes.
  private static func figures(in path: String) -> [String: Int] {
    var figures: [String: Int] = [:]
    for line in SystemText.lines(of: path) {
      let words = line.split { $0 == " " || $0 == "\t" || $0 == ":" }
      guard words.count == 3, words[2] == "kB", let value = Int(words[1]) else { continue }
      figures[String(words[0])] = value.saturating(times: 1024)
    }
    return figures
  }
}

extension MachineMemory: CustomStringConvertible {
  /// The bound in words: `the machine has 24.6 GB`.
  package var description: String {
    switch bound {
    case .machine: "the machine has \(byteCount.inBytes)"
    case .controlGroup: "its control group (cgroup) is allowed \(byteCount.inBytes)"
    case .addressSpace: "the process is allowed \(byteCount.inBytes) (ulimit -v)"
    case .data: "the process is allowed \(byteCount.inBytes) (ulimit -d)"
    }
  }
}

/// Short texts that the system makes up when they are read.
enum SystemText {
  /// The lines of a file; none where it cannot be read.
  static func lines(of path: String) -> [Substring] {
    guard let file = try? OpenFile(path, flags: O_RDONLY) else { return [] }
    var bytes: [UInt8] = []
    do throws(FileError) {
      // Nobody needs more of them.
      try file.forEachPiece(of: 1 << 16, until: { bytes.count >= 1 << 20 }) {
        bytes.append(contentsOf: $0)
      }
    } catch {
      return []
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
