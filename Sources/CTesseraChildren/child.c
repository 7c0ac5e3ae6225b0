#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CTesseraChildren.h"
#include "guard.h"

// fork rather than posix_spawn: a program must not begin before the guard knows of it, so the new
// process waits for a word between the two. One at a time: another one under way would hold its ends.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

enum { line_end = 3, spare_end = 16 };

static void close_both(int ends[2]) {
  for (int index = 0; index < 2; index++) {
    if (ends[index] >= 0) close(ends[index]);
    ends[index] = -1;
  }
}

/// Tells the one that waits at the other end of the line why the program does not begin.
static _Noreturn void refuse(int line) {
  int error = errno;
  ssize_t count = write(line, &error, sizeof error);
  (void)count;
  _exit(127);
}

/// What the new process does until it is the program. Its line gives it the word, and takes the error
/// number where the system refuses the program.
static _Noreturn void become(
    const char *path, char *const *arguments, int input, int output, int errors, int line) {
  // Without a group of its own, what it starts would outlive it.
  if (setsid() < 0) refuse(line);
  // Out of the way first: any of them may have the number that another one is to have.
  int ends[4] = {input, output, errors, line};
  for (int index = 0; index < 4; index++) {
    ends[index] = fcntl(ends[index], F_DUPFD, spare_end);
    if (ends[index] < 0) refuse(line);
  }
  line = ends[3];
  for (int index = 0; index < 4; index++)
    if (dup2(ends[index], index) < 0) refuse(line);
  line = line_end;
  tsr_close_from(line_end + 1);
  // Kept open by the program, the line would never end.
  if (fcntl(line, F_SETFD, FD_CLOEXEC) < 0) refuse(line);
  // What this process does at a signal is not the program's; what is ignored stays so, but for those
  // that the command has set.
  for (int number = 1; number < 65; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) continue;
    if (action.sa_handler == SIG_IGN && number != SIGPIPE && number != SIGXFSZ) continue;
    signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  char word;
  ssize_t count;
  do count = read(line, &word, 1);
  while (count < 0 && errno == EINTR);
  if (count != 1) _exit(127);
  execv(path, arguments);
  refuse(line);
}

/// Tells the guard of a new process, gives that its word, and hears whether it has become the program.
static int release(pid_t pid, int line) {
  int error = tsr_guard_watch(pid);
  if (error != 0) return error;
  char word = 1;
  // The line is a socket, which raises no signal. One that has ended says why, if it could.
  int untold = send(line, &word, 1, MSG_NOSIGNAL) == 1 ? 0 : errno;
  // One that has had no word waits for it.
  ssize_t count;
  do count = recv(line, &error, sizeof error, untold != 0 ? MSG_DONTWAIT : 0);
  while (count < 0 && errno == EINTR);
  if (count == sizeof error) return error;
  return untold == 0 && count < 0 ? errno : untold;
}

/// Has reads and writes return at once where they would wait.
static int do_not_wait(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ? errno : 0;
}

static void kill_and_reap(pid_t pid, int *status) {
  // The number of the group is nobody else's until its first process has been waited for.
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
  tsr_guard_forget(pid);
  while (waitpid(pid, status, 0) < 0 && errno == EINTR) {
  }
}

static int start(const char *path, char *const *arguments, tsr_child *child) {
  int input[2] = {-1, -1}, output[2] = {-1, -1}, errors[2] = {-1, -1}, line[2] = {-1, -1};
  int error = 0;
  pid_t pid = -1;
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0 ||
      pipe2(errors, O_CLOEXEC) != 0 ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0) {
    error = errno;
  } else {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0) become(path, arguments, input[0], output[1], errors[1], line[1]);
    error = pid < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  if (pid > 0) {
    close(line[1]);
    line[1] = -1;
    int ends[3] = {input[1], output[0], errors[0]};
    for (int index = 0; index < 3 && error == 0; index++) error = do_not_wait(ends[index]);
    if (error == 0) error = release(pid, line[0]);
    int status;
    if (error != 0) kill_and_reap(pid, &status);
  }
  close_both(line);
  if (error != 0) {
    close_both(input);
    close_both(output);
    close_both(errors);
    return error;
  }
  close(input[0]);
  close(output[1]);
  close(errors[1]);
  *child = (tsr_child){pid, input[1], output[0], errors[0]};
  // Fewer turns; where the system refuses it, all works as well.
  fcntl(child->input, F_SETPIPE_SZ, 1 << 20);
  fcntl(child->output, F_SETPIPE_SZ, 1 << 20);
  return 0;
}

int32_t tsr_child_start(const char *path, char *const *arguments, tsr_child *child) {
  pthread_mutex_lock(&lock);
  int error = tsr_guard_retain();
  if (error == 0) {
    error = start(path, arguments, child);
    if (error != 0) tsr_guard_release();
  }
  pthread_mutex_unlock(&lock);
  return error;
}

int64_t tsr_child_write(int32_t descriptor, const void *bytes, size_t count) {
  sigset_t broken, before;
  sigemptyset(&broken);
  sigaddset(&broken, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken, &before);
  ssize_t taken = write(descriptor, bytes, count);
  int error = taken < 0 ? errno : 0;
  if (error == EPIPE && !sigismember(&before, SIGPIPE)) {
    struct timespec now = {0, 0};
    while (sigtimedwait(&broken, NULL, &now) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error != 0 ? -error : taken;
}

int32_t tsr_child_has_ended(const tsr_child *child) {
  siginfo_t info = {0};
  if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return 1;
  return info.si_pid == child->pid;
}

int32_t tsr_child_is_working(const tsr_child *child) {
  char text[512];
  snprintf(text, sizeof text, "/proc/%d/stat", (int)child->pid);
  int file = open(text, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return 0;
  text[count] = 0;
  // The name of the program, in parentheses, may hold any characters.
  const char *end = strrchr(text, ')');
  return end != NULL && end[1] == ' ' && (end[2] == 'R' || end[2] == 'D');
}

int32_t tsr_child_end(tsr_child *child) {
  int ends[3] = {child->input, child->output, child->errors};
  for (int index = 0; index < 3; index++)
    if (ends[index] >= 0) close(ends[index]);
  child->input = child->output = child->errors = -1;
  int status = 0;
  pthread_mutex_lock(&lock);
  kill_and_reap(child->pid, &status);
  tsr_guard_release();
  pthread_mutex_unlock(&lock);
  return status;
}
