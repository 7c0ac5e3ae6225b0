#include "jpeg_reader.h"

#include <jerror.h>
#include <stdlib.h>

/// What libjpeg may hold besides the coefficients, for a row of `width` pixels: tables and some
/// 40 rows of samples.
#define MEMORY_ALLOWANCE(width) (((long)4 << 20) + 256 * (long)(width))

/// Rows after which it is asked once more whether the image is still wanted.
#define ROWS_BETWEEN_QUESTIONS 16

const char *tsr_jpeg_version(void) {
#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)
  return TEXT(LIBJPEG_TURBO_VERSION);
}

// Errors and warnings

static const char *process_name(int marker) {
  switch (marker) {
    case 0xC3: return "lossless";
    case 0xC5: case 0xC6: case 0xC7: return "hierarchical";
    case 0xCB: return "lossless arithmetic";
    case 0xCD: case 0xCE: case 0xCF: return "hierarchical arithmetic";
    default: return "reserved";
  }
}

static void on_error(j_common_ptr common) {
  tsr_jpeg_reader *reader = common->client_data;
  tsr_log *log = &reader->log;
  int parameter = common->err->msg_parm.i[0];
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  switch (common->err->msg_code) {
    case JERR_SOF_UNSUPPORTED:
      tsr_log_fail(
          log, tsr_unsupported, "%s JPEG (marker SOF%d) is not decoded", process_name(parameter),
          parameter - 0xC0);
      break;
    case JERR_BAD_PRECISION:
      tsr_log_fail(log, tsr_unsupported, "%d-bit JPEG is not decoded, only 8-bit", parameter);
      break;
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
      tsr_log_fail(log, tsr_unsupported, "%s", text);
      break;
    case JERR_NO_BACKING_STORE:
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW:
      tsr_log_fail(log, tsr_over_limit, "%s", text);
      break;
    case JERR_OUT_OF_MEMORY:
      tsr_log_fail(log, tsr_no_memory, "%s", text);
      break;
    default:
      if (reader->at_end) {
        tsr_log_fail(log, tsr_truncated, "%s: %s", jpeg_reader_end(reader), text);
      } else {
        tsr_log_fail(log, reader->in_pixels ? tsr_damaged : tsr_malformed, "%s", text);
      }
  }
  longjmp(reader->escape, 1);
}

/// Rows that are given.
static uint32_t given_height(const tsr_jpeg_reader *reader) {
  return (uint32_t)(((uint64_t)reader->codec.image_height + reader->divisor - 1) / reader->divisor);
}

static uint32_t decoded_rows(const tsr_jpeg_reader *reader) {
  const struct jpeg_decompress_struct *codec = &reader->codec;
  uint32_t height = given_height(reader);
  // A later scan refines rows that the first one has brought.
  if (codec->input_scan_number > 1) return height;
  uint64_t rows = (uint64_t)codec->input_iMCU_row * codec->max_v_samp_factor * DCTSIZE;
  return rows / reader->divisor < height ? (uint32_t)(rows / reader->divisor) : height;
}

void jpeg_reader_lose_rows(tsr_jpeg_reader *reader) {
  uint32_t rows = decoded_rows(reader);
  if (rows < reader->lost_row) reader->lost_row = rows;
  tsr_log_warn(
      &reader->log, tsr_missing, "the data end in scan %d, in row %u of %u",
      reader->codec.input_scan_number, rows, given_height(reader));
}

static tsr_severity severity_of(int code) {
  switch (code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL: return tsr_noise;
    default: return tsr_damage;
  }
}

static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  tsr_jpeg_reader *reader = common->client_data;
  int code = common->err->msg_code;
  if (code == JWRN_HIT_MARKER && reader->codec.unread_marker == JPEG_EOI) {
    jpeg_reader_lose_rows(reader);
    return;
  }
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  tsr_log_warn(&reader->log, severity_of(code), "%s", text);
}

static void on_progress(j_common_ptr common) {
  tsr_jpeg_reader *reader = common->client_data;
  struct jpeg_decompress_struct *codec = &reader->codec;
  // Rows are many, and asking takes as long as a part of one.
  bool asks = codec->output_scanline % ROWS_BETWEEN_QUESTIONS == 0;
  if (asks && tsr_stopped(&reader->log, &reader->input.source.stop)) longjmp(reader->escape, 1);
  reader->step_bytes = 0;
  for (int i = 0; i < codec->comps_in_scan; i++) {
    reader->scanned |= 1u << codec->cur_comp_info[i]->component_index;
  }
  if (codec->input_scan_number > reader->max_scans) {
    tsr_log_fail(
        &reader->log, tsr_over_limit, "more than %d scans in one image", reader->max_scans);
    longjmp(reader->escape, 1);
  }
}

