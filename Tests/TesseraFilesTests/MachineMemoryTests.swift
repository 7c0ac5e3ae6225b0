import TesseraTestSupport
import Testing

@testable import TesseraFiles

/// What bounds memory, in systems that are made of files.
struct MachineMemoryTests {
  private static let version1 = "36 24 0:31 / /groups/memory rw,nosuid - cgroup cgroup rw,memory\n"
  private static let version2 = "30 24 0:26 / /groups rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

  /// A system of which a test says some files.
  private func system(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("MemTotal:       8000000 kB\nSwapTotal:  0 kB\n", to: "proc/meminfo")
    for (path, text) in files { try folder.write(text, to: path) }
    return folder
  }

  /// A system, and the bound that it sets [kB].
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var files: [String: String]
    var bound: MachineMemory.Bound
    var kilobytes: Int
  }

  static let cases = [
    Case(testDescription: "no groups", files: [:], bound: .machine, kilobytes: 8_000_000),
    Case(
      testDescription: "swap", files: ["proc/meminfo": "MemTotal: 500 kB\nSwapTotal: 20 kB\n"],
      bound: .machine, kilobytes: 520),
    Case(
      testDescription: "own group of version 2",
      files: [
        "proc/self/mountinfo": version2, "proc/self/cgroup": "0::/a/b\n",
        "groups/a/b/memory.max": "1024000\n", "groups/a/memory.max": "max\n",
      ], bound: .controlGroup, kilobytes: 1000),
    Case(
      testDescription: "a group above of version 2",
      files: [
        "proc/self/mountinfo": version2, "proc/self/cgroup": "0::/a/b\n",
        "groups/a/b/memory.max": "max\n", "groups/a/memory.max": "2048000\n",
      ], bound: .controlGroup, kilobytes: 2000),
    Case(
      testDescription: "version 1, among others",
      files: [
        "proc/self/mountinfo": "31 24 0:27 / /groups/cpu rw - cgroup cgroup rw,cpu\n" + version1,
        "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/job/1\n0::/\n",
        "groups/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "groups/memory/job/memory.limit_in_bytes": "4096000\n",
        "groups/memory/job/1/memory.limit_in_bytes": "8192000\n",
      ], bound: .controlGroup, kilobytes: 4000),
    Case(
      testDescription: "a container that sees its own group as the uppermost",
      files: [
        "proc/self/mountinfo":
          "36 24 0:31 /docker/abc /groups/memory ro - cgroup cgroup rw,memory\n",
        "proc/self/cgroup": "4:memory:/docker/abc\n",
        "groups/memory/memory.limit_in_bytes": "1024000\n",
      ], bound: .controlGroup, kilobytes: 1000),
    Case(
      testDescription: "files of something else",
      files: [
        "proc/self/mountinfo": "nonsense\n1 2 3 - cgroup\n" + version2,
        "proc/self/cgroup": "no colons\n::\n0::/a\n", "groups/a/memory.max": "0\n",
      ], bound: .machine, kilobytes: 8_000_000),
  ]

  @Test(
    "The tightest bound is that of the machine or of a group, of either version", arguments: cases)
  func bounds(_ example: Case) throws {
    let folder = try system(example.files)
    let bounds = MachineMemory.all(root: folder.path).filter {
      $0.bound == .machine || $0.bound == .controlGroup
    }
    let tightest = try #require(bounds.min { $0.freeByteCount < $1.freeByteCount })
    #expect(tightest.bound == example.bound)
    #expect(tightest.byteCount == example.kilobytes * 1024)
  }

  @Test("What the process holds already is not free, and never less than nothing is")
  func held() {
    #expect(MachineMemory(.addressSpace, byteCount: 10, heldByteCount: 3).freeByteCount == 7)
    #expect(MachineMemory(.addressSpace, byteCount: 10, heldByteCount: 30).freeByteCount == 0)
  }

  @Test("A system that tells nothing sets no bound")
  func nothing() throws {
    let folder = try TemporaryFolder()
    let bounds = MachineMemory.all(root: folder.path)
    #expect(!bounds.contains { $0.bound == .machine || $0.bound == .controlGroup })
  }

  @Test("This system has some memory")
  func current() throws {
    #expect(try #require(MachineMemory.current).byteCount > 1 << 24)
  }
}
