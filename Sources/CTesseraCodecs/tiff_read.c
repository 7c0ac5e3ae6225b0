#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

#include "tsr_tiff.h"

/// A strip up to this size is decoded at once: libtiff then takes the faster of its inflaters.
#define STRIP_LIMIT ((uint64_t)16 << 20)
/// What libtiff may take at once beside what the file itself has.
#define MEMORY_ALLOWANCE ((tmsize_t)64 << 20)

struct tsr_tiff_reader {
  TIFF *tiff;
  tsr_log log;
  tsr_source source;
  uint64_t source_bytes;
  uint64_t position;
  char message[TSR_TEXT_LIMIT];  ///< The last error of libtiff; empty: none since it was looked at.
  bool lacks_extra;              ///< The file does not say what samples beside colours are.
  bool met_end;                  ///< Bytes behind the end of the file were asked for.
  tsr_tiff_header header;
  tsr_tiff_rows rows;
  uint16_t palette[3][256];
  bool reads_lines;      ///< Strips are too large to be decoded at once.
  uint8_t *band;         ///< Rows of samples as they are stored, pixel by pixel.
  uint8_t *block;        ///< A tile, or a strip of one plane.
  uint64_t block_bytes;
  size_t stored_row;     ///< Bytes of a row in `band`.
  uint32_t band_first;   ///< The first row in `band`.
  uint32_t band_count;
  uint32_t next_row;
};

const char *tsr_tiff_version(void) {
  static char version[32];
  if (version[0] == 0) {
    char text[32] = "";
    sscanf(TIFFGetVersion(), "LIBTIFF, Version %31[0-9.]", text);
    memcpy(version, text, sizeof version);
  }
  return version;
}

static tmsize_t on_read(thandle_t handle, void *bytes, tmsize_t count) {
  tsr_tiff_reader *reader = handle;
  if (count <= 0 || tsr_stopped(&reader->log, &reader->source.stop)) return 0;
  uint64_t left =
      reader->position < reader->source_bytes ? reader->source_bytes - reader->position : 0;
  uint64_t wanted = (uint64_t)count < left ? (uint64_t)count : left;
  if (wanted < (uint64_t)count) reader->met_end = true;
  uint64_t done = 0;
  while (done < wanted) {
    uint64_t place = reader->source.offset + reader->position + done;
    ssize_t got =
        pread(reader->source.descriptor, (uint8_t *)bytes + done, wanted - done, (off_t)place);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      reader->log.error_number = errno;
      tsr_log_fail(&reader->log, tsr_io, "read");
      break;
    }
    if (got == 0) {
      reader->met_end = true;
      break;
    }
    done += (uint64_t)got;
  }
  reader->position += done;
  return (tmsize_t)done;
}

static tmsize_t on_write(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle, (void)bytes, (void)count;
  return 0;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int origin) {
  tsr_tiff_reader *reader = handle;
  uint64_t base =
      origin == SEEK_CUR ? reader->position : origin == SEEK_END ? reader->source_bytes : 0;
  reader->position = base + offset;
  return reader->position;
}

static int on_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t on_size(thandle_t handle) { return ((tsr_tiff_reader *)handle)->source_bytes; }

/// Writes a message of libtiff, without the name that it has for the file.
static void format_message(
    char *text, size_t capacity, const char *format, va_list arguments) {
  static const char name[] = "image: ";
  vsnprintf(text, capacity, format, arguments);
  if (strncmp(text, name, sizeof name - 1) != 0) return;
  memmove(text, text + sizeof name - 1, strlen(text) - (sizeof name - 1) + 1);
}

static int on_error(
    TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  tsr_tiff_reader *reader = context;
  // The first of several is the cause.
  if (reader->message[0] == 0) {
    format_message(reader->message, sizeof reader->message, format, arguments);
  }
  return 1;
}

static int on_warning(
    TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  tsr_tiff_reader *reader = context;
  char text[TSR_TEXT_LIMIT];
  format_message(text, sizeof text, format, arguments);
  // Tags that libtiff has no name for are what maps, microscopes and cameras have.
  if (strstr(text, "nknown field with tag") != NULL) return 1;
  if (strstr(text, "Defining non-color channels as ExtraSamples") != NULL) {
    reader->lacks_extra = true;
    return 1;
  }
  bool is_damage = module != NULL && strncmp(module, "JPEG", 4) == 0;
  tsr_log_warn(&reader->log, is_damage ? tsr_damage : tsr_noise, "%s", text);
  return 1;
}

