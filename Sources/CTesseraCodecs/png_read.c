#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "tsr_io.h"
#include "tsr_png.h"

/// What libpng may hold besides its two rows: zlib's state, an ICC profile with the buffers it is
/// inflated through. Measured need without a profile: 50 KB.
#define MEMORY_ALLOWANCE ((size_t)32 << 20)

struct tsr_png_reader {
  png_structp png;
  png_infop info;
  tsr_log log;
  tsr_input input;
  size_t memory;        ///< Bytes libpng holds now.
  size_t memory_limit;  ///< Bytes it may hold.
  tsr_png_options options;
  tsr_png_header header;
  size_t row_bytes;
  size_t next_row;
  uint8_t *image;  ///< All rows of an interlaced image, once the first is asked for.
  size_t whole_rows;  ///< Rows of it that the last pass has been through.
  bool ignores_checksum;  ///< zlib's was found wrong.
  int palette_count;
  uint8_t palette[256][4];
};

const char *tsr_png_version(void) { return png_get_libpng_ver(NULL); }

/// A block of libpng's memory starts with its own size.
typedef union allocation {
  size_t size;
  max_align_t alignment;
} allocation;

static png_voidp take_memory(png_structp png, png_alloc_size_t size) {
  tsr_png_reader *reader = png_get_mem_ptr(png);
  if (size > reader->memory_limit - reader->memory) return NULL;
  allocation *block = malloc(sizeof(allocation) + size);
  if (block == NULL) return NULL;
  block->size = size;
  reader->memory += size;
  return block + 1;
}

static void give_memory(png_structp png, png_voidp memory) {
  tsr_png_reader *reader = png_get_mem_ptr(png);
  if (memory == NULL) return;
  allocation *block = (allocation *)memory - 1;
  reader->memory -= block->size;
  free(block);
}

static bool is_critical_chunk(const char *text) {
  return text[0] >= 'A' && text[0] <= 'Z' && strlen(text) > 4 && text[4] == ':';
}

/// libpng puts the chunk's name before its complaints: those about critical chunks are damage,
/// those about the others metadata.
static void on_warning(png_structp png, png_const_charp text) {
  tsr_png_reader *reader = png_get_error_ptr(png);
  bool is_damage = is_critical_chunk(text);
  // A palette is only a suggestion where pixels are not indices into it.
  bool is_palette = strncmp(text, "PLTE:", 5) == 0 && strstr(text, "CRC") == NULL;
  if (is_palette && png_get_color_type(png, reader->info) != PNG_COLOR_TYPE_PALETTE) {
    is_damage = false;
  }
  tsr_log_warn(&reader->log, is_damage ? tsr_damage : tsr_noise, "%s", text);
}

static void on_error(png_structp png, png_const_charp text) {
  tsr_png_reader *reader = png_get_error_ptr(png);
  tsr_status status = tsr_malformed;
  if (strstr(text, "unhandled critical chunk") != NULL) status = tsr_unsupported;
  if (strstr(text, "emory") != NULL) status = tsr_over_limit;
  if (reader->row_bytes > 0 && status == tsr_malformed) status = tsr_damaged;
  if (strstr(text, "Not enough image data") != NULL) status = tsr_truncated;
  tsr_log_fail(&reader->log, status, "%s", text);
  png_longjmp(png, 1);
}

static void on_read(png_structp png, png_bytep bytes, size_t count) {
  tsr_png_reader *reader = png_get_io_ptr(png);
  if (tsr_input_read(&reader->input, bytes, count) == count) return;
  tsr_log_fail(
      &reader->log, tsr_truncated, "the file ends after %llu bytes, before the IEND chunk",
      (unsigned long long)reader->input.taken);
  png_error(png, "end of file");
}

static bool create(tsr_png_reader *reader) {
  reader->png = png_create_read_struct_2(
      PNG_LIBPNG_VER_STRING, reader, on_error, on_warning, reader, take_memory, give_memory);
  if (reader->png != NULL) reader->info = png_create_info_struct(reader->png);
  if (reader->info == NULL) return false;
  png_set_read_fn(reader->png, reader, on_read);
  return true;
}

tsr_png_reader *tsr_png_reader_make(tsr_source source) {
  tsr_png_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) return NULL;
  reader->input.source = source;
  reader->input.log = &reader->log;
  reader->memory_limit = MEMORY_ALLOWANCE;
  if (create(reader)) return reader;
  tsr_png_reader_free(reader);
  return NULL;
}

void tsr_png_reader_free(tsr_png_reader *reader) {
  if (reader == NULL) return;
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  free(reader->image);
  free(reader);
}

const tsr_log *tsr_png_reader_log(const tsr_png_reader *reader) { return &reader->log; }

