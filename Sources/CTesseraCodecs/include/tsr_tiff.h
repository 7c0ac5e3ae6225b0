#ifndef TSR_TIFF_H
#define TSR_TIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsr_io.h"
#include "tsr_log.h"

/// Meanings of extra samples that are told of, at most.
#define TSR_TIFF_EXTRA_LIMIT 8

/// XResolution and YResolution.
typedef struct tsr_tiff_density {
  float x;
  float y;
  uint16_t unit;  ///< 1 only the ratio counts, 2 per inch, 3 per centimetre.
} tsr_tiff_density;

/// What a page's directory says.
typedef struct tsr_tiff_header {
  uint32_t width;
  uint32_t height;
  uint16_t samples;        ///< Stored for each pixel.
  uint16_t bits;           ///< Of a sample.
  uint16_t sample_format;  ///< 1 unsigned, 2 signed, 3 float, 4 undefined, 5 and 6 complex.
  uint16_t photometric;
  uint16_t compression;
  uint16_t ink_set;
  uint16_t orientation;
  bool separate_planes;
  bool is_tiled;
  uint32_t block_width;   ///< Of a tile; else the image's.
  uint32_t block_height;  ///< Of a tile or a strip.
  uint64_t band_bytes;    ///< A row of tiles, or a strip, as it is decoded.
  uint64_t stored_bytes;  ///< The largest strip or tile as it is stored.
  uint16_t extra_count;
  uint16_t extra[TSR_TIFF_EXTRA_LIMIT];  ///< 0 unspecified, 1 premultiplied alpha, 2 alpha.
  bool lacks_extra;  ///< The file does not say what they are.
  bool is_reduced;         ///< A smaller version of another page, or a mask of one.
  bool is_raw;             ///< A camera's raw (DNG).
  bool has_more_pages;
  bool has_density;
  tsr_tiff_density density;
} tsr_tiff_header;

/// How samples become the values of rows.
typedef struct tsr_tiff_rows {
  uint32_t colors;  ///< The first samples of a pixel, or 3 of a palette.
  int32_t alpha;    ///< The sample that is opacity, or -1.
  uint32_t sample_bytes;  ///< Of the values that come out: 1, 2 or 4.
  bool inverts;     ///< 0 is white.
  bool divides;     ///< Colours are multiplied by opacity.
  bool is_palette;
} tsr_tiff_rows;

/// The linked library's version, such as "4.5.0".
const char *tsr_tiff_version(void);

typedef struct tsr_tiff_reader tsr_tiff_reader;

/// Makes a reader of a source; NULL when there is no memory.
tsr_tiff_reader *tsr_tiff_reader_make(tsr_source source, uint64_t source_bytes);
void tsr_tiff_reader_free(tsr_tiff_reader *reader);
const tsr_log *tsr_tiff_reader_log(const tsr_tiff_reader *reader);

/// Finds pages, without smaller versions and masks of others, and where the directory before that of each
/// is; 0 for the first. On failure, which a damaged directory is, `count` tells of those before it.
tsr_status tsr_tiff_list_pages(
    tsr_tiff_reader *reader, uint64_t *places, size_t capacity, size_t *count);
/// Goes to the page behind the directory in a place. Called before the header is read.
tsr_status tsr_tiff_go_to_page(tsr_tiff_reader *reader, uint64_t place);
/// Goes to a page, counted from 0 as tsr_tiff_list_pages does. Called before the header is read.
tsr_status tsr_tiff_select_page(tsr_tiff_reader *reader, uint32_t page);
/// Reads the directory of the first page, or of the one that was gone to.
tsr_status tsr_tiff_read_header(tsr_tiff_reader *reader, tsr_tiff_header *header);
/// The ICC profile, or NULL; it lives as long as the reader.
const uint8_t *tsr_tiff_reader_icc(tsr_tiff_reader *reader, size_t *count);
/// Says how rows come out. Called after the header was read, before the first row.
void tsr_tiff_reader_begin(tsr_tiff_reader *reader, const tsr_tiff_rows *rows);
/// Decodes the next rows. `done` tells how many are whole, on failure too.
tsr_status tsr_tiff_read_rows(
    tsr_tiff_reader *reader, uint8_t *rows, size_t count, size_t bytes_per_row, size_t *done);

/// How an image is written.
typedef struct tsr_tiff_settings {
  uint32_t width;
  uint32_t height;
  uint16_t channels;  ///< 1 gray or 3 RGB, and one more with alpha.
  uint16_t bits;      ///< 8, 16, or 32 for floats.
  bool has_alpha;
  int level;          ///< Of deflate, 1…9; 0 stores rows as they are.
  uint32_t rows_per_strip;
  bool is_big;        ///< BigTIFF: more than 4 GB.
  const uint8_t *icc;  ///< NULL: no profile.
  size_t icc_count;
  bool has_density;
  tsr_tiff_density density;
} tsr_tiff_settings;

typedef struct tsr_tiff_writer tsr_tiff_writer;

/// Makes a writer to an empty file, which is borrowed; NULL when there is no memory. `stop` is asked
/// between rows.
tsr_tiff_writer *tsr_tiff_writer_make(int descriptor, tsr_stop stop);
void tsr_tiff_writer_free(tsr_tiff_writer *writer);
const tsr_log *tsr_tiff_writer_log(const tsr_tiff_writer *writer);
tsr_status tsr_tiff_write_header(tsr_tiff_writer *writer, const tsr_tiff_settings *settings);
tsr_status tsr_tiff_write_rows(
    tsr_tiff_writer *writer, const uint8_t *rows, size_t count, size_t bytes_per_row);
/// Writes the last strip and the directory.
tsr_status tsr_tiff_write_end(tsr_tiff_writer *writer);

#endif