// Life

static bool create(tsr_jpeg_reader *reader) {
  reader->codec.err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = on_error;
  reader->errors.emit_message = on_message;
  reader->codec.client_data = reader;
  if (setjmp(reader->escape)) return false;
  jpeg_create_decompress(&reader->codec);
  return true;
}

tsr_jpeg_reader *tsr_jpeg_reader_make(tsr_source source) {
  tsr_jpeg_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) return NULL;
  if (!create(reader)) {
    tsr_jpeg_reader_free(reader);
    return NULL;
  }
  reader->input.source = source;
  reader->input.log = &reader->log;
  jpeg_reader_set_source(reader);
  reader->progress.progress_monitor = on_progress;
  reader->codec.progress = &reader->progress;
  reader->codec.mem->max_memory_to_use = MEMORY_ALLOWANCE(0);
  return reader;
}

void tsr_jpeg_reader_free(tsr_jpeg_reader *reader) {
  if (reader == NULL) return;
  jpeg_destroy_decompress(&reader->codec);
  free(reader->exif.bytes);
  free(reader->xmp.bytes);
  free(reader->index.bytes);
  for (int i = 0; i < ICC_PART_LIMIT; i++) free(reader->icc[i].bytes);
  free(reader);
}

const tsr_log *tsr_jpeg_reader_log(const tsr_jpeg_reader *reader) { return &reader->log; }

// Decoding

static size_t coefficient_bytes(const struct jpeg_decompress_struct *codec) {
  size_t bytes = 0;
  for (int i = 0; i < codec->num_components; i++) {
    const jpeg_component_info *component = &codec->comp_info[i];
    size_t h = component->h_samp_factor, v = component->v_samp_factor;
    size_t across = (component->width_in_blocks + h - 1) / h * h;
    size_t down = (component->height_in_blocks + v - 1) / v * v;
    bytes += across * down * sizeof(JBLOCK);
  }
  return bytes;
}

tsr_status tsr_jpeg_read_header(
    tsr_jpeg_reader *reader, int max_scans, bool wants_metadata, tsr_jpeg_header *header) {
  struct jpeg_decompress_struct *codec = &reader->codec;
  if (setjmp(reader->escape)) return reader->log.status;

  reader->max_scans = max_scans;
  reader->keeps_icc = wants_metadata;
  jpeg_read_header(codec, TRUE);
  if (reader->at_end) {
    tsr_log_fail(
        &reader->log, tsr_truncated, "%s, before the first scan", jpeg_reader_end(reader));
    return reader->log.status;
  }

  switch (codec->num_components) {
    case 1: codec->out_color_space = JCS_GRAYSCALE; break;
    case 3: codec->out_color_space = JCS_RGB; break;
    case 4: codec->out_color_space = JCS_CMYK; break;
    default:
      tsr_log_fail(
          &reader->log, tsr_unsupported, "JPEG of %d components is not decoded, only of 1, 3 or 4",
          codec->num_components);
      return reader->log.status;
  }
  codec->dct_method = JDCT_ISLOW;
  bool multiple = jpeg_has_multiple_scans(codec);
  *header = (tsr_jpeg_header){
      .width = codec->image_width,
      .height = codec->image_height,
      .channels = (uint8_t)codec->num_components,
      .multiple_scans = multiple,
      // Where a progressive file lacks scans, the library smooths over two blocks to either side, and
      // colours at half the width take a value from the next.
      .column_step =
          (uint8_t)(codec->max_h_samp_factor * DCTSIZE * (codec->progressive_mode ? 3 : 1)),
      .coefficient_bytes = multiple ? coefficient_bytes(codec) : 0,
      .has_density = codec->saw_JFIF_marker,
      .density = {codec->X_density, codec->Y_density, codec->density_unit},
  };
  codec->mem->max_memory_to_use =
      (long)header->coefficient_bytes + MEMORY_ALLOWANCE(codec->image_width);
  reader->divisor = 1;
  reader->lost_row = codec->image_height;
  return tsr_ok;
}

void tsr_jpeg_reader_shrink(tsr_jpeg_reader *reader, uint32_t divisor) {
  reader->codec.scale_num = 1;
  reader->codec.scale_denom = divisor;
  reader->divisor = divisor;
  reader->lost_row = given_height(reader);
}

void tsr_jpeg_reader_crop(tsr_jpeg_reader *reader, uint32_t first, uint32_t count) {
  reader->first_column = first;
  reader->column_count = count;
}

