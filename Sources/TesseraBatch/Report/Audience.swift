/// Whom a sentence advises: both know the same settings, under other names.
package enum Audience: Sendable {
  /// A program that calls the library.
  case program
  /// Somebody who types a command.
  case command
  /// Somebody who types one of those that work on plans, where nothing is replaced.
  case plan

  /// How outputs that exist come to be replaced, or others to be written.
  func wayPastExisting(inStateFolder: Bool = false) -> String {
    switch self {
    case .program: "allow overwriting to replace it, or " + wayOut(ofStateFolder: inStateFolder)
    case .command: "use --overwrite to replace it, or " + wayOut(ofStateFolder: inStateFolder)
    case .plan: "move it, and run again"
    }
  }

  /// The same of a file that lies in the place of a run's own.
  func wayPastOther(inStateFolder: Bool = false) -> String {
    let way = wayPastExisting(inStateFolder: inStateFolder)
    return self == .plan ? way : "move it, " + way
  }

  /// What can be done where nothing may be replaced.
  func wayPastImmovable(inStateFolder: Bool = false) -> String {
    let other = wayOut(ofStateFolder: inStateFolder)
    return switch self {
    case .program: "move it, or \(other)"
    case .command: "move it, or give \(other)"
    case .plan: "move it, and run again"
    }
  }

  private func wayOut(ofStateFolder isState: Bool) -> String {
    switch self {
    case .program: isState ? "keep the records in another folder" : "write to another folder"
    case .command, .plan: isState ? "another --state" : "another --output"
    }
  }

  /// What says where outputs go in place of the pipeline.
  package var outputFolder: String {
    switch self {
    case .program: "an output folder of the run"
    case .command, .plan: "--output"
    }
  }

  /// What sets the limit of memory.
  var memoryLimit: String {
    switch self {
    case .program: "the run's limit"
    case .command, .plan: "--memory"
    }
  }

  /// What lets a run go on without a lock.
  var withoutLock: String {
    switch self {
    case .program: "give up the lock in the options of the run"
    case .command, .plan: "add --no-lock"
    }
  }

  /// What lets shards be put together whose outputs are not there.
  var withoutOutputs: String {
    switch self {
    case .program: "do not look for them"
    case .command, .plan: "merge with --no-check"
    }
  }

  /// A change of one value of the pipeline, such as `stages[1].name=a.png`.
  func change(_ text: String) -> String {
    switch self {
    case .program: text
    case .command, .plan: "--set '\(text)'"
    }
  }
}