/// Records what libtiff has said of a call that failed.
static tsr_status fail(tsr_tiff_reader *reader, tsr_status status, const char *fallback) {
  const char *text = reader->message[0] != 0 ? reader->message : fallback;
  if (reader->met_end) {
    status = tsr_truncated;
    text = reader->header.width > 0 ? "the file ends before its last row"
                                    : "the file ends in its directory";
  }
  if (strstr(text, "emory") != NULL || strstr(text, "exceeds limit") != NULL) {
    status = tsr_over_limit;
  }
  if (strstr(text, "not configured") != NULL || strstr(text, "not implemented") != NULL) {
    status = tsr_unsupported;
  }
  tsr_log_fail(&reader->log, status, "%s", text);
  return reader->log.status;
}

tsr_tiff_reader *tsr_tiff_reader_make(tsr_source source, uint64_t source_bytes) {
  tsr_tiff_reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL) return NULL;
  reader->source = source;
  reader->source_bytes = source_bytes;
  return reader;
}

void tsr_tiff_reader_free(tsr_tiff_reader *reader) {
  if (reader == NULL) return;
  if (reader->tiff != NULL) TIFFClose(reader->tiff);
  free(reader->band);
  free(reader->block);
  free(reader);
}

const tsr_log *tsr_tiff_reader_log(const tsr_tiff_reader *reader) { return &reader->log; }

static tsr_status open_file(tsr_tiff_reader *reader) {
  if (reader->tiff != NULL) return tsr_ok;
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options == NULL) return fail(reader, tsr_no_memory, "no memory");
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, reader);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, reader);
  uint64_t most = reader->source_bytes < INT_MAX ? reader->source_bytes : INT_MAX;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, MEMORY_ALLOWANCE + 2 * (tmsize_t)most);
  reader->tiff = TIFFClientOpenExt(
      "image", "rm", reader, on_read, on_write, on_seek, on_close, on_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  if (reader->tiff == NULL) return fail(reader, tsr_malformed, "no directory");
  return reader->log.status;
}

static bool is_reduced(TIFF *tiff) {
  uint32_t kind = 0;
  uint16_t old = 0;
  TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind);
  TIFFGetField(tiff, TIFFTAG_OSUBFILETYPE, &old);
  return (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0 || old == OFILETYPE_REDUCEDIMAGE;
}

/// Forgets what was said of pages that are passed over.
static void begin_page(tsr_tiff_reader *reader) {
  reader->message[0] = 0;
  reader->lacks_extra = false;
  reader->met_end = false;
  reader->log.note_count = reader->log.damage_count = reader->log.missing_count = 0;
}

/// Goes on to the next page that is no smaller version, and no mask, of another. `before` tells where the
/// directory before its own is.
static bool next_page(tsr_tiff_reader *reader, uint64_t *before) {
  do {
    begin_page(reader);
    *before = TIFFCurrentDirOffset(reader->tiff);
    if (tsr_stopped(&reader->log, &reader->source.stop)) return false;
    if (TIFFReadDirectory(reader->tiff) == 0) return false;
  } while (is_reduced(reader->tiff));
  return true;
}

tsr_status tsr_tiff_list_pages(
    tsr_tiff_reader *reader, uint64_t *places, size_t capacity, size_t *count) {
  *count = 0;
  if (open_file(reader) != tsr_ok) return reader->log.status;
  // The first is one, whatever it is: whoever reads it says what is wrong with it.
  uint64_t before = 0;
  while (*count < capacity) {
    places[(*count)++] = before;
    if (next_page(reader, &before)) continue;
    bool is_damaged = reader->message[0] != 0 || reader->met_end;
    return is_damaged ? fail(reader, tsr_malformed, "directory") : reader->log.status;
  }
  return reader->log.status;
}

tsr_status tsr_tiff_go_to_page(tsr_tiff_reader *reader, uint64_t place) {
  if (open_file(reader) != tsr_ok) return reader->log.status;
  // Going to a directory looks at those behind it, too: what is said then is not told from what is wrong
  // with it. Going on from the one before says what is its own.
  bool is_there = TIFFSetSubDirectory(reader->tiff, place) != 0;
  begin_page(reader);
  if (!is_there || TIFFReadDirectory(reader->tiff) == 0) {
    return fail(reader, tsr_malformed, "directory");
  }
  return reader->log.status;
}