/// Whether every bit of every coefficient has been in some scan.
static bool has_all_coefficients(const tsr_jpeg_reader *reader) {
  const struct jpeg_decompress_struct *codec = &reader->codec;
  if (reader->scanned + 1 != 1u << codec->num_components) return false;
  if (!codec->progressive_mode || codec->coef_bits == NULL) return true;
  for (int component = 0; component < codec->num_components; component++) {
    for (int i = 0; i < DCTSIZE2; i++) {
      if (codec->coef_bits[component][i] != 0) return false;
    }
  }
  return true;
}

static void start(tsr_jpeg_reader *reader) {
  reader->in_pixels = true;
  jpeg_start_decompress(&reader->codec);
  if (reader->column_count > 0) {
    JDIMENSION first = reader->first_column, count = reader->column_count;
    jpeg_crop_scanline(&reader->codec, &first, &count);
  }
  reader->started = true;
  if (!jpeg_has_multiple_scans(&reader->codec)) return;
  bool has_components = reader->scanned + 1 == 1u << reader->codec.num_components;
  if (!has_components || (reader->at_end && !has_all_coefficients(reader))) {
    tsr_log_warn(
        &reader->log, tsr_missing, "the %s after %d scans, before the last one",
        reader->is_endless ? "markers end" : "file ends", reader->codec.input_scan_number);
  }
}

/// Fails because a row was asked for that the file does not have.
static void fail_lost(tsr_jpeg_reader *reader) {
  tsr_log_fail(
      &reader->log, tsr_truncated, "the data end in row %u of %u", reader->lost_row,
      given_height(reader));
}

tsr_status tsr_jpeg_read_rows(
    tsr_jpeg_reader *reader, uint8_t *rows, size_t count, size_t bytes_per_row, size_t *done) {
  struct jpeg_decompress_struct *codec = &reader->codec;
  volatile size_t whole = 0;
  *done = 0;
  if (reader->log.status != tsr_ok) return reader->log.status;
  if (setjmp(reader->escape)) {
    *done = whole;
    return reader->log.status;
  }
  if (!reader->started) start(reader);
  while (whole < count) {
    JSAMPROW row = rows + whole * bytes_per_row;
    JDIMENSION position = codec->output_scanline;
    jpeg_read_scanlines(codec, &row, 1);
    if (position >= reader->lost_row) {
      fail_lost(reader);
      break;
    }
    whole += 1;
  }
  *done = whole;
  return reader->log.status;
}

/// Decodes rows that nobody wants.
static void spare_rows(tsr_jpeg_reader *reader, size_t count) {
  struct jpeg_decompress_struct *codec = &reader->codec;
  if (reader->spare_row == NULL) {
    size_t bytes = (size_t)codec->output_width * (size_t)codec->output_components;
    reader->spare_row = codec->mem->alloc_large((j_common_ptr)codec, JPOOL_IMAGE, bytes);
  }
  for (; count > 0; count--) jpeg_read_scanlines(codec, &reader->spare_row, 1);
}

tsr_status tsr_jpeg_skip_rows(tsr_jpeg_reader *reader, size_t count, size_t *done) {
  struct jpeg_decompress_struct *codec = &reader->codec;
  JDIMENSION first = codec->output_scanline;
  *done = 0;
  if (reader->log.status != tsr_ok || count == 0) return reader->log.status;
  if (setjmp(reader->escape)) {
    uint32_t rows = reader->started ? decoded_rows(reader) : 0;
    if (rows > reader->lost_row) rows = reader->lost_row;
    if (rows > first) *done = rows - first < count ? rows - first : count;
    return reader->log.status;
  }
  if (!reader->started) start(reader);
  // libjpeg skips well from the beginning of a row of blocks alone: within one it may give old rows, and
  // lose count of the rows of blocks, as after another skip (libjpeg-turbo's issue 915). And it does not
  // read what the last row of an image is made of where it skips that.
  size_t block_rows = (size_t)codec->max_v_samp_factor * DCTSIZE / reader->divisor;
  size_t before = (block_rows - first % block_rows) % block_rows;
  if (before >= count) before = count - 1;
  spare_rows(reader, before);
  if (count - before > 1) jpeg_skip_scanlines(codec, (JDIMENSION)(count - before - 1));
  spare_rows(reader, 1);
  *done = codec->output_scanline - first;
  if (codec->output_scanline > reader->lost_row) {
    *done = reader->lost_row > first ? reader->lost_row - first : 0;
    fail_lost(reader);
  }
  return reader->log.status;
}

tsr_status tsr_jpeg_read_end(tsr_jpeg_reader *reader) {
  if (reader->log.status != tsr_ok) return reader->log.status;
  if (setjmp(reader->escape)) return reader->log.status;
  jpeg_finish_decompress(&reader->codec);
  if (reader->at_end && reader->log.missing_count == 0) {
    tsr_log_warn(
        &reader->log, tsr_damage, "%s, before the EOI marker", jpeg_reader_end(reader));
  }
  return reader->log.status;
}
