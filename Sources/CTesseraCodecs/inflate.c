#include "tsr_inflate.h"

#include <zlib.h>

const char *tsr_zlib_version(void) { return zlibVersion(); }

tsr_status tsr_inflate(
    const uint8_t *source, size_t source_count, uint8_t *destination, size_t capacity,
    size_t *count) {
  *count = 0;
  if (source_count > UINT32_MAX || capacity > UINT32_MAX) return tsr_over_limit;
  z_stream stream = {
      .next_in = (Bytef *)source,
      .avail_in = (uInt)source_count,
      .next_out = destination,
      .avail_out = (uInt)capacity,
  };
  if (inflateInit(&stream) != Z_OK) return tsr_no_memory;
  int result = inflate(&stream, Z_FINISH);
  *count = capacity - stream.avail_out;
  inflateEnd(&stream);
  switch (result) {
    case Z_STREAM_END: return tsr_ok;
    case Z_MEM_ERROR: return tsr_no_memory;
    case Z_BUF_ERROR: return stream.avail_out == 0 ? tsr_over_limit : tsr_truncated;
    default: return tsr_malformed;
  }
}
