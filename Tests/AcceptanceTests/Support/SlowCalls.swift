import Foundation
import Glibc
import Testing

/// A system some of whose calls take their time, put before the real one by `LD_PRELOAD`.
///
/// So every phase of a run lasts as long as a test needs to interrupt it, on any machine.
struct SlowCalls {
  /// The calls on a file, such as `pread`.
  var call: String
  /// How the path of the file ends.
  var path: String
  /// How long each takes [ms].
  var milliseconds: Int
  /// At which of them the phase has been reached.
  var number = 3

  /// The environment of a command that shows the phase by a file.
  func environment(showing mark: String) throws -> [String: String] {
    [
      "LD_PRELOAD": try Self.library.get().file, "SLOW_CALL": call, "SLOW_PATH": path,
      "SLOW_TIME": "\(milliseconds)", "SLOW_NUMBER": "\(number)", "SLOW_MARK": mark,
    ]
  }

  private static let library = Result {
    let folder = try TemporaryFolder()
    // The folder lives as long as the tests do.
    return (file: try FaultyCalls.build(source, in: folder), folder: folder)
  }

  private static let source = """
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <limits.h>
    #include <stdatomic.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/syscall.h>
    #include <sys/uio.h>
    #include <unistd.h>
    static const char *word(const char *name) { const char *v = getenv(name); return v ? v : ""; }
    static atomic_int count;
    static void wait_for(const char *call, int file) {
      char link[64], path[PATH_MAX];
      if (strcmp(call, word("SLOW_CALL"))) return;
      snprintf(link, sizeof link, "/proc/self/fd/%d", file);
      ssize_t size = readlink(link, path, sizeof path);
      size_t most = strlen(word("SLOW_PATH"));
      if (size < (ssize_t)most || strncmp(path + size - most, word("SLOW_PATH"), most)) return;
      if (atomic_fetch_add(&count, 1) + 1 == atoi(word("SLOW_NUMBER"))) {
        close(open(word("SLOW_MARK"), O_WRONLY | O_CREAT, 0600));
      }
      usleep(1000 * atoi(word("SLOW_TIME")));
    }
    ssize_t read(int file, void *bytes, size_t count) {
      wait_for("read", file);
      return syscall(SYS_read, file, bytes, count);
    }
    ssize_t write(int file, const void *bytes, size_t count) {
      wait_for("write", file);
      return syscall(SYS_write, file, bytes, count);
    }
    ssize_t pread(int file, void *bytes, size_t count, off_t place) {
      wait_for("pread", file);
      return syscall(SYS_pread64, file, bytes, count, place);
    }
    ssize_t pread64(int file, void *bytes, size_t count, off_t place) {
      wait_for("pread", file);
      return syscall(SYS_pread64, file, bytes, count, place);
    }
    ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
      wait_for("pwrite", file);
      return syscall(SYS_pwrite64, file, bytes, count, place);
    }
    ssize_t pwritev(int file, const struct iovec *pieces, int count, off_t place) {
      wait_for("pwrite", file);
      return syscall(SYS_pwritev, file, pieces, count, place, 0);
    }
    """
}
