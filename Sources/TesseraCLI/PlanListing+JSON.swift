import Tessera
import TesseraBatch
import TesseraConfiguration

/// The listing for programs.
extension PlanListing {
  static func entry(of outcome: PlannedOutcome) -> JSONValue {
    switch outcome {
    case .planned(let input, let plan):
      return input.told(with: [
        "status": "planned",
        "outputs": JSONValue(.array(plan.allOutputs.map { JSONValue(.string($0)) })),
        "existing": JSONValue(.array(plan.comparedOutputs.map { JSONValue(.string($0)) })),
        "output_bytes": plan.outputByteCount.map(JSONValue.integer) ?? JSONValue(.null),
        "memory_bytes": .integer(plan.memoryByteCount),
        "plan": JSONValue(.string(plan.summary)),
      ])
    case .done(let input):
      return input.told(with: ["status": "done"])
    case .failed(let input, let failure):
      return input.told(with: [
        "status": "failed",
        "error": [
          "kind": JSONValue(.string(failure.kind.rawValue)),
          "message": JSONValue(.string(failure.message(for: .command))),
        ],
      ])
    }
  }

  var totalsForPrograms: JSONValue {
    [
      "counts": [
        "total": .integer(count), "planned": .integer(plannedCount),
        "skipped": .integer(doneCount), "failed": .integer(failedCount),
        "ignored": .integer(ignoredCount), "special_files": .integer(specialFiles.count),
      ],
      "errors": JSONValue(.array(errorEntries.map(\.json))),
      "warnings": JSONValue(.array(warnings.map { JSONValue(.string($0)) })),
      "special_files": JSONValue(.array(specialFiles.kept.map(\.json))),
      "exit_status": .integer(Int(exitStatus.rawValue)),
    ]
  }
}

extension PlannedInput {
  /// Everything that would be written, also what others are in.
  var allOutputs: [String] { outputs + sharedOutputs }
}

extension Item {
  /// An object that says which item it is about, and more.
  fileprivate func told(with members: JSONValue) -> JSONValue {
    let itself =
      [JSONMember("source", JSONValue(.string(name)))]
      + (view.map { [JSONMember("view", .integer($0))] } ?? [])
    return JSONValue(.object(itself + (members.members ?? [])))
  }
}
