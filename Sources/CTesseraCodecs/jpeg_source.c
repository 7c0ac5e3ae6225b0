// The bytes of a JPEG file and the segments that are kept of its header.

#include "jpeg_reader.h"

#include <stdlib.h>

static void on_start(j_decompress_ptr codec) { (void)codec; }

static boolean on_fill(j_decompress_ptr codec) {
  static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};
  tsr_jpeg_reader *reader = codec->client_data;
  if (!reader->at_end && tsr_input_fill(&reader->input)) {
    reader->source.next_input_byte = reader->input.bytes;
    reader->source.bytes_in_buffer = reader->input.count;
    return TRUE;
  }
  if (reader->log.status == tsr_io) longjmp(reader->escape, 1);
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

/// Reads the rest of a marker's segment into new memory if it begins with `name`, and skips it if
/// it does not or a block is there already.
static void keep_segment(
    j_decompress_ptr codec, size_t count, const uint8_t *name, size_t name_count, block *kept) {
  tsr_jpeg_reader *reader = codec->client_data;
  size_t matched = 0;
  while (matched < name_count && count > 0) {
    count -= 1;
    if (next_byte(codec) != name[matched]) break;
    matched += 1;
  }
  bool wanted = matched == name_count && kept->bytes == NULL && count > 0;
  if (wanted) kept->bytes = malloc(count);
  if (!wanted || kept->bytes == NULL) {
    on_skip(codec, (long)count);
    return;
  }
  kept->count = count;
  for (size_t i = 0; i < count; i++) kept->bytes[i] = (uint8_t)next_byte(codec);
  // What follows the end of the file is not metadata.
  if (reader->at_end) kept->count = 0;
}

static size_t segment_size(j_decompress_ptr codec) {
  int size = next_byte(codec) << 8;
  size |= next_byte(codec);
  return size > 2 ? (size_t)size - 2 : 0;
}

static boolean on_exif(j_decompress_ptr codec) {
  tsr_jpeg_reader *reader = codec->client_data;
  keep_segment(codec, segment_size(codec), (const uint8_t *)"Exif\0", 6, &reader->exif);
  return TRUE;
}

static boolean on_icc(j_decompress_ptr codec) {
  tsr_jpeg_reader *reader = codec->client_data;
  block segment = {0};
  keep_segment(codec, segment_size(codec), (const uint8_t *)"ICC_PROFILE", 12, &segment);
  int part = segment.count > 2 ? segment.bytes[0] : 0;
  if (part == 0 || reader->icc[part - 1].bytes != NULL) {
    free(segment.bytes);
    return TRUE;
  }
  reader->icc_parts = segment.bytes[1];
  reader->icc[part - 1] = segment;
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
  jpeg_set_marker_processor(&reader->codec, JPEG_APP0 + 1, on_exif);
}

void jpeg_reader_keep_icc(tsr_jpeg_reader *reader) {
  jpeg_set_marker_processor(&reader->codec, JPEG_APP0 + 2, on_icc);
}

const uint8_t *tsr_jpeg_reader_exif(const tsr_jpeg_reader *reader, size_t *count) {
  *count = reader->exif.count;
  return reader->exif.bytes;
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
