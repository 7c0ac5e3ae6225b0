import Foundation
import Testing

/// A system some of whose calls fail, put before the real one by `LD_PRELOAD`.
enum FaultyCalls {
  /// Which calls fail, and how.
  struct Fault: Sendable, CustomTestStringConvertible {
    /// The call's name, as in `names`.
    var call: String
    /// Which of them, from 1; 0: all.
    var number = 0
    /// The error number, or `kill`.
    var code: Int32
    /// Only calls on paths that end so count.
    var path = ""

    var testDescription: String {
      "\(call) \(number) \(path): \(code < 0 ? "killed" : String(cString: strerror(code)))"
    }
  }

  /// In place of an error number: the process is killed before the call.
  static let kill: Int32 = -1

  /// One call as it came, and whether it was made to fail.
  struct Call {
    var name: String
    var path: String
    var failed: Bool
  }

  /// The environment of a command, whose calls on paths below `folder` count.
  static func environment(
    _ fault: Fault? = nil, below folder: String, log: String? = nil
  ) throws -> [String: String] {
    var variables = ["LD_PRELOAD": try library.get().file, "FAULT_BELOW": folder]
    if let fault {
      variables["FAULT_CALL"] = fault.call
      variables["FAULT_NUMBER"] = "\(fault.number)"
      variables["FAULT_CODE"] = "\(fault.code)"
      variables["FAULT_PATH"] = fault.path
    }
    if let log { variables["FAULT_LOG"] = log }
    return variables
  }

  /// The calls that a command has made, from its log.
  static func calls(in log: String) throws -> [Call] {
    guard FileManager.default.fileExists(atPath: log) else { return [] }
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
      .split(separator: "\n").compactMap { line in
        let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard parts.count == 3 else { return nil }
        return Call(name: parts[1], path: parts[2], failed: parts[0] == "1")
      }
  }

  /// Builds a library with the toolchain's own compiler.
  static func build(_ source: String, in folder: TemporaryFolder) throws -> String {
    let file = try folder.write(source, to: "calls.c")
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["clang", "-shared", "-fPIC", "-o", folder.path("calls.so"), file]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    return folder.path("calls.so")
  }

  private static let library = Result {
    let folder = try TemporaryFolder()
    // The folder lives as long as the tests do.
    return (file: try build(source, in: folder), folder: folder)
  }

  private static let source = #"""
    #define _GNU_SOURCE
    #include <dirent.h>
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <limits.h>
    #include <signal.h>
    #include <stdarg.h>
    #include <stdatomic.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/file.h>
    #include <sys/stat.h>
    #include <sys/syscall.h>
    #include <sys/uio.h>
    #include <unistd.h>

    #define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

    static const char *word(const char *name) { const char *v = getenv(name); return v ? v : ""; }
    static atomic_int count;

    /* Whether a call is to fail; all of those below the folder are told of. */
    static int fails(const char *call, const char *path) {
      int saved = errno;
      const char *below = word("FAULT_BELOW"), *end = word("FAULT_PATH");
      size_t length = strlen(path), most = strlen(end);
      int strikes = 0, number = atoi(word("FAULT_NUMBER"));
      if (!strstr(path, below)) return 0;
      if (!strcmp(call, word("FAULT_CALL")) && length >= most
          && !strcmp(path + length - most, end)) {
        int here = atomic_fetch_add(&count, 1) + 1;
        strikes = number == 0 || number == here;
      }
      if (*word("FAULT_LOG")) {
        char line[2 * PATH_MAX];
        int size = snprintf(line, sizeof line, "%d %s %s\n", strikes, call, path);
        int log = syscall(SYS_openat, AT_FDCWD, word("FAULT_LOG"),
          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (log >= 0) {
          if (size > 0) syscall(SYS_write, log, line, size);
          syscall(SYS_close, log);
        }
      }
      int code = atoi(word("FAULT_CODE"));
      if (strikes && code < 0) kill(getpid(), SIGKILL);
      errno = strikes ? code : saved;
      return strikes;
    }

    static int at(const char *call, int folder, const char *name) {
      char link[64], path[2 * PATH_MAX];
      if (name && *name == '/') return fails(call, name);
      if (folder == AT_FDCWD) return fails(call, name);
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX);
      if (size < 0) return 0;
      snprintf(path + size, sizeof path - size, "%s%s", name ? "/" : "", name ? name : "");
      return fails(call, path);
    }
    static int on(const char *call, int file) { return at(call, file, NULL); }

