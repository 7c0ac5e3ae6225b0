#ifndef TSR_WEBP_H
#define TSR_WEBP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsr_io.h"
#include "tsr_log.h"

/// The linked library's version, such as "1.2.4".
const char *tsr_webp_version(void);

/// What an image chunk (VP8 or VP8L) says of itself.
typedef struct tsr_webp_features {
  uint32_t width;
  uint32_t height;
  bool has_alpha;
  bool is_lossless;
} tsr_webp_features;

/// Reads the beginning of an image chunk, its name and size included; false where it is none.
bool tsr_webp_read_features(const uint8_t *bytes, size_t count, tsr_webp_features *features);

typedef struct tsr_webp_reader tsr_webp_reader;

/// Makes a reader; NULL when there is no memory. `stop` is asked between pieces of the file.
tsr_webp_reader *tsr_webp_reader_make(tsr_stop stop);
void tsr_webp_reader_free(tsr_webp_reader *reader);
const tsr_log *tsr_webp_reader_log(const tsr_webp_reader *reader);
/// Decodes a whole file into rows without gaps, RGB or RGBA. `rows` tells how many are whole, on failure
/// too.
tsr_status tsr_webp_decode(
    tsr_webp_reader *reader, const uint8_t *bytes, size_t count, bool has_alpha, uint32_t width,
    uint32_t height, uint8_t *pixels, size_t *rows);
/// Decodes the first picture of an animation, RGBA.
tsr_status tsr_webp_decode_first(
    tsr_webp_reader *reader, const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
    uint8_t *pixels, size_t *rows);

/// How an image is written.
typedef struct tsr_webp_settings {
  uint32_t width;
  uint32_t height;
  bool has_alpha;  ///< Pixels are RGBA, else RGB.
  bool is_lossless;
  bool is_quick;       ///< Less is tried: larger, in a fraction of the time.
  float quality;       ///< 0…100, of lossy files.
  const uint8_t *icc;  ///< NULL: no profile.
  size_t icc_count;
  const uint8_t *exif;  ///< NULL: no EXIF chunk.
  size_t exif_count;
} tsr_webp_settings;

typedef struct tsr_webp_writer tsr_webp_writer;

/// Makes a writer to a descriptor, which is borrowed; NULL when there is no memory. `stop` is asked now
/// and then.
tsr_webp_writer *tsr_webp_writer_make(int descriptor, tsr_stop stop);
void tsr_webp_writer_free(tsr_webp_writer *writer);
const tsr_log *tsr_webp_writer_log(const tsr_webp_writer *writer);
/// Encodes and writes rows without gaps.
tsr_status tsr_webp_write(
    tsr_webp_writer *writer, const tsr_webp_settings *settings, const uint8_t *pixels);
/// Encodes rows without gaps, and writes them nowhere; metadata is left out.
tsr_status tsr_webp_encode(
    tsr_webp_writer *writer, const tsr_webp_settings *settings, const uint8_t *pixels);
/// What was encoded: the writer's own.
const uint8_t *tsr_webp_encoded(const tsr_webp_writer *writer, size_t *count);

#endif
