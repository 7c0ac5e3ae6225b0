#include "tsr_io.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool tsr_input_fill(tsr_input *input) {
  if (tsr_stopped(input->log, &input->source.stop)) {
    input->position = input->count = 0;
    return false;
  }
  uint64_t start = input->source.offset + input->taken;
  uint64_t left = input->source.end > start ? input->source.end - start : 0;
  size_t wanted = left < sizeof input->bytes ? (size_t)left : sizeof input->bytes;
  ssize_t got;
  do {
    got = pread(input->source.descriptor, input->bytes, wanted, (off_t)start);
  } while (got < 0 && errno == EINTR);
  input->position = 0;
  input->count = got > 0 ? (size_t)got : 0;
  input->taken += input->count;
  if (got < 0 && input->log->status == tsr_ok) {
    input->log->error_number = errno;
    tsr_log_fail(input->log, tsr_io, "read");
  }
  return got > 0;
}

size_t tsr_input_read(tsr_input *input, uint8_t *destination, size_t count) {
  size_t done = 0;
  while (done < count) {
    if (input->position == input->count && !tsr_input_fill(input)) break;
    size_t take = input->count - input->position;
    if (take > count - done) take = count - done;
    memcpy(destination + done, input->bytes + input->position, take);
    input->position += take;
    done += take;
  }
  return done;
}

static bool write_all(tsr_output *output, const uint8_t *source, size_t count) {
  while (count > 0) {
    ssize_t put = write(output->descriptor, source, count);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      if (output->log->status == tsr_ok) {
        output->log->error_number = errno;
        tsr_log_fail(output->log, tsr_io, "write");
      }
      return false;
    }
    source += put;
    count -= (size_t)put;
  }
  return true;
}

bool tsr_output_flush(tsr_output *output) {
  if (tsr_stopped(output->log, &output->stop)) return false;
  size_t count = output->count;
  output->count = 0;
  return write_all(output, output->bytes, count);
}

bool tsr_output_write(tsr_output *output, const uint8_t *source, size_t count) {
  if (count > sizeof output->bytes - output->count && !tsr_output_flush(output)) return false;
  if (count > sizeof output->bytes) return write_all(output, source, count);
  memcpy(output->bytes + output->count, source, count);
  output->count += count;
  return true;
}
