import Foundation
import Glibc
import Testing

/// The command as it was built beside the tests.
enum Command {
  /// How a command ended, and what it said.
  struct Outcome {
    /// The exit status; 128 and the signal's number where a signal ended it.
    var status: Int32
    var output: String
    var errors: String

    /// The whole of standard output as JSON.
    var json: [String: Any]? {
      (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any]
    }

    /// Whether a trap or a signal ended it rather than a decision.
    var hasCrashed: Bool {
      let signs = ["Fatal error", "Stack dump", "Backtrace", "Illegal instruction", "*** "]
      return status >= 128 || status == 70 || signs.contains { errors.contains($0) }
    }
  }

  /// Why a command did not start.
  struct StartError: Error { var code: Int32 }

  /// Runs it to its end.
  static func run(
    _ arguments: [String], in folder: String = "/", input: String? = nil,
    environment: [String: String] = [:], through wrapper: [String] = []
  ) throws -> Outcome {
    try Running(
      arguments, in: folder, input: input, environment: environment, through: wrapper
    ).wait()
  }

  /// Runs it to its end, and tells how many bytes it held in memory when they were the most.
  ///
  /// A child takes over the peak of the process that starts it: `time` stands between, which is small.
  static func peak(
    _ arguments: [String], in folder: TemporaryFolder
  ) throws -> (outcome: Outcome, byteCount: Int) {
    let time = ["time", "-q", "-f", "%M", "-o", folder.path("peak")]
    let outcome = try Running(arguments, in: folder.path, through: time).wait()
    let text = String(decoding: try folder.bytes("peak"), as: UTF8.self)
    guard let kibibytes = Int(text.dropLast()) else { throw StartError(code: outcome.status) }
    return (outcome, kibibytes * 1024)
  }

  /// Where it is.
  static let path: String = {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("tessera").path
  }()
}

/// A command at work.
struct Running {
  let process: pid_t
  private let scratch: TemporaryFolder

  /// Starts the command; `wrapper` is what becomes the command once it has changed something of the
  /// process, such as `env --ignore-signal=INT`.
  init(
    _ arguments: [String], in folder: String, input: String? = nil,
    environment: [String: String] = [:], through wrapper: [String] = []
  ) throws {
    scratch = try TemporaryFolder()
    let stdin = input == nil ? "/dev/null" : try scratch.write(input ?? "", to: "input")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, stdin, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, scratch.path("output"), flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, scratch.path("errors"), flags, 0o600)

    // A shell that starts the tests in its background has signals ignored, and children inherit it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // `env` changes the folder and becomes the command: one process all the way.
    let line = ["env", "-C", folder] + wrapper + [Command.path] + arguments
    var words = line.map { strdup($0) } + [nil]
    var pairs = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for word in words + pairs { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/usr/bin/env", &actions, &attributes, &words, &pairs)
    guard code == 0 else { throw Command.StartError(code: code) }
    self.process = process
  }

  /// Waits until it has made a file, for half a minute at most.
  func waitUntilThere(is path: String) throws {
    for _ in 0..<30_000 where access(path, F_OK) != 0 { usleep(1000) }
    try #require(access(path, F_OK) == 0, "\(path) did not appear")
  }

  /// Waits for the end.
  func wait() throws -> Command.Outcome {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return Command.Outcome(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      output: String(decoding: try scratch.bytes("output"), as: UTF8.self),
      errors: String(decoding: try scratch.bytes("errors"), as: UTF8.self))
  }
}
