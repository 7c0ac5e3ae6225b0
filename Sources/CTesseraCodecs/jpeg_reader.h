#ifndef JPEG_READER_H
#define JPEG_READER_H

#include <stdio.h>

#include <jpeglib.h>
#include <setjmp.h>

#include "tsr_io.h"
#include "tsr_jpeg.h"

#define ICC_PART_LIMIT 255
/// Bytes without a marker that are gone through where one is expected.
#define SEARCH_LIMIT 65536

typedef struct block {
  uint8_t *bytes;
  size_t count;
} block;

struct tsr_jpeg_reader {
  struct jpeg_decompress_struct codec;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  tsr_log log;
  tsr_input input;
  int max_scans;
  bool started;
  bool in_pixels;       ///< The header was good: what goes wrong now is damage.
  bool at_end;          ///< The file ended before an EOI marker, or goes on without one.
  bool is_endless;      ///< It goes on: a marker was looked for in vain.
  uint64_t searched;    ///< Bytes without a marker, in a row, where one is expected.
  uint64_t step_bytes;  ///< Bytes since the last row of blocks, or of pixels, was begun.
  uint32_t step_row;    ///< That row of blocks.
  char end_text[TSR_TEXT_LIMIT];
  uint32_t lost_row;    ///< The first row that is not in the file; the height when all are.
  uint32_t divisor;     ///< What height and width are decoded at: 1, or 1/2, 1/4, 1/8.
  uint32_t first_column;  ///< Where given rows begin.
  uint32_t column_count;  ///< Columns of them; 0 for all.
  JSAMPROW spare_row;   ///< Takes rows that nobody wants; NULL until there is one.
  uint32_t scanned;     ///< One bit for each component that a scan has begun.
  block exif;
  block xmp;
  block index;          ///< Of the pictures of an MPO file.
  bool keeps_icc;
  int icc_parts;
  block icc[ICC_PART_LIMIT];
};

/// Sets where bytes come from and which markers are kept.
void jpeg_reader_set_source(tsr_jpeg_reader *reader);
/// Where the data end that have no EOI marker, in words; they live as long as the reader.
const char *jpeg_reader_end(tsr_jpeg_reader *reader);
/// Notes that the data of a scan end before its last row does.
void jpeg_reader_lose_rows(tsr_jpeg_reader *reader);

#endif
