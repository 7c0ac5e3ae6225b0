import Glibc
import Synchronization
import Tessera
import TesseraCore

/// The terminal, or whatever stands in its place.
enum Console {
  /// Writes lines for people to standard output.
  static func print(_ text: String) { emit(printable(text)) }

  /// Writes pieces of such lines.
  static func printPiece(_ text: String) { write(printable(text)) }

  /// Writes a piece of a text for programs to standard output, as it is.
  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes text for programs to standard output, as it is.
  static func emit(_ text: String) {
    write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
  }

  /// Writes lines for people to standard error.
  static func note(_ text: String) { write(printable(text) + "\n", to: STDERR_FILENO) }

  /// Writes lines to standard error, the first of which says that they are an error.
  static func error(_ text: String) {
    note(text.hasPrefix("error: ") ? text : "error: " + text)
  }

  /// Writes to standard error as it is.
  static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Columns of the terminal behind standard error; `nil` where it is none, or cannot move its cursor.
  static var width: Int? {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    if let kind = getenv("TERM"), String(cString: kind) == "dumb" { return nil }
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Lines in which nothing steers the terminal: files and names of others are quoted in them.
  private static func printable(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).printable }.joined(separator: "\n")
  }

  /// Why some of standard output is lost; `nil`: nothing is, or its reader wants no more.
  static var lostOutput: String? {
    let code = lossCode.load(ordering: .relaxed)
    return code == 0 || code == EPIPE ? nil : String(cString: strerror(code))
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = text.pathBytes[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes.removeFirst(count)
      } else if count < 0, errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Whoever reads may never do so again.
        if SignalWatch.isRequested, poll(&wait, 1, 100) == 0 { return }
        poll(&wait, 1, 100)
      } else if count == 0 || errno != EINTR {
        // What takes nothing without an error has left no number.
        let code = count == 0 ? EIO : errno
        if descriptor == STDOUT_FILENO { lossCode.store(code, ordering: .relaxed) }
        return
      }
    }
  }
}

/// The error of the last write to standard output that failed.
private let lossCode = Atomic(Int32(0))
