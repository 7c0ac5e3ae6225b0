import Foundation
import Testing

/// Memory that a folder takes for its files alone.
@Suite(.serialized) struct ManyFilesTests {
  /// Peaks of a first run, a repeated one and a dry run of so many tiny arrays [bytes].
  private static func peaks(of count: Int) throws -> [Int] {
    let folder = try TemporaryFolder()
    for number in 0..<count {
      try folder.write(Workbench.array(seed: number, height: 1, width: 1), to: "in/\(number).npy")
    }
    try folder.write(pipeline(encode: #""format": "npy""#), to: "row.json")
    let arguments = [
      "run", "row.json", "--input", "in", "--output", "out", "--jobs", "1", "--quiet",
    ]
    return try [[], [], ["--dry-run"], ["--dry-run", "--json"]].map {
      let (outcome, peak) = try Command.peak(arguments + $0, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return peak
    }
  }

  @Test("Ten thousand more files take a few hundred bytes each, and no run keeps what it tells")
  func growth() throws {
    let (few, many) = (try Self.peaks(of: 500), try Self.peaks(of: 10_500))
    for (few, many) in zip(few, many) {
      // With what the system takes in pages, and differs by from run to run.
      #expect(many - few < 5_000_000, "\(few) \(many)")
    }
  }
}
