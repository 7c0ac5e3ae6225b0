#ifndef TSR_IO_H
#define TSR_IO_H

#include <stddef.h>
#include <stdint.h>

#include "tsr_log.h"

#define TSR_BUFFER_SIZE 65536

/// Where the bytes of an image are: a file, or a part of one. The descriptor is borrowed, and its
/// position neither used nor moved.
typedef struct tsr_source {
  int descriptor;
  uint64_t offset;  ///< The first byte.
  uint64_t end;     ///< Behind the last byte; `UINT64_MAX`: wherever the file ends.
  tsr_stop stop;    ///< Asked before each piece that is read, and by readers between rows.
} tsr_source;

/// A source that is read front to back.
typedef struct tsr_input {
  tsr_source source;
  tsr_log *log;
  uint64_t taken;   ///< Bytes taken from the source.
  size_t position;  ///< The next byte in `bytes`.
  size_t count;     ///< Bytes in `bytes`.
  uint8_t bytes[TSR_BUFFER_SIZE];
} tsr_input;

/// Refills an empty buffer. Returns false at the end of the file (the log stays as it is), when
/// reading fails (the log holds `tsr_io`) and when work is to end (`tsr_cancelled`).
bool tsr_input_fill(tsr_input *input);
/// Copies up to `count` bytes and returns how many there were.
size_t tsr_input_read(tsr_input *input, uint8_t *destination, size_t count);

/// A file that is written front to back. The descriptor is borrowed.
typedef struct tsr_output {
  int descriptor;
  tsr_stop stop;  ///< Asked before each piece that is written.
  tsr_log *log;
  size_t count;  ///< Bytes in `bytes` that are not written yet.
  uint8_t bytes[TSR_BUFFER_SIZE];
} tsr_output;

/// Takes bytes. Returns false when writing fails (the log holds `tsr_io`) and when work is to end
/// (`tsr_cancelled`).
bool tsr_output_write(tsr_output *output, const uint8_t *source, size_t count);
/// Hands over all that is buffered. Returns false as `tsr_output_write` does.
bool tsr_output_flush(tsr_output *output);

#endif