static void set_policies(tsr_png_reader *reader) {
  png_structp png = reader->png;
  // The caller compares width × height with its own limit before any row is taken.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, 0);
  png_set_benign_errors(png, 1);
  // Go on after a bad checksum, so that the caller's policy decides and not libpng.
  png_set_crc_action(png, PNG_CRC_WARN_USE, PNG_CRC_WARN_DISCARD);
  // Some encoders declare a window smaller than the one they used.
  png_set_option(png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
  if (reader->ignores_checksum) png_set_option(png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
  // Chunks that are not used are skipped unread: they may claim gigabytes or inflate to them.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  if (reader->options.wants_metadata) {
    static const png_byte used[] = "iCCP\0pHYs";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, used, 2);
  }
}

/// Copies palette and transparency, so that indices can be expanded here: libpng's own expansion
/// does not tell of indices beyond the palette.
static void copy_palette(tsr_png_reader *reader, bool has_transparency) {
  png_colorp colors = NULL;
  png_bytep alphas = NULL;
  int alpha_count = 0;
  png_get_PLTE(reader->png, reader->info, &colors, &reader->palette_count);
  if (has_transparency) png_get_tRNS(reader->png, reader->info, &alphas, &alpha_count, NULL);
  for (int i = 0; i < 256; i++) {
    bool known = colors != NULL && i < reader->palette_count;
    reader->palette[i][0] = known ? colors[i].red : 0;
    reader->palette[i][1] = known ? colors[i].green : 0;
    reader->palette[i][2] = known ? colors[i].blue : 0;
    reader->palette[i][3] = alphas != NULL && i < alpha_count ? alphas[i] : 255;
  }
}

/// Reads up to the pixels and decides what the rows will look like.
static void prepare(tsr_png_reader *reader) {
  png_structp png = reader->png;
  set_policies(reader);
  png_read_info(png, reader->info);

  tsr_png_header *h = &reader->header;
  h->width = png_get_image_width(png, reader->info);
  h->height = png_get_image_height(png, reader->info);
  h->bit_depth = png_get_bit_depth(png, reader->info);
  h->color_type = png_get_color_type(png, reader->info);
  h->interlaced = png_get_interlace_type(png, reader->info) != PNG_INTERLACE_NONE;
  h->sample_bytes = h->bit_depth == 16 ? 2 : 1;
  bool has_transparency = png_get_valid(png, reader->info, PNG_INFO_tRNS) != 0;
  bool has_color = (h->color_type & PNG_COLOR_MASK_COLOR) != 0;
  bool has_alpha = (h->color_type & PNG_COLOR_MASK_ALPHA) != 0 || has_transparency;
  h->channels = (has_color ? 3 : 1) + (has_alpha ? 1 : 0);

  if (h->color_type == PNG_COLOR_TYPE_PALETTE) {
    copy_palette(reader, has_transparency);
    png_set_packing(png);
  } else {
    if (has_transparency) png_set_tRNS_to_alpha(png);
    if (h->bit_depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  }
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (h->bit_depth == 16) png_set_swap(png);
#endif
}

tsr_status tsr_png_read_header(
    tsr_png_reader *reader, const tsr_png_options *options, tsr_png_header *header) {
  if (setjmp(png_jmpbuf(reader->png))) return reader->log.status;
  reader->options = *options;
  prepare(reader);
  *header = reader->header;
  return tsr_ok;
}

const uint8_t *tsr_png_reader_icc(tsr_png_reader *reader, size_t *count) {
  png_charp name;
  png_bytep profile = NULL;
  png_uint_32 size = 0;
  int method;
  png_get_iCCP(reader->png, reader->info, &name, &method, &profile, &size);
  *count = size;
  return profile;
}

bool tsr_png_reader_density(tsr_png_reader *reader, tsr_png_density *density) {
  png_uint_32 x, y;
  int unit;
  if (png_get_pHYs(reader->png, reader->info, &x, &y, &unit) == 0) return false;
  *density = (tsr_png_density){.x = x, .y = y, .per_metre = unit == PNG_RESOLUTION_METER};
  return true;
}

/// How many bytes libpng takes at once. It throws away what it has of a piece that is not whole,
/// so near the end of a file that was cut it gets single bytes.
static void set_piece(tsr_png_reader *reader) {
  enum { usual = 8192 };
  if (!reader->options.is_cut) return;
  uint64_t taken = reader->input.taken - (reader->input.count - reader->input.position);
  bool is_near_end = taken + 2 * usual > reader->options.source_bytes;
  png_set_compression_buffer_size(reader->png, is_near_end ? 1 : usual);
}

/// Starts the decoder. Its rows are bounded by what the caller has accepted with the header.
static void start(tsr_png_reader *reader) {
  png_structp png = reader->png;
  const tsr_png_header *h = &reader->header;
  reader->row_bytes = (size_t)h->width * h->channels * h->sample_bytes;
  reader->memory_limit = MEMORY_ALLOWANCE + 4 * ((size_t)h->width * 8 + 1024);
  int passes = h->interlaced ? png_set_interlace_handling(png) : 1;
  png_read_update_info(png, reader->info);
  if (!h->interlaced) return;

  free(reader->image);
  reader->whole_rows = 0;
  reader->image = calloc(h->height, reader->row_bytes);
  if (reader->image == NULL) {
    tsr_log_fail(&reader->log, tsr_no_memory, "no memory for the interlaced image");
    return;
  }
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < h->height; y++) {
      if (tsr_stopped(&reader->log, &reader->input.source.stop)) return;
      set_piece(reader);
      png_read_row(png, reader->image + y * reader->row_bytes, NULL);
      if (pass == passes - 1) reader->whole_rows += 1;
    }
  }
}

