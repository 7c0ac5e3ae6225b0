import Foundation
import Testing

/// What `--memory` takes, and what it then allows.
@Suite struct MemoryTests {
  /// Amounts by the power of 1024 that they count in.
  private static let units: [(String, Int)] = [
    ("", 0), ("b", 0), ("B", 0), ("k", 1), ("K", 1), ("kb", 1), ("KB", 1), ("kB", 1), ("kib", 1),
    ("KiB", 1), ("m", 2), ("M", 2), ("mb", 2), ("MB", 2), ("MiB", 2), ("mib", 2), ("g", 3),
    ("G", 3),
    ("gb", 3), ("GB", 3), ("GiB", 3), ("t", 4), ("T", 4), ("tb", 4), ("TB", 4), ("TiB", 4),
  ]

  /// A number of bytes in a unit, with all of its digits.
  private static func amount(_ byteCount: Int, power: Int, unit: String) -> String {
    let value = Double(byteCount) / pow(1024, Double(power))
    return String(format: "%.\(10 * power)f", value) + unit
  }

  @Test(
    "An amount in any unit lets in what needs exactly so much, and not a byte more",
    arguments: units)
  func unit(_ unit: String, _ power: Int) throws {
    let bench = try Workbench(["a.npy"])
    let plan = try #require(try bench.run("--dry-run", "--json").json)
    let input = try #require((plan["inputs"] as? [[String: Any]])?.first)
    let need = try #require(input["memory_bytes"] as? Int)
    let less = Self.amount(need - 1, power: power, unit: unit)
    let refused = try bench.run("--memory", less)
    #expect(refused.status == 65 && refused.errors.contains("failed (memory)"), "\(less)")
    #expect(try bench.contents() == [:])
    let enough = Self.amount(need, power: power, unit: unit)
    let outcome = try bench.run("--memory", enough)
    #expect(outcome.status == 0, "\(enough): \(outcome.errors)")
    #expect(try bench.contents().count == 1)
  }

  @Test(
    "Amounts have a value above zero, digits, at most one dot, and a unit or none",
    arguments: [
      "", "0", "0.0G", "-1", "-1G", "+1G", "G", "b", "ib", "1ib", "1Ki", "1kk", "1kbb", "1kibb",
      "1 G", " 1G", "1G ", "1.2.3G", ".", ".G", "1,5G", "1e9", "0x10", "inf", "nan", "infG", "1P",
      "1PiB",
      "1E", "1Gig", "1bit", "lots", "0.5", "0.5b", "0.0009K", "1000000000000000000",
      "999999999999999999999", "910000T", "1e400", "\u{663}G", "\u{BD}G",
    ])
  func refused(_ amount: String) throws {
    let bench = try Workbench(["a.npy"])
    let outcome = try bench.run("--memory=\(amount)")
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.contains("--memory"))
    #expect(bench.folder.files(in: "out") == [])
  }

  @Test(
    "The largest and the smallest amounts are amounts",
    arguments: ["909494T", "900000000000000000", "1.5G", "1.G", ".5G", "007G", "1b"])
  func accepted(_ amount: String) throws {
    let bench = try Workbench(["a.npy"])
    // A single byte is an amount; no image fits it.
    #expect(try bench.run("--memory", amount).status == (amount == "1b" ? 65 : 0))
  }

  @Test("An amount is what images in work take together: those that fit alone come one by one")
  func oneByOne() throws {
    let names = (0..<12).map { "\($0 + 10).npy" }
    let bench = try Workbench(names)
    try bench.write("large.npy", seed: 3, height: 300, width: 300)
    let plan = try #require(try bench.run("--dry-run", "--json").json)
    let needs = try #require(plan["inputs"] as? [[String: Any]]).compactMap {
      $0["memory_bytes"] as? Int
    }
    let small = try #require(needs.min())
    #expect(needs.filter { $0 == small }.count == 12)
    let outcome = try bench.run("--memory", "\(small)", "--jobs", "4")
    #expect(outcome.status == 65)
    #expect(try bench.sources("ok") == names)
    let line = try #require(try bench.folder.report().last)
    #expect(line.source == "large.npy" && line.failureKind == "memory")
    #expect(line.failureMessage?.contains("--memory allows") == true)
  }
}
