import Foundation
import Glibc
import Testing

/// Threads that the system gives, and those that it does not.
@Suite struct ThreadTests {
  /// The processors that this process may run on.
  private static func processors() throws -> [Int] {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let list = try #require(status.firstMatch(of: /Cpus_allowed_list:\s*(\S+)/)).1
    return list.split(separator: ",").flatMap { part in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      return ends.count == 2 ? Array(ends[0]...ends[1]) : ends
    }
  }

  @Test("Unless it is told, a run works on as many images as it may use processors")
  func processors() throws {
    let bench = try Workbench([])
    // From 4 megapixels on the memory of a plan tells how many threads there are.
    try bench.write("large.npy", seed: 1, height: 2000, width: 2000)
    func memory(_ arguments: [String], on processors: [Int]) throws -> Int {
      let list = processors.map(String.init).joined(separator: ",")
      let outcome = try Command.run(
        ["run", "copy.json", "--dry-run", "--json"] + arguments, in: bench.folder.path,
        through: ["taskset", "-c", list])
      let input = (outcome.json?["inputs"] as? [[String: Any]])?.first
      return try #require(input?["memory_bytes"] as? Int, "\(outcome.errors)")
    }
    let all = try Self.processors()
    for count in Set([1, min(2, all.count), all.count]) {
      let some = Array(all.prefix(count))
      #expect(try memory([], on: some) == memory(["--jobs", "\(count)"], on: all), "\(count)")
    }
    #expect(try memory(["--jobs", "1"], on: all) < memory(["--jobs", "2"], on: all))
  }

  @Test("Before there are threads, the allocator is told to keep no large blocks")
  func largeBlocks() throws {
    let bench = try Workbench()
    let library = try FaultyCalls.build(
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <malloc.h>
      #include <stdio.h>
      #include <stdlib.h>
      int mallopt(int name, int value) {
        FILE *log = fopen(getenv("ALLOCATOR_LOG"), "a");
        fprintf(log, "%d %d\\n", name, value);
        fclose(log);
        return ((int (*)(int, int))dlsym(RTLD_NEXT, "mallopt"))(name, value);
      }
      """, in: bench.folder)
    let log = bench.folder.path("allocator")
    let outcome = try Command.run(
      ["run", "copy.json"], in: bench.folder.path,
      environment: ["LD_PRELOAD": library, "ALLOCATOR_LOG": log])
    #expect(outcome.status == 0, "\(outcome.errors)")
    // From 2 MiB on they are mapped, and no more than twice that is kept at the end of an arena.
    let (mapped, kept) = (-3, -1)
    #expect(
      try String(contentsOfFile: log, encoding: .utf8)
        == "\(mapped) \(2 << 20)\n\(kept) \(4 << 20)\n")
  }

  /// Whether a process may ask for stacks of any size.
  static var mayEnlargeStacks: Bool {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit)
    return geteuid() == 0 || limit.rlim_max == .max
  }

  @Test(
    "Where the system starts no thread, the run's own does all the work",
    .enabled(if: mayEnlargeStacks))
  func noThreads() throws {
    let bench = try Workbench((0..<7).map { "\($0).npy" })
    #expect(try bench.run("--jobs", "1").status == 0)
    let expected = try bench.contents()
    // Stacks as large as this limit do not fit into the memory of a process.
    let shell = ["sh", "-c", #"ulimit -s 1000000000000 && exec "$@""#, "sh"]
    for jobs in ["1", "4"] {
      let outcome = try bench.run("--jobs", jobs, "--overwrite", "--output", jobs, through: shell)
      #expect(outcome.status == 0 && outcome.errors.contains("7 done"), "\(outcome.errors)")
      for (name, bytes) in expected { #expect(try bench.folder.bytes("\(jobs)/\(name)") == bytes) }
    }
    #expect(expected.count == 7)
  }

  @Test(
    "Whichever thread the system does not start, alone or with all after it, all is done",
    arguments: ["1", "2", "5"])
  func missingThread(_ jobs: String) throws {
    let names = (0..<7).map { "\($0).npy" }
    let bench = try Workbench(names)
    let whole = try names.map { try bench.folder.bytes("in/\($0)") }
    let log = bench.folder.path("log")
    let arguments = ["run", "copy.json", "--jobs", jobs, "--overwrite"]
    let counted = try Command.run(
      arguments, in: bench.folder.path,
      environment: FaultyCalls.environment(below: "out", log: log))
    #expect(counted.status == 0)
    let count = try FaultyCalls.calls(in: log).count { $0.name == "pthread_create" }
    #expect(count >= 2)
    for first in 0...count {
      let numbers = first == 0 ? [[0]] : [[first], Array(first...count + 2)]
      for numbers in numbers {
        try FileManager.default.removeItem(atPath: bench.folder.path("out"))
        let faults = numbers.map {
          FaultyCalls.Fault(call: "pthread_create", number: $0, code: EAGAIN)
        }
        // Whoever waits for a thread that there is not would wait for ever.
        let outcome = try Command.run(
          arguments, in: bench.folder.path,
          environment: FaultyCalls.environment(faults, below: "out"),
          through: ["timeout", "--signal=KILL", "120"])
        #expect(outcome.status == 0, "\(numbers) \(outcome.status) \(outcome.errors)")
        for (name, bytes) in zip(names, whole) {
          #expect((try? bench.folder.bytes("out/\(name)")) == bytes, "\(numbers) \(name)")
        }
      }
    }
  }
}