/// Replaces the indices at the front of a row by their colours.
static void expand_palette(tsr_png_reader *reader, uint8_t *row) {
  size_t width = reader->header.width;
  size_t channels = reader->header.channels;
  int largest = 0;
  // From the right, so that no index is overwritten before it is read.
  for (size_t x = width; x-- > 0;) {
    int index = row[x];
    if (index > largest) largest = index;
    const uint8_t *color = reader->palette[index];
    for (size_t c = channels; c-- > 0;) row[x * channels + c] = color[c];
  }
  if (largest >= reader->palette_count) {
    tsr_log_warn(
        &reader->log, tsr_damage, "IDAT: a pixel has colour %d of a palette of %d", largest,
        reader->palette_count);
  }
}

static void read_row(tsr_png_reader *reader, uint8_t *row) {
  if (reader->image != NULL) {
    memcpy(row, reader->image + reader->next_row * reader->row_bytes, reader->row_bytes);
  } else {
    set_piece(reader);
    png_read_row(reader->png, row, NULL);
  }
  if (reader->header.color_type == PNG_COLOR_TYPE_PALETTE) expand_palette(reader, row);
  reader->next_row += 1;
}

/// Reads the file again up to the same row, without comparing zlib's checksum: where it does not
/// match, libpng gives up and keeps the last row, which is whole, to itself.
static bool read_again(tsr_png_reader *reader) {
  bool is_checksum = strstr(reader->log.text, "incorrect data check") != NULL;
  if (!reader->options.tolerates_damage || !is_checksum || reader->ignores_checksum) return false;
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  if (!create(reader)) return false;

  reader->ignores_checksum = true;
  reader->input.taken = reader->input.position = reader->input.count = 0;
  tsr_log_warn(&reader->log, tsr_damage, "%s", reader->log.text);
  reader->log.status = tsr_ok;
  if (setjmp(png_jmpbuf(reader->png))) return false;
  prepare(reader);
  start(reader);
  if (reader->image != NULL) return true;
  for (size_t row = 0; row < reader->next_row; row++) {
    if (tsr_stopped(&reader->log, &reader->input.source.stop)) return false;
    png_read_row(reader->png, NULL, NULL);
  }
  return true;
}

static void read_while_possible(
    tsr_png_reader *reader, uint8_t *rows, size_t first, size_t count, size_t bytes_per_row) {
  // Decoding ends here when libpng gives up.
  if (reader->png == NULL || setjmp(png_jmpbuf(reader->png))) return;
  if (reader->row_bytes == 0) start(reader);
  while (reader->log.status == tsr_ok && reader->next_row < first + count) {
    if (tsr_stopped(&reader->log, &reader->input.source.stop)) return;
    read_row(reader, rows + (reader->next_row - first) * bytes_per_row);
  }
}

tsr_status tsr_png_read_rows(
    tsr_png_reader *reader, uint8_t *rows, size_t count, size_t bytes_per_row, size_t *done) {
  size_t first = reader->next_row;
  if (reader->log.status == tsr_ok) {
    read_while_possible(reader, rows, first, count, bytes_per_row);
    if (reader->log.status != tsr_ok && read_again(reader)) {
      read_while_possible(reader, rows, first, count, bytes_per_row);
    }
  }
  // What the last pass of an interlaced image has been through is good.
  while (reader->next_row < reader->whole_rows && reader->next_row < first + count) {
    read_row(reader, rows + (reader->next_row - first) * bytes_per_row);
  }
  *done = reader->next_row - first;
  return reader->log.status;
}

static void finish(tsr_png_reader *reader) {
  if (setjmp(png_jmpbuf(reader->png))) return;
  png_read_end(reader->png, NULL);
  bool has_more = reader->input.position < reader->input.count || tsr_input_fill(&reader->input);
  if (has_more) tsr_log_warn(&reader->log, tsr_noise, "the file goes on after the IEND chunk");
}

tsr_status tsr_png_read_end(tsr_png_reader *reader) {
  if (reader->log.status != tsr_ok) return reader->log.status;
  finish(reader);
  if (reader->log.status == tsr_truncated) {
    // All rows are there.
    reader->log.status = tsr_ok;
    tsr_log_warn(&reader->log, tsr_damage, "%s", reader->log.text);
  }
  return reader->log.status;
}
