#ifndef TSR_JPEG_H
#define TSR_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsr_io.h"
#include "tsr_log.h"

/// Density of the JFIF header.
typedef struct tsr_jpeg_density {
  uint16_t x;
  uint16_t y;
  uint8_t unit;  ///< 0 only the ratio counts, 1 per inch, 2 per centimetre.
} tsr_jpeg_density;

/// What stands before the first scan.
typedef struct tsr_jpeg_header {
  uint32_t width;
  uint32_t height;
  uint8_t channels;         ///< Of the rows: 1 gray, 3 RGB, 4 CMYK as stored.
  bool multiple_scans;      ///< The decoder must hold all coefficients.
  size_t coefficient_bytes; ///< How much that is; 0 otherwise.
  /// Rows may begin at a multiple of it; fewer columns than this at either end may differ from those of
  /// whole rows.
  uint8_t column_step;
  bool has_density;
  tsr_jpeg_density density;
} tsr_jpeg_header;

/// The linked library's version, such as "2.1.5".
const char *tsr_jpeg_version(void);

typedef struct tsr_jpeg_reader tsr_jpeg_reader;

/// Makes a reader of a source; NULL when there is no memory.
tsr_jpeg_reader *tsr_jpeg_reader_make(tsr_source source);
void tsr_jpeg_reader_free(tsr_jpeg_reader *reader);
const tsr_log *tsr_jpeg_reader_log(const tsr_jpeg_reader *reader);
/// Reads up to the first scan. Where a marker is expected, at most 128 KiB without one are gone
/// through, here and later.
tsr_status tsr_jpeg_read_header(
    tsr_jpeg_reader *reader, int max_scans, bool wants_metadata, tsr_jpeg_header *header);
/// Has rows given at 1/2, 1/4 or 1/8 of height and width, rounded up. Called after the header was read
/// and before the first row.
void tsr_jpeg_reader_shrink(tsr_jpeg_reader *reader, uint32_t divisor);
/// Has only `count` columns of each row given, from a multiple of the step of columns on. Called as
/// `tsr_jpeg_reader_shrink` is, and not with it.
///
/// All coefficients are read, and what is wrong with them is told. Columns that lie less than a step
/// from the edge of what is given may differ from those of whole rows.
void tsr_jpeg_reader_crop(tsr_jpeg_reader *reader, uint32_t first, uint32_t count);
/// The first Exif block without its APP1 header, or NULL; it lives as long as the reader.
const uint8_t *tsr_jpeg_reader_exif(const tsr_jpeg_reader *reader, size_t *count);
/// The first XMP packet without its APP1 header, or NULL; it lives as long as the reader.
const uint8_t *tsr_jpeg_reader_xmp(const tsr_jpeg_reader *reader, size_t *count);
/// The index of a file of several pictures (APP2, MPF), or NULL; it lives as long as the reader.
const uint8_t *tsr_jpeg_reader_index(const tsr_jpeg_reader *reader, size_t *count);
/// Whether another picture follows the EOI marker, once that is read.
bool tsr_jpeg_reader_has_picture(tsr_jpeg_reader *reader);
/// One part of the ICC profile, numbered from 1, or NULL; it lives as long as the reader.
const uint8_t *tsr_jpeg_reader_icc(const tsr_jpeg_reader *reader, int part, size_t *count);
/// How many parts the ICC profile has; 0 without one.
int tsr_jpeg_reader_icc_parts(const tsr_jpeg_reader *reader);
/// Lets the parts of the ICC profile go.
void tsr_jpeg_reader_drop_icc(tsr_jpeg_reader *reader);
/// Decodes the next rows. `done` tells how many are whole, on failure too.
tsr_status tsr_jpeg_read_rows(
    tsr_jpeg_reader *reader, uint8_t *rows, size_t count, size_t bytes_per_row, size_t *done);
/// Passes over the next rows: coefficients are read, and what is wrong with them is told. `done` tells
/// how many there were, on failure too.
tsr_status tsr_jpeg_skip_rows(tsr_jpeg_reader *reader, size_t count, size_t *done);
/// Reads up to the EOI marker. All rows must have been read, or passed over.
tsr_status tsr_jpeg_read_end(tsr_jpeg_reader *reader);

/// How an image is written.
typedef struct tsr_jpeg_settings {
  uint32_t width;
  uint32_t height;
  uint8_t channels;       ///< 1 gray or 3 RGB.
  int quality;            ///< 1…100.
  int chroma_horizontal;  ///< 1 or 2: luma samples per chroma sample along a row.
  int chroma_vertical;    ///< 1 or 2: along a column.
  bool progressive;
  const uint8_t *icc;  ///< NULL: no profile.
  size_t icc_count;
  const uint8_t *exif;  ///< NULL: no APP1 marker.
  size_t exif_count;    ///< At most 65 527.
  bool has_density;
  tsr_jpeg_density density;
} tsr_jpeg_settings;

typedef struct tsr_jpeg_writer tsr_jpeg_writer;

/// Makes a writer to a descriptor, which is borrowed; NULL when there is no memory. `stop` is asked
/// between rows and passes.
tsr_jpeg_writer *tsr_jpeg_writer_make(int descriptor, tsr_stop stop);
void tsr_jpeg_writer_free(tsr_jpeg_writer *writer);
const tsr_log *tsr_jpeg_writer_log(const tsr_jpeg_writer *writer);
tsr_status tsr_jpeg_write_header(tsr_jpeg_writer *writer, const tsr_jpeg_settings *settings);
tsr_status tsr_jpeg_write_rows(
    tsr_jpeg_writer *writer, const uint8_t *rows, size_t count, size_t bytes_per_row);
/// Writes EOI and hands over all that is buffered.
tsr_status tsr_jpeg_write_end(tsr_jpeg_writer *writer);

#endif
