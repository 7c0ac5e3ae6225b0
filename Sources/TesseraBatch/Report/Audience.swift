/// Whom a sentence advises: both know the same settings, under other names.
package enum Audience: Sendable {
  /// A program that calls the library.
  case program
  /// Somebody who types a command.
  case command

  /// How outputs that exist come to be replaced, or others to be written.
  var wayPastExisting: String {
    switch self {
    case .program: "allow overwriting to replace it, or write to another folder"
    case .command: "use --overwrite to replace it, or another --output"
    }
  }

  /// What sets the limit of memory.
  var memoryLimit: String {
    switch self {
    case .program: "the run's limit"
    case .command: "--memory"
    }
  }

  /// A change of one value of the pipeline, such as `stages[1].name=a.png`.
  func change(_ text: String) -> String {
    switch self {
    case .program: text
    case .command: "--set '\(text)'"
    }
  }
}