tsr_status tsr_tiff_select_page(tsr_tiff_reader *reader, uint32_t page) {
  if (open_file(reader) != tsr_ok) return reader->log.status;
  uint64_t before;
  for (uint32_t at = 0; at < page; at++) {
    if (next_page(reader, &before)) continue;
    if (reader->message[0] == 0 && !reader->met_end) {
      snprintf(reader->message, sizeof reader->message, "there is no page %u", (unsigned)page + 1);
    }
    return fail(reader, tsr_malformed, "directory");
  }
  return reader->log.status;
}

/// The bytes of a band, and of what is decoded for it at once.
static bool set_sizes(tsr_tiff_reader *reader) {
  tsr_tiff_header *header = &reader->header;
  TIFF *tiff = reader->tiff;
  uint64_t planes = header->separate_planes ? header->samples : 1;
  uint64_t row;
  if (header->is_tiled) {
    reader->block_bytes = TIFFTileSize64(tiff);
    uint64_t across = ((uint64_t)header->width + header->block_width - 1) / header->block_width;
    row = TIFFTileRowSize64(tiff);
    if (row == 0 || across > UINT64_MAX / row) return false;
    row *= across;
  } else {
    row = TIFFScanlineSize64(tiff);
    reader->block_bytes = TIFFVStripSize64(tiff, header->block_height);
  }
  if (row == 0 || row > UINT64_MAX / planes || reader->block_bytes == 0) return false;
  row *= planes;
  if (row > UINT64_MAX / header->height / 2) return false;
  reader->stored_row = (size_t)row;
  reader->reads_lines =
      !header->is_tiled && !header->separate_planes && reader->block_bytes > STRIP_LIMIT;
  uint64_t rows = header->separate_planes ? header->height
                  : reader->reads_lines   ? 1
                                          : header->block_height;
  header->band_bytes = row * rows;
  if (header->is_tiled || header->separate_planes) header->band_bytes += reader->block_bytes;
  return true;
}

static void read_block_sizes(tsr_tiff_reader *reader) {
  uint32_t count = TIFFIsTiled(reader->tiff) ? TIFFNumberOfTiles(reader->tiff)
                                             : TIFFNumberOfStrips(reader->tiff);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t bytes = TIFFGetStrileByteCount(reader->tiff, i);
    if (bytes > reader->header.stored_bytes) reader->header.stored_bytes = bytes;
  }
}

static void read_palette(tsr_tiff_reader *reader) {
  uint16_t *maps[3];
  if (reader->header.photometric != PHOTOMETRIC_PALETTE) return;
  if (!TIFFGetField(reader->tiff, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2])) return;
  size_t count = (size_t)1 << (reader->header.bits <= 8 ? reader->header.bits : 0);
  uint16_t largest = 0;
  for (int color = 0; color < 3; color++) {
    for (size_t i = 0; i < count; i++) {
      reader->palette[color][i] = maps[color][i];
      if (maps[color][i] > largest) largest = maps[color][i];
    }
  }
  // Some writers have stored bytes where the format wants words.
  if (largest < 256) return;
  for (int color = 0; color < 3; color++) {
    for (size_t i = 0; i < count; i++) reader->palette[color][i] >>= 8;
  }
}

