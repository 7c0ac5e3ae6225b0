import Glibc
import Tessera
import TesseraCore

/// The terminal, or whatever stands in its place.
enum Console {
  /// The arguments; bytes that are not text are kept, as in file names.
  static var arguments: [String] {
    (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
      CommandLine.unsafeArgv[index].map { argument in
        String(pathBytes: UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
      }
    }
  }

  /// Makes writing to a pipe that nobody reads an error rather than the end of the process.
  static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

  /// Writes lines for people to standard output; a reader that has gone away is no error.
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

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = text.pathBytes[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes.removeFirst(count)
      } else if count < 0, errno != EINTR, errno != EAGAIN {
        return
      }
    }
  }
}
