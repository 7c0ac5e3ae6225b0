#ifndef TSR_INFLATE_H
#define TSR_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "tsr_log.h"

/// The linked library's version, such as "1.2.13".
const char *tsr_zlib_version(void);

/// Inflates a whole zlib stream into `capacity` bytes. `count` tells how many there are, on failure
/// too. More than fit is `tsr_over_limit`; nothing is taken for them.
tsr_status tsr_inflate(
    const uint8_t *source, size_t source_count, uint8_t *destination, size_t capacity,
    size_t *count);

#endif
