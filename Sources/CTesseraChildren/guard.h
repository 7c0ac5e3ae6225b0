#ifndef CTESSERA_GUARD_H
#define CTESSERA_GUARD_H

#include <sys/types.h>

// A process that outlives this one by a moment, and kills the groups that it was told of. Callers hold
// one lock.

/// Makes sure that there is one; 0 or an error number. Each call is matched by tsr_guard_release.
int tsr_guard_retain(void);
/// Has one user less; without any the guard ends.
void tsr_guard_release(void);
/// Tells it of a group that is to be killed when this process ends.
int tsr_guard_watch(pid_t group);
/// Tells it that the group is gone.
void tsr_guard_forget(pid_t group);

/// Closes a file descriptor and all above it; may be called between fork and exec.
void tsr_close_from(int first);

#endif
