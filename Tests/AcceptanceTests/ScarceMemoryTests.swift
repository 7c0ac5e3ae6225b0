import Foundation
import Glibc
import Testing

/// Images, patches and arrays that need more memory than there is.
@Suite(.serialized) struct ScarceMemoryTests {
  /// Has the addresses of the process limited to so many KiB; each stack takes 8 MiB.
  private static func limitingAddresses(_ kibibytes: Int) -> [String] {
    ["sh", "-c", "ulimit -s 8192; ulimit -v \(kibibytes); exec \"$@\"", "sh"]
  }

  /// A file of zeros that takes no room on the disk.
  private func write(
    _ shape: [Int], _ descriptor: String, to name: String, in folder: TemporaryFolder
  )
    throws
  {
    let header = NPYFile.file(descriptor: descriptor, shape: shape)
    try folder.write(header, to: name)
    let size = shape.reduce(descriptor == "<f4" ? 4 : 1, *)
    try #require(truncate(folder.path(name), header.count + size) == 0)
  }

  /// Ways to need the memory of a whole image, which here is a TB and more.
  static let wholeImages = [
    (stages: [#"{ "stage": "normalize", "per_image": "minmax" }"#], encode: ""),
    (stages: [], encode: #", "dtype": "uint8", "range": "auto""#),
    (
      stages: [#"{ "stage": "pad", "amount": 1, "padding_mode": "circular" }"#], encode: ""
    ),
  ]

  @Test(
    "What the machine has no memory for fails by itself, with both figures, and is known before",
    arguments: wholeImages.indices)
  func machine(_ index: Int) throws {
    let way = Self.wholeImages[index]
    let bench = try Workbench(["a.npy", "c.npy"])
    try write([1, 1_000_000, 1_000_000], "|u1", to: "in/b.npy", in: bench.folder)
    try bench.writePipeline(
      load: #", "max_pixels": 1000000000000"#, way.stages, encode: way.encode)
    let plan = try bench.run("--dry-run")
    #expect(plan.status == 65, "\(plan.errors)")
    let outcome = try bench.run("--jobs", "2")
    #expect(outcome.status == 65 && !outcome.hasCrashed, "\(outcome.errors)")
    for errors in [plan.errors, outcome.errors] {
      #expect(
        errors.contains(#/b.npy: needs [0-9.]+ TB of memory, .+ [0-9.]+ [MGT]B/#), "\(errors)")
    }
    #expect(try bench.sources("failed") == ["b.npy"])
    #expect(try bench.sources("ok") == ["a.npy", "c.npy"])
    let report = try bench.folder.report()
    #expect(report.map(\.failureKind) == [nil, "memory", nil])
  }

  /// Pipelines that need much beside rows.
  static let greedy: [[String]] = [
    [
      #"{ "stage": "normalize", "per_image": "standardize" }"#,
      #"{ "stage": "convolve", "bank": { "name": "gaussian", "sigma": 3 }, "padding": "same" }"#,
    ],
    [
      #"{ "stage": "unfold", "kernel_size": 8, "stride": 8, "edge": "shift" }"#,
      #"{ "stage": "transform.standardize" }"#, #"{ "stage": "fold" }"#,
    ],
    [#"{ "stage": "pad", "amount": 700, "padding_mode": "circular" }"#],
  ]

  @Test(
    "However few addresses a process may have, inputs fail one by one and nothing crashes",
    arguments: greedy.indices)
  func addresses(_ index: Int) throws {
    let bench = try Workbench(["a.npy", "d.npy"])
    try write([3, 700, 900], "|u1", to: "in/b.npy", in: bench.folder)
    try write([3, 1900, 1800], "|u1", to: "in/c.npy", in: bench.folder)
    try bench.writePipeline(Self.greedy[index], encode: #", "dtype": "uint8", "range": "auto""#)
    let free = try bench.run("--jobs", "2")
    try #require(free.status == 0, "\(free.errors)")
    let whole = try bench.contents()
    var counts: [Int] = []
    for megabytes in [110, 170, 230, 330, 8000] {
      try FileManager.default.removeItem(atPath: bench.folder.path("out"))
      let outcome = try bench.run(
        "--jobs", "2", through: Self.limitingAddresses(megabytes * 1000))
      #expect([0, 65].contains(outcome.status) && !outcome.hasCrashed, "\(outcome.errors)")
      let report = try bench.folder.report()
      let failed = report.filter { $0.status == "failed" }
      #expect(failed.allSatisfy { $0.failureKind == "memory" }, "\(outcome.errors)")
      let done = try bench.sources("ok")
      #expect(done.count + failed.count == 4)
      let contents = try bench.contents()
      for name in done { #expect(contents[name] == whole[name], "\(name)") }
      counts.append(done.count)
    }
    #expect(counts.last == 4 && counts.contains { $0 < 4 }, "\(counts)")
  }

  @Test("Threads take no addresses of their own where addresses are counted")
  func arenas() throws {
    let bench = try Workbench([])
    for index in 0..<4 {
      try write([6, 1900, 2100], "|u1", to: "in/\(index).npy", in: bench.folder)
    }
    try bench.writePipeline(
      [#"{ "stage": "normalize", "per_image": "minmax" }"#])
    let outcome = try bench.run("--jobs", "4", through: Self.limitingAddresses(500_000))
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("An array of weights that does not fit is refused by its name and with both figures")
  func weights() throws {
    for (key, stages) in [
      ("weights", [#"{ "stage": "convolve", "weights": "big.npy" }"#]),
      (
        "weights",
        [
          #"{ "stage": "unfold", "kernel_size": 1 }"#,
          #"{ "stage": "transform.linear", "weights": "big.npy" }"#,
        ]
      ),
      ("bias", [#"{ "stage": "convolve", "weights": "w.npy", "bias": "big.npy" }"#]),
    ] {
      let bench = try Workbench(["a.npy"])
      try write([16_000, 16_000], "<f4", to: "big.npy", in: bench.folder)
      try write([3, 3], "<f4", to: "w.npy", in: bench.folder)
      try bench.writePipeline(stages)
      let outcome = try bench.run(through: Self.limitingAddresses(500_000))
      #expect(outcome.status == 78 && !outcome.hasCrashed, "\(outcome.errors)")
      #expect(
        outcome.errors.contains(
          "needs 1.0 GB of memory, the process is allowed 512.0 MB (ulimit -v)"),
        "\(outcome.errors)")
      #expect(outcome.errors.contains(key) && outcome.errors.contains("big.npy"))
    }
  }
}
