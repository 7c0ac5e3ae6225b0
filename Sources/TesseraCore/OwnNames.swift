/// How the files are called that runs make for themselves; no output has such a name.
package enum OwnNames {
  /// The report, in the folder of the outputs.
  package static let report = "report.jsonl"
  /// The records, in the folder of the outputs.
  package static let records = ".tessera-records"
  /// The lock, in the folder of the outputs.
  package static let lock = ".tessera-lock"
  /// How the names of files end that are being written.
  package static let partSuffix = ".tessera-part"

  /// Whether a file may be one of a run's own, wherever it is; a report is one in its place alone.
  package static func isReserved(_ name: some StringProtocol) -> Bool {
    name.hasPrefix(".tessera") || name.hasSuffix(partSuffix)
  }
}
