import Foundation
import Glibc
import Synchronization

/// A terminal for one command, which is its standard error.
final class Terminal: Sendable {
  private let (master, slave): (Int32, Int32)
  private let name: String
  private let drawn = Mutex<[UInt8]>([])
  private let isRead = DispatchSemaphore(value: 0)

  /// Why there is no terminal.
  struct OpenError: Error { var code: Int32 }

  /// Opens a terminal with so many columns; 0 for one that does not know how many it has.
  init(columns: Int) throws {
    // Linux's own calls: glibc declares the standard's for programs in C alone.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (lock, number): (Int32, UInt32) = (0, 0)
    let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    guard master >= 0, ioctl(master, setLock, &lock) == 0, ioctl(master, getNumber, &number) == 0
    else { throw OpenError(code: errno) }
    name = "/dev/pts/\(number)"
    // As long as this is open, there is no end of what may be drawn.
    slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    guard slave >= 0, ioctl(slave, UInt(TIOCSWINSZ), &size) == 0 else {
      throw OpenError(code: errno)
    }
    // What is written arrives as it is.
    var modes = termios()
    tcgetattr(slave, &modes)
    cfmakeraw(&modes)
    tcsetattr(slave, TCSANOW, &modes)
    Thread { [self] in read() }.start()
  }

  deinit {
    close(master)
    close(slave)
  }

  /// Starts a command at the terminal.
  func start(
    _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> Running {
    try Running(
      arguments, in: folder, environment: ["TERM": "xterm"].merging(environment) { $1 },
      through: ["sh", "-c", "exec \"$@\" 2>\(name)", "sh"])
  }

  /// Runs a command to its end, and tells what it has drawn.
  func run(
    _ arguments: [String], in folder: String, environment: [String: String] = [:]
  ) throws -> (status: Int32, drawn: String) {
    let status = try start(arguments, in: folder, environment: environment).wait().status
    return (status, end())
  }

  /// What has been drawn by commands, all of which have ended.
  func end() -> String {
    var mark: UInt8 = 0
    write(slave, &mark, 1)
    isRead.wait()
    return String(decoding: drawn.withLock { $0 }, as: UTF8.self)
  }

  /// Reads up to the mark of the end.
  private func read() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(master, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      let piece = bytes.prefix(count).prefix { $0 != 0 }
      drawn.withLock { $0 += piece }
      if piece.count < count { break }
    }
    isRead.signal()
  }
}
