// The bytes of a JPEG file and the segments that are kept of its header.

#include "jpeg_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_start(j_decompress_ptr codec) { (void)codec; }

const char *jpeg_reader_end(tsr_jpeg_reader *reader) {
  unsigned long long end = reader->input.taken;
  if (reader->is_endless) {
    snprintf(
        reader->end_text, sizeof reader->end_text,
        "no marker was found where one was expected, up to byte %llu", end);
  } else {
    snprintf(reader->end_text, sizeof reader->end_text, "the file ends after %llu bytes", end);
  }
  return reader->end_text;
}

/// Whether a marker is among the bytes that were just read; `prefix` tells whether 0xFF came before.
static bool has_marker(const tsr_jpeg_reader *reader, bool prefix) {
  for (size_t i = 0; i < reader->input.count; i++) {
    uint8_t byte = reader->input.bytes[i];
    if (prefix && byte != 0x00 && byte != 0xFF) return true;
    prefix = byte == 0xFF;
  }
  return false;
}

/// Bytes that two rows of blocks cannot need, whatever they are.
static uint64_t step_limit(const struct jpeg_decompress_struct *codec) {
  // A coefficient takes 32 bits at most, and twice that where every byte is 0xFF; arithmetic coding
  // may take 16 for each of its decisions.
  uint64_t block_bytes = codec->arith_code ? 8192 : 2 * DCTSIZE2 * 8;
  uint64_t blocks = (uint64_t)codec->MCUs_per_row * D_MAX_BLOCKS_IN_MCU;
  return blocks * block_bytes + 2 * SEARCH_LIMIT;
}

/// Whether libjpeg looks for a marker that does not come: it would go on to the end of any file.
static bool is_endless(tsr_jpeg_reader *reader, bool prefix) {
  const struct jpeg_decompress_struct *codec = &reader->codec;
  if (codec->input_scan_number > 0 && codec->input_iMCU_row < codec->total_iMCU_rows) {
    reader->searched = 0;
    // Nothing is said of rows that are skipped.
    if (codec->input_iMCU_row != reader->step_row) reader->step_bytes = 0;
    reader->step_row = codec->input_iMCU_row;
    reader->step_bytes += reader->input.count;
    return reader->step_bytes > step_limit(codec);
  }
  // A segment is being read.
  if (codec->unread_marker != 0 || has_marker(reader, prefix)) {
    reader->searched = 0;
    return false;
  }
  reader->searched += reader->input.count;
  if (reader->searched < SEARCH_LIMIT) return false;
  if (codec->input_scan_number == 0) {
    tsr_log_fail(
        &reader->log, tsr_malformed,
        "expected a marker, found %llu bytes without one before byte %llu",
        (unsigned long long)reader->searched, (unsigned long long)reader->input.taken);
    longjmp(reader->escape, 1);
  }
  return true;
}

static boolean on_fill(j_decompress_ptr codec) {
  static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};
  tsr_jpeg_reader *reader = codec->client_data;
  const tsr_input *input = &reader->input;
  bool prefix = input->count > 0 && input->bytes[input->count - 1] == 0xFF;
  if (!reader->at_end && tsr_input_fill(&reader->input)) {
    reader->is_endless = is_endless(reader, prefix);
  }
  if (!reader->at_end && !reader->is_endless && reader->input.count > 0) {
    reader->source.next_input_byte = reader->input.bytes;
    reader->source.bytes_in_buffer = reader->input.count;
    return TRUE;
  }
  if (reader->log.status != tsr_ok) longjmp(reader->escape, 1);
  // The arithmetic decoder takes a marker for zeros without complaint.
  bool in_scan = codec->input_scan_number > 0 && codec->input_iMCU_row < codec->total_iMCU_rows;
  if (!reader->at_end && codec->arith_code && in_scan) jpeg_reader_lose_rows(reader);
  reader->at_end = true;
  reader->source.next_input_byte = end_of_image;
  reader->source.bytes_in_buffer = sizeof end_of_image;
  return TRUE;
}

static void on_skip(j_decompress_ptr codec, long count) {
  tsr_jpeg_reader *reader = codec->client_data;
  struct jpeg_source_mgr *source = &reader->source;
  while (count > 0 && (size_t)count > source->bytes_in_buffer) {
    count -= (long)source->bytes_in_buffer;
    on_fill(codec);
    if (reader->at_end) return;
  }
  if (count <= 0) return;
  source->next_input_byte += count;
  source->bytes_in_buffer -= (size_t)count;
}

static int next_byte(j_decompress_ptr codec) {
  struct jpeg_source_mgr *source = codec->src;
  if (source->bytes_in_buffer == 0) on_fill(codec);
  source->bytes_in_buffer -= 1;
  return *source->next_input_byte++;
}

// Metadata

/// A segment whose first bytes have been read.
typedef struct segment {
  uint8_t start[32];
  size_t count;  ///< Bytes in `start`.
  size_t left;   ///< Bytes that follow.
} segment;

static segment begin_segment(j_decompress_ptr codec) {
  int size = next_byte(codec) << 8;
  size |= next_byte(codec);
  segment begun = {.left = size > 2 ? (size_t)size - 2 : 0};
  while (begun.left > 0 && begun.count < sizeof begun.start) {
    begun.start[begun.count++] = (uint8_t)next_byte(codec);
    begun.left -= 1;
  }
  return begun;
}

