extension FaultyCalls {
  /// The calls that take the place of the system's.
  static let source = #"""
    #define _GNU_SOURCE
    #include <dirent.h>
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <limits.h>
    #include <pthread.h>
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
    #include <sys/vfs.h>
    #include <unistd.h>

    #define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

    static const char *word(const char *name) { const char *v = getenv(name); return v ? v : ""; }
    static atomic_int counts[16];

    /* Makes a file that is somebody's. */
    static void plant(const char *path) {
      int file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600);
      if (file < 0) return;
      syscall(SYS_write, file, "somebody's", 10);
      syscall(SYS_close, file);
    }

    /* What becomes of a call, by the lines of FAULTS: 0 nothing, else a code. */
    static int code(const char *call, const char *path, int *strikes) {
      int result = 0, index = 0;
      size_t length = strlen(path);
      for (const char *line = word("FAULTS"); *line && index < 16; index++) {
        char parts[5][PATH_MAX] = {{0}};
        for (int part = 0; part < 5; part++) {
          size_t size = strcspn(line, "\t\n");
          if (size < PATH_MAX) memcpy(parts[part], line, size);
          line += size;
          if (*line) line++;
        }
        size_t most = strlen(parts[3]);
        if (strcmp(call, parts[0]) || length < most || strcmp(path + length - most, parts[3]))
          continue;
        int number = atoi(parts[1]), here = atomic_fetch_add(&counts[index], 1) + 1;
        if (number != 0 && number != here) continue;
        *strikes = 1;
        if (*parts[4]) plant(parts[4]);
        if (atoi(parts[2])) result = atoi(parts[2]);
      }
      return result;
    }

    /* Whether a call is to fail, -2: to do half; all of those below the folder are told of. */
    static int fails(const char *call, const char *path) {
      int saved = errno, strikes = 0;
      if (!path || !strstr(path, word("FAULT_BELOW"))) return 0;
      int end = code(call, path, &strikes);
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
      if (end == -1) kill(getpid(), SIGKILL);
      errno = end > 0 ? end : saved;
      return end;
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
      int end = on("write", file);
      return end > 0 ? -1 : REAL(write)(file, bytes, end ? size / 2 : size);
    }
    ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) {
      int end = on("write", file);
      return end > 0 ? -1 : REAL(pwrite)(file, bytes, end ? size / 2 : size, place);
    }
    ssize_t pwritev(int file, const struct iovec *pieces, int count, off_t place) {
      return on("write", file) ? -1 : REAL(pwritev)(file, pieces, count, place);
    }
    int ftruncate(int file, off_t size) {
      return on("ftruncate", file) ? -1 : REAL(ftruncate)(file, size);
    }
    int fsync(int file) { return on("fsync", file) ? -1 : REAL(fsync)(file); }
    int fstatfs(int file, struct statfs *status) {
      return on("fstatfs", file) ? -1 : REAL(fstatfs)(file, status);
    }
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
      if (at("rename", b, to)) return -1;
      /* By its own name, too: file systems may know the one and not the other. */
      return at("renameat2", b, to) ? -1 : REAL(renameat2)(a, from, b, to, flags);
    }
    int link(const char *from, const char *to) {
      return fails("link", to) ? -1 : REAL(link)(from, to);
    }
    int unlink(const char *path) { return fails("unlink", path) ? -1 : REAL(unlink)(path); }
    int pthread_create(
      pthread_t *thread, const pthread_attr_t *how, void *(*work)(void *), void *what
    ) {
      /* A thread has no path. */
      if (fails("pthread_create", word("FAULT_BELOW"))) return errno;
      return REAL(pthread_create)(thread, how, work, what);
    }
    """#
}
