import CTesseraArguments
import Glibc
import TesseraBatch
import TesseraCore
import TesseraFiles

/// What whoever starts the command may have left out or set.
enum ProcessStart {
  /// Makes the surroundings such that nothing of them ends the process or gets what is meant for
  /// others.
  static func prepare() {
    _ = parent
    openMissingDescriptors()
    OpenFileLimit.raise()
    // A pipe that nobody reads, and a file that may not grow, are errors of the call.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Who has started the process, asked for as soon as it is there.
  static let parent = getppid()

  /// The arguments; bytes that are not text are kept, as in file names.
  static var arguments: [String] {
    (1..<max(tessera_argument_count(), 1)).compactMap { index in
      tessera_argument(index).map { argument in
        String(pathBytes: UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
      }
    }
  }

  /// Opens input, output and errors where they are closed: the next file would have their numbers,
  /// and get the messages.
  private static func openMissingDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO
    where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      // The wrong way round: reading and writing are errors, as they were. A folder is as good.
      let flags = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY
      if open("/dev/null", flags) >= 0 || open("/", O_RDONLY) >= 0 { continue }
      let reason = String(cString: strerror(errno))
      let place = ["input", "output", "error"][Int(descriptor)]
      Console.error(
        "standard \(place) is closed, and the system gives nothing in its place: \(reason)")
      exit(ExitStatus.system.rawValue)
    }
  }
}