static bool has_name(const segment *begun, const char *name, size_t count) {
  return begun->count > count && memcmp(begun->start, name, count) == 0;
}

/// Copies a segment behind its name into new memory, unless a block is there already.
static void keep_segment(
    j_decompress_ptr codec, const segment *begun, size_t name_count, block *kept) {
  tsr_jpeg_reader *reader = codec->client_data;
  size_t start_count = begun->count - name_count;
  bool is_first = kept->bytes == NULL;
  if (is_first) kept->bytes = malloc(start_count + begun->left);
  if (!is_first || kept->bytes == NULL) {
    on_skip(codec, (long)begun->left);
    return;
  }
  memcpy(kept->bytes, begun->start + name_count, start_count);
  for (size_t i = 0; i < begun->left; i++) {
    kept->bytes[start_count + i] = (uint8_t)next_byte(codec);
  }
  // What follows the end of the file is not metadata.
  if (!reader->at_end) kept->count = start_count + begun->left;
}

/// A name, its closing NUL included where there is one, and its length.
#define NAME(text) text, sizeof(text) - 1

static boolean on_app1(j_decompress_ptr codec) {
  tsr_jpeg_reader *reader = codec->client_data;
  segment begun = begin_segment(codec);
  if (has_name(&begun, NAME("Exif\0\0"))) {
    keep_segment(codec, &begun, 6, &reader->exif);
  } else if (has_name(&begun, NAME("http://ns.adobe.com/xap/1.0/\0"))) {
    keep_segment(codec, &begun, 29, &reader->xmp);
  } else {
    on_skip(codec, (long)begun.left);
  }
  return TRUE;
}

static void keep_icc(j_decompress_ptr codec, const segment *begun) {
  tsr_jpeg_reader *reader = codec->client_data;
  block part = {0};
  keep_segment(codec, begun, 12, &part);
  int number = part.count > 2 ? part.bytes[0] : 0;
  if (number == 0 || reader->icc[number - 1].bytes != NULL) {
    free(part.bytes);
    return;
  }
  reader->icc_parts = part.bytes[1];
  reader->icc[number - 1] = part;
}

static boolean on_app2(j_decompress_ptr codec) {
  tsr_jpeg_reader *reader = codec->client_data;
  segment begun = begin_segment(codec);
  if (reader->keeps_icc && has_name(&begun, NAME("ICC_PROFILE\0"))) {
    keep_icc(codec, &begun);
  } else if (has_name(&begun, NAME("MPF\0"))) {
    keep_segment(codec, &begun, 4, &reader->index);
  } else {
    on_skip(codec, (long)begun.left);
  }
  return TRUE;
}

void jpeg_reader_set_source(tsr_jpeg_reader *reader) {
  reader->source = (struct jpeg_source_mgr){
      .init_source = on_start,
      .fill_input_buffer = on_fill,
      .skip_input_data = on_skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = on_start,
  };
  reader->codec.src = &reader->source;
  jpeg_set_marker_processor(&reader->codec, JPEG_APP0 + 1, on_app1);
  jpeg_set_marker_processor(&reader->codec, JPEG_APP0 + 2, on_app2);
}

const uint8_t *tsr_jpeg_reader_exif(const tsr_jpeg_reader *reader, size_t *count) {
  *count = reader->exif.count;
  return reader->exif.bytes;
}

const uint8_t *tsr_jpeg_reader_xmp(const tsr_jpeg_reader *reader, size_t *count) {
  *count = reader->xmp.count;
  return reader->xmp.bytes;
}

const uint8_t *tsr_jpeg_reader_index(const tsr_jpeg_reader *reader, size_t *count) {
  *count = reader->index.count;
  return reader->index.bytes;
}

bool tsr_jpeg_reader_has_picture(tsr_jpeg_reader *reader) {
  if (reader->at_end || reader->log.status != tsr_ok) return false;
  static const uint8_t start[3] = {0xFF, 0xD8, 0xFF};
  struct jpeg_source_mgr *source = &reader->source;
  for (size_t i = 0; i < sizeof start; i++) {
    if (source->bytes_in_buffer == 0) {
      if (!tsr_input_fill(&reader->input)) return false;
      source->next_input_byte = reader->input.bytes;
      source->bytes_in_buffer = reader->input.count;
    }
    source->bytes_in_buffer -= 1;
    if (*source->next_input_byte++ != start[i]) return false;
  }
  return true;
}

void tsr_jpeg_reader_drop_icc(tsr_jpeg_reader *reader) {
  for (int i = 0; i < ICC_PART_LIMIT; i++) {
    free(reader->icc[i].bytes);
    reader->icc[i] = (block){0};
  }
  reader->icc_parts = 0;
}

int tsr_jpeg_reader_icc_parts(const tsr_jpeg_reader *reader) { return reader->icc_parts; }

const uint8_t *tsr_jpeg_reader_icc(const tsr_jpeg_reader *reader, int part, size_t *count) {
  *count = 0;
  if (part < 1 || part > ICC_PART_LIMIT) return NULL;
  const block *kept = &reader->icc[part - 1];
  if (kept->count < 2) return NULL;
  *count = kept->count - 2;
  return kept->bytes + 2;
}
