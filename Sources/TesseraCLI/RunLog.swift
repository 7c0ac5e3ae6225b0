import ArgumentParser
import Glibc
import Synchronization
import Tessera
import TesseraBatch
import TesseraCore
import TesseraFiles
import TesseraThreads

/// How much a line of a log matters.
enum LogLevel: String, CaseIterable, Comparable, ExpressibleByArgument {
  case error, warning, info, debug

  static func < (first: LogLevel, second: LogLevel) -> Bool {
    let order = allCases
    return order.firstIndex(of: first) ?? 0 < order.firstIndex(of: second) ?? 0
  }
}

/// A file that tells what happened when in a run.
///
/// Lines are added as a whole, by any thread and process: runs may share a log.
final class RunLog: Sendable {
  private let path: String
  private let descriptor: Int32
  private let level: LogLevel
  /// The error of the first line that was lost.
  private let lossCode = Atomic(Int32(0))
  private let nextProgress = Locked(ProgressDisplay.secondsBetweenLines)

  /// - Parameters:
  ///   - path: the file; what is not a log stays as it is.
  ///   - level: the least that is written.
  /// - Throws: ``CommandFailure`` where it is something else, or cannot be written to.
  init(_ path: String, from level: LogLevel) throws(CommandFailure) {
    self.path = path
    self.level = level
    descriptor = path.withPathBytes { open($0, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666) }
    guard descriptor >= 0 else {
      throw CommandFailure(.cannotCreate, "\(FileError(.create, path))", file: path)
    }
    guard Self.isLog(descriptor) else {
      close(descriptor)
      throw CommandFailure(
        .cannotCreate,
        "'\(path.printable)' exists and is no log: expected a new file for --log, or one whose first "
          + "line begins with a time", file: path)
    }
  }

  deinit { close(descriptor) }

  /// Whether lines may be added: to an empty file, to a log, and to what is no file.
  private static func isLog(_ descriptor: Int32) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0
    else { return true }
    var start = [UInt8](repeating: 0, count: 11)
    let count = pread(descriptor, &start, start.count, 0)
    let pattern = Array("0000-00-00T".utf8)
    return count == start.count
      && zip(start, pattern).allSatisfy { byte, kind in
        kind == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == kind
      }
  }

  /// Adds a line for each line of a text.
  func add(_ level: LogLevel, _ text: String) {
    guard level <= self.level else { return }
    let name = level.rawValue
    let begin = "\(Self.time) \(name)\(String(repeating: " ", count: 8 - name.count))"
    let lines = text.split(separator: "\n").map { "\(begin)\(String($0).printable)\n" }
    write(Array(lines.joined().utf8))
  }

  /// Adds that a run, or that of a shard, begins.
  func begin(_ inputCount: Int, through file: String, shard: Int? = nil, jobs: Int) {
    let part = shard.map { "shard \($0) of " } ?? ""
    add(
      .info,
      "tessera \(TesseraVersion.text): \(part)\(file), \(inputCount.counted("input")), "
        + jobs.counted("job"))
  }

  /// Adds how it has ended.
  func end(_ overview: String, _ errors: String?) {
    add(.info, overview)
    if let errors { add(.error, errors) }
  }

  /// Adds how an input has ended.
  func add(_ ended: EndedInput) {
    for warning in ended.warnings { add(.warning, "\(ended.source): \(warning)") }
    switch ended.status {
    case .done: add(.debug, "\(ended.source): done in \(ended.seconds.short) s")
    case .doneBefore: add(.debug, "\(ended.source): done before")
    case .failed(let message): add(.error, "\(ended.source): \(message)")
    }
  }

  /// Adds how far the run is, once a minute.
  func add(_ progress: RunProgress) {
    let isDue = nextProgress.withLock { next in
      guard progress.seconds >= next, progress.endedCount < progress.total else { return false }
      next = progress.seconds + ProgressDisplay.secondsBetweenLines
      return true
    }
    if isDue { add(.info, ProgressText.line(progress)) }
  }

  /// Why a line was lost; `nil`: none was.
  var loss: CommandFailure? {
    let code = lossCode.load(ordering: .relaxed)
    guard code != 0 else { return nil }
    return CommandFailure(.cannotWrite, "\(FileError(.write, path, code: code))", file: path)
  }

  private func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest.removeFirst(count)
      } else if count == 0 || errno != EINTR {
        let code = count == 0 ? EIO : errno
        _ = lossCode.compareExchange(expected: 0, desired: code, ordering: .relaxed)
        return
      }
    }
  }

  /// The time in UTC: 2026-01-31T12:34:56.789Z.
  private static var time: String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(count - text.count, 0)) + text
    }
    let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
    let time = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
    return date.enumerated().map { digits($1, $0 == 0 ? 4 : 2) }.joined(separator: "-") + "T"
      + time.map { digits($0, 2) }.joined(separator: ":") + "."
      + digits(now.tv_nsec / 1_000_000, 3) + "Z"
  }
}
