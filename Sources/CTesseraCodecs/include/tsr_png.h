#ifndef TSR_PNG_H
#define TSR_PNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsr_io.h"
#include "tsr_log.h"

/// What IHDR says, and how the rows come out of the reader.
typedef struct tsr_png_header {
  uint32_t width;
  uint32_t height;
  uint8_t bit_depth;   ///< As stored: 1, 2, 4, 8 or 16.
  uint8_t color_type;  ///< As stored: 0, 2, 3, 4 or 6.
  bool interlaced;
  uint8_t channels;      ///< Of the rows: palettes and transparent colours are expanded.
  uint8_t sample_bytes;  ///< Of the rows: 1, or 2 in the machine's byte order.
} tsr_png_header;

/// pHYs: pixels per unit along each axis.
typedef struct tsr_png_density {
  uint32_t x;
  uint32_t y;
  bool per_metre;  ///< Otherwise only the ratio of `x` to `y` means something.
} tsr_png_density;

/// The linked library's version, such as "1.6.39".
const char *tsr_png_version(void);

/// How a file is read.
typedef struct tsr_png_options {
  bool wants_metadata;    ///< ICC profile and density are kept.
  bool tolerates_damage;  ///< Rows are wanted even where a checksum is wrong.
  bool is_cut;            ///< The source ends inside a chunk.
  uint64_t source_bytes;
} tsr_png_options;

typedef struct tsr_png_reader tsr_png_reader;

/// Makes a reader of a source; NULL when there is no memory.
tsr_png_reader *tsr_png_reader_make(tsr_source source);
void tsr_png_reader_free(tsr_png_reader *reader);
const tsr_log *tsr_png_reader_log(const tsr_png_reader *reader);

/// Reads up to the pixels.
tsr_status tsr_png_read_header(
    tsr_png_reader *reader, const tsr_png_options *options, tsr_png_header *header);
/// The ICC profile, or NULL; it lives as long as the reader.
const uint8_t *tsr_png_reader_icc(tsr_png_reader *reader, size_t *count);
/// Returns false when there is no pHYs.
bool tsr_png_reader_density(tsr_png_reader *reader, tsr_png_density *density);
/// Decodes the next rows. `done` tells how many are whole, on failure too.
tsr_status tsr_png_read_rows(
    tsr_png_reader *reader, uint8_t *rows, size_t count, size_t bytes_per_row, size_t *done);
/// Reads and checks the rest of the file. All rows must have been read.
tsr_status tsr_png_read_end(tsr_png_reader *reader);

/// How rows are filtered and compressed.
typedef struct tsr_png_compression {
  int level;     ///< 0…9, zlib's.
  int strategy;  ///< zlib's: 0 default, 1 filtered, 2 Huffman only, 3 runs, 4 fixed.
  int filters;   ///< Mask of 8 none, 16 sub, 32 up, 64 average, 128 Paeth.
} tsr_png_compression;

/// A chunk of any kind, before the pixels.
typedef struct tsr_png_chunk {
  char name[5];
  uint8_t bytes[32];
  size_t count;  ///< Of `bytes`.
} tsr_png_chunk;

#define TSR_PNG_CHUNK_LIMIT 8

/// What is written before the pixels.
typedef struct tsr_png_settings {
  uint32_t width;
  uint32_t height;
  uint8_t bit_depth;   ///< 8 or 16.
  uint8_t color_type;  ///< 0, 2, 4 or 6.
  tsr_png_compression compression;
  const uint8_t *icc;  ///< NULL: no profile.
  size_t icc_count;
  const uint8_t *exif;  ///< NULL: no eXIf chunk.
  size_t exif_count;
  bool has_density;
  tsr_png_density density;
  tsr_png_chunk chunks[TSR_PNG_CHUNK_LIMIT];  ///< In this order, behind the profile.
  size_t chunk_count;
} tsr_png_settings;

typedef struct tsr_png_writer tsr_png_writer;

/// Makes a writer to a descriptor, which is borrowed; NULL when there is no memory. `stop` is asked
/// between rows and passes.
tsr_png_writer *tsr_png_writer_make(int descriptor, tsr_stop stop);
void tsr_png_writer_free(tsr_png_writer *writer);
const tsr_log *tsr_png_writer_log(const tsr_png_writer *writer);
tsr_status tsr_png_write_header(tsr_png_writer *writer, const tsr_png_settings *settings);
/// Whether the profile was written: libpng leaves out one that it finds fault with.
bool tsr_png_writer_has_icc(const tsr_png_writer *writer);
tsr_status tsr_png_write_rows(
    tsr_png_writer *writer, const uint8_t *rows, size_t count, size_t bytes_per_row);
/// Sets the filter of the rows to come: one bit of the mask in `tsr_png_compression`.
void tsr_png_set_filter(tsr_png_writer *writer, int filter);
/// Writes IEND and hands over all that is buffered.
tsr_status tsr_png_write_end(tsr_png_writer *writer);

#endif