tsr_status tsr_tiff_read_header(tsr_tiff_reader *reader, tsr_tiff_header *out) {
  if (open_file(reader) != tsr_ok) return reader->log.status;
  TIFF *tiff = reader->tiff;
  // What libtiff could go on from.
  if (reader->message[0] != 0) tsr_log_warn(&reader->log, tsr_noise, "%s", reader->message);
  reader->message[0] = 0;
  if (reader->met_end) tsr_log_warn(&reader->log, tsr_missing, "the file ends in its directory");
  tsr_tiff_header *header = &reader->header;
  *header = (tsr_tiff_header){.density = {.unit = RESUNIT_INCH}};
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &header->width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &header->height);
  if (header->width == 0 || header->height == 0) {
    return fail(reader, tsr_malformed, "the image has no width or no height");
  }
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &header->samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &header->bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &header->sample_format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &header->compression);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &header->orientation);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_INKSET, &header->ink_set);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &header->photometric)) {
    return fail(reader, tsr_malformed, "the tag PhotometricInterpretation is missing");
  }
  uint16_t planar = PLANARCONFIG_CONTIG;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
  header->separate_planes = planar == PLANARCONFIG_SEPARATE && header->samples > 1;
  uint16_t *extra = NULL;
  if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &header->extra_count, &extra) && extra != NULL) {
    for (int i = 0; i < header->extra_count && i < TSR_TIFF_EXTRA_LIMIT; i++) {
      header->extra[i] = extra[i];
    }
  }
  header->lacks_extra = reader->lacks_extra;
  header->is_reduced = is_reduced(tiff);
  void *version = NULL;
  header->is_raw = TIFFGetField(tiff, TIFFTAG_DNGVERSION, &version) == 1;
  header->has_density = TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &header->density.x) &&
                        TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &header->density.y);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &header->density.unit);
  header->has_more_pages = !TIFFLastDirectory(tiff);
  header->is_tiled = TIFFIsTiled(tiff) != 0;
  header->block_width = header->width;
  if (header->is_tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &header->block_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &header->block_height);
  } else {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &header->block_height);
    if (header->block_height > header->height) header->block_height = header->height;
  }
  if (header->block_width == 0 || header->block_height == 0) {
    return fail(reader, tsr_malformed, "a tile or strip has no width or no height");
  }
  if (header->compression == COMPRESSION_JPEG && header->photometric == PHOTOMETRIC_YCBCR) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  if (!set_sizes(reader)) return fail(reader, tsr_over_limit, "rows of more bytes than can be counted");
  read_block_sizes(reader);
  read_palette(reader);
  if (reader->message[0] != 0) return fail(reader, tsr_malformed, "directory");
  *out = *header;
  return reader->log.status;
}

const uint8_t *tsr_tiff_reader_icc(tsr_tiff_reader *reader, size_t *count) {
  uint32_t bytes = 0;
  void *profile = NULL;
  if (!TIFFGetField(reader->tiff, TIFFTAG_ICCPROFILE, &bytes, &profile)) return NULL;
  *count = bytes;
  return profile;
}

void tsr_tiff_reader_begin(tsr_tiff_reader *reader, const tsr_tiff_rows *rows) {
  reader->rows = *rows;
}

