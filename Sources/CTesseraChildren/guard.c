#define _GNU_SOURCE
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// PR_SET_PDEATHSIG would not do: it asks for the thread that has started a program rather than for the
// process, and what the program starts itself does not inherit it.

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TESSERA_SANITIZED
#endif
#endif

enum { most_groups = 4096, own_end = 3 };

static int guard_line = -1;
static pid_t guard_pid = -1;
static int user_count = 0;
static pid_t groups[most_groups];

/// Gives memory back, but for what this thread stands on and keeps of its own.
static void let_go(uintptr_t first, uintptr_t last) {
  const uintptr_t page = 1 << 16, margin = 1 << 18;
  uintptr_t own[2] = {
      (uintptr_t)__builtin_frame_address(0), (uintptr_t)__builtin_thread_pointer()};
  uintptr_t low = last, high = last;
  for (int index = 0; index < 2; index++) {
    if (own[index] < first || own[index] >= last) continue;
    uintptr_t below = own[index] > first + margin ? (own[index] - margin) & ~(page - 1) : first;
    uintptr_t above = own[index] + margin < last ? (own[index] + margin) & ~(page - 1) : last;
    if (below < low) low = below;
    high = high == last || above > high ? above : high;
  }
  if (low > first + margin) syscall(SYS_madvise, first, low - first, MADV_DONTNEED);
  if (high < last) syscall(SYS_madvise, high, last - high, MADV_DONTNEED);
}

/// Gives large pieces of memory back that the guard has only because it is a copy of this process:
/// this process would copy every page that it writes to otherwise.
///
/// The loader's own may be among them: from here on the guard calls nothing but `syscall`, whose place
/// is known by now.
static void let_memory_go(void) {
  long maps = syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return;
  uintptr_t bounds[2] = {0, 0};
  // A line is `first-last rwxp offset device inode [path]`; the heap has a name, too.
  int field = 0, part = 0, is_gap = 0, is_writable = 0;
  char name[2] = {0, 0};
  char text[4096];
  long count;
  while ((count = syscall(SYS_read, maps, text, sizeof text)) > 0) {
    for (long index = 0; index < count; index++) {
      char c = text[index];
      if (c == '\n') {
        int is_memory = name[0] == 0 || (name[0] == '[' && name[1] == 'h');
        if (is_writable && is_memory) let_go(bounds[0], bounds[1]);
        bounds[0] = bounds[1] = 0;
        field = part = is_gap = is_writable = name[0] = name[1] = 0;
        continue;
      }
      if (c == ' ') {
        if (!is_gap) field++;
        is_gap = 1;
        continue;
      }
      is_gap = 0;
      if (field == 0 && c == '-') {
        part = 1;
      } else if (field == 0) {
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
        bounds[part] = bounds[part] << 4 | digit;
      } else if (field == 1 && c == 'w') {
        is_writable = 1;
      } else if (field >= 5 && name[1] == 0) {
        name[name[0] != 0] = c;
      }
    }
  }
  syscall(SYS_close, maps);
}

void tsr_close_from(int first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
  long limit = sysconf(_SC_OPEN_MAX);
  if (limit < 0 || limit > 1 << 16) limit = 1 << 16;
  for (int descriptor = first; descriptor < limit; descriptor++) close(descriptor);
}

static int read_group(pid_t *group) {
  size_t held = 0;
  while (held < sizeof *group) {
    long count = syscall(SYS_read, own_end, (char *)group + held, sizeof *group - held);
    if (count == 0) return 0;
    if (count < 0 && errno != EINTR) return 0;
    if (count > 0) held += (size_t)count;
  }
  return 1;
}

/// What the guard does: a copy of a process with threads may call little but the system.
static _Noreturn void guard(int line) {
  // Who tells it of a program later finds that it is gone; what is told before this is lost.
  if (setsid() < 0 || (line != own_end && dup2(line, own_end) < 0)) _exit(1);
  for (int descriptor = 0; descriptor < own_end; descriptor++) close(descriptor);
  tsr_close_from(own_end + 1);
  for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
#ifndef TESSERA_SANITIZED
  let_memory_go();
#endif
  pid_t group;
  int used = 0;
  while (read_group(&group)) {
    if (group > 0) {
      int place = 0;
      while (place < used && groups[place] != 0) place++;
      if (place == used && used < most_groups) used++;
      if (place < used) groups[place] = group;
    } else {
      for (int place = 0; place < used; place++)
        if (groups[place] == -group) groups[place] = 0;
    }
  }
  for (int place = 0; place < used; place++)
    if (groups[place] != 0) syscall(SYS_kill, -groups[place], SIGKILL);
  for (;;) syscall(SYS_exit_group, 0);
}

int tsr_guard_retain(void) {
  if (user_count > 0) {
    if (user_count == most_groups) return EAGAIN;
    user_count++;
    return 0;
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = fork();
  if (pid == 0) guard(ends[0]);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[0]);
  if (pid < 0) {
    close(ends[1]);
    return error;
  }
  guard_line = ends[1];
  guard_pid = pid;
  user_count = 1;
  return 0;
}

void tsr_guard_release(void) {
  if (--user_count > 0) return;
  close(guard_line);
  guard_line = -1;
  // It has nothing left to guard, and may not have heard that nothing more comes.
  kill(guard_pid, SIGKILL);
  while (waitpid(guard_pid, NULL, 0) < 0 && errno == EINTR) {
  }
}

static int tell(pid_t group) {
  // So few bytes are written at once; a guard that is gone must not raise a signal.
  sigset_t broken, before;
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken, &before);
  ssize_t count;
  do count = write(guard_line, &group, sizeof group);
  while (count < 0 && errno == EINTR);
  int error = count < 0 ? errno : 0;
  if (error == EPIPE && !sigismember(&before, SIGPIPE)) {
    struct timespec now = {0, 0};
    while (sigtimedwait(&broken, NULL, &now) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

int tsr_guard_watch(pid_t group) { return tell(group); }
void tsr_guard_forget(pid_t group) { tell(-group); }