    int open(const char *path, int flags, ...) {
      va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more);
      return fails("open", path) ? -1 : REAL(open)(path, flags, mode);
    }
    int open64(const char *path, int flags, ...) {
      va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more);
      return fails("open", path) ? -1 : REAL(open)(path, flags, mode);
    }
    int openat(int folder, const char *path, int flags, ...) {
      va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more);
      return at("open", folder, path) ? -1 : REAL(openat)(folder, path, flags, mode);
    }
    int stat(const char *path, struct stat *status) {
      return fails("stat", path) ? -1 : REAL(stat)(path, status);
    }
    int lstat(const char *path, struct stat *status) {
      return fails("lstat", path) ? -1 : REAL(lstat)(path, status);
    }
    int fstatat(int folder, const char *path, struct stat *status, int flags) {
      const char *call = flags & AT_SYMLINK_NOFOLLOW ? "lstat" : "stat";
      return at(call, folder, path) ? -1 : REAL(fstatat)(folder, path, status, flags);
    }
    int fstat(int file, struct stat *status) {
      return on("fstat", file) ? -1 : REAL(fstat)(file, status);
    }
    DIR *opendir(const char *path) { return fails("opendir", path) ? NULL : REAL(opendir)(path); }
    struct dirent *readdir(DIR *stream) {
      return on("readdir", dirfd(stream)) ? NULL : REAL(readdir)(stream);
    }
    char *realpath(const char *path, char *place) {
      return fails("realpath", path) ? NULL : REAL(realpath)(path, place);
    }
    int access(const char *path, int mode) {
      return fails("access", path) ? -1 : REAL(access)(path, mode);
    }
    ssize_t read(int file, void *bytes, size_t size) {
      return on("read", file) ? -1 : REAL(read)(file, bytes, size);
    }
    ssize_t pread(int file, void *bytes, size_t size, off_t place) {
      return on("read", file) ? -1 : REAL(pread)(file, bytes, size, place);
    }
    ssize_t write(int file, const void *bytes, size_t size) {
      return on("write", file) ? -1 : REAL(write)(file, bytes, size);
    }
    ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) {
      return on("write", file) ? -1 : REAL(pwrite)(file, bytes, size, place);
    }
    ssize_t pwritev(int file, const struct iovec *pieces, int count, off_t place) {
      return on("write", file) ? -1 : REAL(pwritev)(file, pieces, count, place);
    }
    int ftruncate(int file, off_t size) {
      return on("ftruncate", file) ? -1 : REAL(ftruncate)(file, size);
    }
    int fsync(int file) { return on("fsync", file) ? -1 : REAL(fsync)(file); }
    int syncfs(int file) { return on("syncfs", file) ? -1 : REAL(syncfs)(file); }
    int fdatasync(int file) { return on("fsync", file) ? -1 : REAL(fdatasync)(file); }
    int flock(int file, int what) { return on("flock", file) ? -1 : REAL(flock)(file, what); }
    int close(int file) {
      /* The descriptor is closed all the same, as by the system. */
      if (!on("close", file)) return REAL(close)(file);
      int code = errno;
      REAL(close)(file);
      errno = code;
      return -1;
    }
    int mkdir(const char *path, mode_t mode) {
      return fails("mkdir", path) ? -1 : REAL(mkdir)(path, mode);
    }
    int rename(const char *from, const char *to) {
      return fails("rename", to) ? -1 : REAL(rename)(from, to);
    }
    int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
      return at("rename", b, to) ? -1 : REAL(renameat2)(a, from, b, to, flags);
    }
    int unlink(const char *path) { return fails("unlink", path) ? -1 : REAL(unlink)(path); }
    """#
}