/// Decodes a strip or a tile; false: it has told why not.
static bool decode(tsr_tiff_reader *reader, uint32_t number, uint8_t *target, uint64_t bytes) {
  memset(target, 0, bytes);
  reader->met_end = false;
  tmsize_t got = reader->header.is_tiled
                     ? TIFFReadEncodedTile(reader->tiff, number, target, (tmsize_t)bytes)
                     : TIFFReadEncodedStrip(reader->tiff, number, target, (tmsize_t)bytes);
  if (got < 0) {
    fail(reader, tsr_damaged, "a strip or tile cannot be decoded");
    return false;
  }
  if (reader->met_end) {
    fail(reader, tsr_truncated, "");
    return false;
  }
  if (reader->message[0] != 0) tsr_log_warn(&reader->log, tsr_damage, "%s", reader->message);
  reader->message[0] = 0;
  return reader->log.status == tsr_ok;
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/// Copies samples of a block to their places in pixels that have others between them.
static void scatter(
    uint8_t *target, const uint8_t *source, size_t count, size_t sample_bytes, size_t distance) {
  for (size_t i = 0; i < count; i++) memcpy(target + i * distance, source + i * sample_bytes, sample_bytes);
}

/// Puts a block in its place of the rows from `band_first` on.
static void place(
    tsr_tiff_reader *reader, uint32_t row, uint32_t column, uint32_t rows, uint16_t sample) {
  const tsr_tiff_header *header = &reader->header;
  size_t sample_bytes = header->bits / 8;
  size_t pixel_bytes = sample_bytes * header->samples;
  uint32_t columns = smaller(header->block_width, header->width - column);
  size_t block_row = header->is_tiled ? (size_t)TIFFTileRowSize64(reader->tiff)
                                      : (size_t)TIFFScanlineSize64(reader->tiff);
  for (uint32_t i = 0; i < rows; i++) {
    uint8_t *target = reader->band + (size_t)(row + i - reader->band_first) * reader->stored_row;
    const uint8_t *source = reader->block + i * block_row;
    if (header->separate_planes) {
      scatter(
          target + column * pixel_bytes + sample * sample_bytes, source, columns, sample_bytes,
          pixel_bytes);
    } else {
      // A tile's width is a multiple of 16: it begins at a whole byte.
      memcpy(target + (size_t)column / header->block_width * block_row, source, block_row);
    }
  }
}

/// Decodes all blocks of rows from `row` on that lie beside each other.
static bool decode_blocks(tsr_tiff_reader *reader, uint32_t row, uint16_t sample) {
  const tsr_tiff_header *header = &reader->header;
  uint32_t rows = smaller(header->block_height, header->height - row);
  if (!header->is_tiled) {
    uint32_t strip = TIFFComputeStrip(reader->tiff, row, sample);
    uint64_t bytes = TIFFVStripSize64(reader->tiff, rows);
    bool is_placed = header->separate_planes;
    if (!decode(reader, strip, is_placed ? reader->block : reader->band, bytes)) return false;
    if (is_placed) place(reader, row, 0, rows, sample);
    return true;
  }
  for (uint32_t column = 0; column < header->width;) {
    uint32_t tile = TIFFComputeTile(reader->tiff, column, row, 0, sample);
    if (!decode(reader, tile, reader->block, reader->block_bytes)) return false;
    place(reader, row, column, rows, sample);
    if (header->block_width >= header->width - column) break;
    column += header->block_width;
  }
  return true;
}

/// Takes memory for a band and for what is decoded at once.
static bool take_memory(tsr_tiff_reader *reader) {
  const tsr_tiff_header *header = &reader->header;
  if (reader->band != NULL) return true;
  uint64_t rows = header->separate_planes ? header->height
                  : reader->reads_lines   ? 1
                                          : header->block_height;
  reader->band = calloc(rows, reader->stored_row);
  if (header->is_tiled || header->separate_planes) reader->block = malloc(reader->block_bytes);
  if (reader->band == NULL ||
      (reader->block == NULL && (header->is_tiled || header->separate_planes))) {
    tsr_log_fail(&reader->log, tsr_no_memory, "no memory for rows");
    return false;
  }
  return true;
}

/// Brings the next row into the band.
static bool load(tsr_tiff_reader *reader) {
  const tsr_tiff_header *header = &reader->header;
  uint32_t row = reader->next_row;
  if (row >= reader->band_first && row - reader->band_first < reader->band_count) return true;
  if (tsr_stopped(&reader->log, &reader->source.stop) || !take_memory(reader)) return false;
  reader->band_count = 0;
  if (reader->reads_lines) {
    reader->band_first = row;
    reader->met_end = false;
    if (TIFFReadScanline(reader->tiff, reader->band, row, 0) < 0) {
      fail(reader, tsr_damaged, "a row cannot be decoded");
      return false;
    }
    reader->band_count = 1;
  } else if (header->separate_planes) {
    reader->band_first = 0;
    for (uint16_t sample = 0; sample < header->samples; sample++) {
      for (uint32_t first = 0; first < header->height;) {
        if (!decode_blocks(reader, first, sample)) return false;
        if (header->block_height >= header->height - first) break;
        first += header->block_height;
      }
    }
    reader->band_count = header->height;
  } else {
    reader->band_first = row / header->block_height * header->block_height;
    if (!decode_blocks(reader, reader->band_first, 0)) return false;
    reader->band_count = smaller(header->block_height, header->height - reader->band_first);
  }
  return reader->log.status == tsr_ok;
}

/// The sample of 1, 2, 4 or 8 bits at a place of a row.
static uint8_t small_sample(const uint8_t *row, uint64_t index, uint16_t bits) {
  if (bits == 8) return row[index];
  uint64_t bit = index * bits;
  return (row[bit / 8] >> (8 - bits - bit % 8)) & ((1 << bits) - 1);
}

static void convert_bytes(const tsr_tiff_reader *reader, const uint8_t *row, uint8_t *target) {
  const tsr_tiff_header *header = &reader->header;
  const tsr_tiff_rows *rows = &reader->rows;
  uint8_t scale = 255 / ((1 << header->bits) - 1);
  uint32_t channels = rows->colors + (rows->alpha >= 0);
  bool is_plain = header->bits == 8 && !rows->is_palette && header->samples == channels &&
                  (rows->alpha < 0 || (uint32_t)rows->alpha == rows->colors);
  if (is_plain) memcpy(target, row, (size_t)header->width * channels);
  for (uint32_t column = 0; column < header->width && !is_plain; column++) {
    uint64_t first = (uint64_t)column * header->samples;
    uint8_t *pixel = target + (size_t)column * channels;
    if (rows->is_palette) {
      uint8_t index = small_sample(row, first, header->bits);
      for (int color = 0; color < 3; color++) pixel[color] = (uint8_t)reader->palette[color][index];
    } else {
      for (uint32_t color = 0; color < rows->colors; color++) {
        pixel[color] = small_sample(row, first + color, header->bits) * scale;
      }
    }
    if (rows->alpha >= 0) {
      pixel[rows->colors] = small_sample(row, first + (uint32_t)rows->alpha, header->bits) * scale;
    }
  }
  for (uint32_t column = 0; column < header->width && (rows->inverts || rows->divides); column++) {
    uint8_t *pixel = target + (size_t)column * channels;
    uint32_t alpha = rows->alpha >= 0 ? pixel[rows->colors] : 255;
    for (uint32_t color = 0; color < rows->colors; color++) {
      if (rows->divides && alpha > 0) {
        uint32_t value = (pixel[color] * 255u + alpha / 2) / alpha;
        pixel[color] = value > 255 ? 255 : (uint8_t)value;
      }
      if (rows->inverts) pixel[color] = 255 - pixel[color];
    }
  }
}

static void convert_words(const tsr_tiff_reader *reader, const uint16_t *row, uint16_t *target) {
  const tsr_tiff_header *header = &reader->header;
  const tsr_tiff_rows *rows = &reader->rows;
  uint32_t channels = rows->colors + (rows->alpha >= 0);
  for (uint32_t column = 0; column < header->width; column++) {
    const uint16_t *source = row + (size_t)column * header->samples;
    uint16_t *pixel = target + (size_t)column * channels;
    uint64_t alpha = rows->alpha >= 0 ? source[rows->alpha] : 65535;
    for (uint32_t color = 0; color < rows->colors; color++) {
      uint64_t value = source[color];
      if (rows->divides && alpha > 0) {
        value = (value * 65535 + alpha / 2) / alpha;
        if (value > 65535) value = 65535;
      }
      pixel[color] = rows->inverts ? (uint16_t)(65535 - value) : (uint16_t)value;
    }
    if (rows->alpha >= 0) pixel[rows->colors] = source[rows->alpha];
  }
}

static void convert_floats(const tsr_tiff_reader *reader, const float *row, float *target) {
  const tsr_tiff_header *header = &reader->header;
  const tsr_tiff_rows *rows = &reader->rows;
  uint32_t channels = rows->colors + (rows->alpha >= 0);
  for (uint32_t column = 0; column < header->width; column++) {
    const float *source = row + (size_t)column * header->samples;
    float *pixel = target + (size_t)column * channels;
    for (uint32_t color = 0; color < rows->colors; color++) pixel[color] = source[color];
    if (rows->alpha >= 0) pixel[rows->colors] = source[rows->alpha];
  }
}

tsr_status tsr_tiff_read_rows(
    tsr_tiff_reader *reader, uint8_t *rows, size_t count, size_t bytes_per_row, size_t *done) {
  *done = 0;
  if (reader->log.status != tsr_ok) return reader->log.status;
  for (size_t i = 0; i < count; i++) {
    if (!load(reader)) return reader->log.status;
    const uint8_t *stored =
        reader->band + (size_t)(reader->next_row - reader->band_first) * reader->stored_row;
    uint8_t *target = rows + i * bytes_per_row;
    switch (reader->rows.sample_bytes) {
      case 1: convert_bytes(reader, stored, target); break;
      case 2: convert_words(reader, (const uint16_t *)stored, (uint16_t *)target); break;
      default: convert_floats(reader, (const float *)stored, (float *)target); break;
    }
    reader->next_row += 1;
    *done += 1;
  }
  return tsr_ok;
}
