#define _GNU_SOURCE
#include "CTesseraFiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

int tessera_syncfs(int descriptor) { return syncfs(descriptor); }

void tessera_begin_synchronizing(int descriptor, long long position, long long count) {
  sync_file_range(descriptor, position, count, SYNC_FILE_RANGE_WRITE);
}

long tessera_file_system(int descriptor) {
  struct statfs system;
  return fstatfs(descriptor, &system) == 0 ? system.f_type : 0;
}

int tessera_rename_new(const char *from, const char *to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != ENOSYS && errno != EINVAL && errno != EOPNOTSUPP) return -1;
  if (link(from, to) == 0) {
    unlink(from);
    return 0;
  }
  if (errno == EEXIST) return -1;
  /* Neither way is open: all that is left is to look before. */
  struct stat status;
  if (lstat(to, &status) == 0) {
    errno = EEXIST;
    return -1;
  }
  return rename(from, to);
}
