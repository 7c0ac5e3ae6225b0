#ifndef CTESSERA_CHILDREN_H
#define CTESSERA_CHILDREN_H

#include <stddef.h>
#include <stdint.h>

/// A program that runs beside this process, in a session and process group of its own.
typedef struct {
  int32_t pid;
  /// Written to: its standard input.
  int32_t input;
  /// Read from: its standard output.
  int32_t output;
  /// Read from: its standard error.
  int32_t errors;
} tsr_child;

/// Starts the program at a path, with the arguments that it gets, its own name the first of them.
///
/// The three ends are not waited for by reads and writes, and other programs do not get them. When this
/// process ends, however it ends, the program and all that it has started in its group are killed.
///
/// Gives 0, or the system's error number.
int32_t tsr_child_start(
    const char *_Nonnull path, char *_Nullable const *_Nonnull arguments, tsr_child *_Nonnull child);

/// Writes to a descriptor; where nobody reads any more, that is EPIPE and no signal.
///
/// Gives the bytes that were taken, or the negative of the system's error number.
int64_t tsr_child_write(int32_t descriptor, const void *_Nonnull bytes, size_t count);

/// Whether the program has ended; what it has left waits for tsr_child_end.
int32_t tsr_child_has_ended(const tsr_child *_Nonnull child);

/// Whether the program's first thread computes at this moment, rather than wait for something.
int32_t tsr_child_is_working(const tsr_child *_Nonnull child);

/// Kills whatever of the program's group still runs, closes all ends, and gives how it ended: the
/// status of waitpid.
int32_t tsr_child_end(tsr_child *_Nonnull child);

#endif
