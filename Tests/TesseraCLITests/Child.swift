import Glibc
import TesseraPipeline
import TesseraTestSupport

@testable import TesseraFiles

/// The built command, run as a process of its own.
struct Child {
  /// How a run ended.
  struct Outcome {
    /// The exit status; for a process that a signal ended, 128 and the signal's number.
    let status: Int32
    let output: String
    let errors: String
  }

  /// Where standard output goes.
  enum Output {
    case file
    /// A pipe whose reader has gone away.
    case closedPipe
  }

  private let process: pid_t
  private let folder: TemporaryFolder

  /// The executable beside the bundle of tests.
  static let executable = Path.join(
    Path.folder(of: link("/proc/self/exe")), "tessera")

  /// The top folder of the package.
  static let package = Path.absolute(Path.join(Path.folder(of: #filePath), "../.."))

  /// Starts the command.
  init(
    _ arguments: [String], input: String = "", in workingFolder: String = Child.package,
    output: Output = .file
  ) throws {
    // Files rather than pipes: a child that writes much never waits for us.
    folder = try TemporaryFolder()
    try folder.write(input, to: "input")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, folder.path("input"), O_RDONLY, 0)
    let flags = O_WRONLY | O_CREAT
    posix_spawn_file_actions_addopen(&actions, 2, folder.path("errors"), flags, 0o600)
    var ends: [Int32] = [-1, -1]
    switch output {
    case .file:
      posix_spawn_file_actions_addopen(&actions, 1, folder.path("output"), flags, 0o600)
    case .closedPipe:
      guard pipe(&ends) == 0 else { throw FileError(.create, "a pipe") }
      close(ends[0])
      posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    }
    defer { close(ends[1]) }
    // `env` changes the folder and becomes the command: the process stays the same.
    let words = ["env", "-C", workingFolder, Self.executable] + arguments
    var pointers = words.map { word in word.withPathBytes { strdup($0) } } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var process = pid_t()
    let result = posix_spawn(&process, "/usr/bin/env", &actions, nil, &pointers, environ)
    guard result == 0 else { throw FileError(.open, Self.executable, code: result) }
    self.process = process
  }

  /// Runs the command to its end.
  static func run(
    _ arguments: String..., input: String = "", in workingFolder: String = Child.package,
    output: Output = .file
  ) throws -> Outcome {
    try Child(arguments, input: input, in: workingFolder, output: output).wait()
  }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process, signal) }

  /// Waits for the end.
  func wait() -> Outcome {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return Outcome(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      output: folder.text("output") ?? "", errors: folder.text("errors") ?? "")
  }

  private static func link(_ path: String) -> String {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &bytes, bytes.count)
    return String(pathBytes: bytes.prefix(max(count, 0)).map { UInt8(bitPattern: $0) })
  }
}
