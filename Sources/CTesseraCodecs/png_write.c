#include <png.h>
#include <setjmp.h>
#include <stdlib.h>

#include "tsr_io.h"
#include "tsr_png.h"

struct tsr_png_writer {
  png_structp png;
  png_infop info;
  tsr_log log;
  tsr_output output;
};

static void on_error(png_structp png, png_const_charp text) {
  tsr_png_writer *writer = png_get_error_ptr(png);
  tsr_log_fail(&writer->log, tsr_malformed, "%s", text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  tsr_png_writer *writer = png_get_error_ptr(png);
  tsr_log_warn(&writer->log, tsr_noise, "%s", text);
}

static void on_write(png_structp png, png_bytep bytes, size_t count) {
  tsr_png_writer *writer = png_get_io_ptr(png);
  if (!tsr_output_write(&writer->output, bytes, count)) png_error(png, "write");
}

static void on_flush(png_structp png) { (void)png; }

tsr_png_writer *tsr_png_writer_make(int descriptor, tsr_stop stop) {
  tsr_png_writer *writer = calloc(1, sizeof *writer);
  if (writer == NULL) return NULL;
  writer->output.descriptor = descriptor;
  writer->output.stop = stop;
  writer->output.log = &writer->log;
  writer->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, on_error, on_warning);
  if (writer->png != NULL) writer->info = png_create_info_struct(writer->png);
  if (writer->info == NULL) {
    tsr_png_writer_free(writer);
    return NULL;
  }
  png_set_write_fn(writer->png, writer, on_write, on_flush);
  return writer;
}

void tsr_png_writer_free(tsr_png_writer *writer) {
  if (writer == NULL) return;
  png_destroy_write_struct(&writer->png, &writer->info);
  free(writer);
}

const tsr_log *tsr_png_writer_log(const tsr_png_writer *writer) { return &writer->log; }

static void set_metadata(tsr_png_writer *writer, const tsr_png_settings *settings) {
  png_structp png = writer->png;
  // A profile that libpng finds fault with is left out with a warning; the image matters more.
  png_set_benign_errors(png, 1);
  if (settings->icc != NULL) {
    png_set_iCCP(
        png, writer->info, "icc", PNG_COMPRESSION_TYPE_BASE, settings->icc,
        (png_uint_32)settings->icc_count);
  }
  if (settings->exif != NULL) {
    png_set_eXIf_1(
        png, writer->info, (png_uint_32)settings->exif_count, (png_bytep)settings->exif);
  }
  if (settings->has_density) {
    int unit = settings->density.per_metre ? PNG_RESOLUTION_METER : PNG_RESOLUTION_UNKNOWN;
    png_set_pHYs(png, writer->info, settings->density.x, settings->density.y, unit);
  }
}

tsr_status tsr_png_write_header(tsr_png_writer *writer, const tsr_png_settings *settings) {
  png_structp png = writer->png;
  if (setjmp(png_jmpbuf(png))) return writer->log.status;

  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(
      png, writer->info, settings->width, settings->height, settings->bit_depth,
      settings->color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  png_set_compression_level(png, settings->compression.level);
  png_set_compression_strategy(png, settings->compression.strategy);
  png_set_compression_buffer_size(png, TSR_BUFFER_SIZE / 2);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, settings->compression.filters);
  set_metadata(writer, settings);
  // libpng's own ways to write these would compare them with each other and leave some out.
  png_write_info_before_PLTE(png, writer->info);
  for (size_t i = 0; i < settings->chunk_count; i++) {
    const tsr_png_chunk *chunk = &settings->chunks[i];
    png_write_chunk(png, (png_const_bytep)chunk->name, chunk->bytes, chunk->count);
  }
  png_write_info(png, writer->info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (settings->bit_depth == 16) png_set_swap(png);
#endif
  return tsr_ok;
}

bool tsr_png_writer_has_icc(const tsr_png_writer *writer) {
  return png_get_valid(writer->png, writer->info, PNG_INFO_iCCP) != 0;
}

tsr_status tsr_png_write_rows(
    tsr_png_writer *writer, const uint8_t *rows, size_t count, size_t bytes_per_row) {
  if (writer->log.status != tsr_ok) return writer->log.status;
  if (setjmp(png_jmpbuf(writer->png))) return writer->log.status;
  for (size_t i = 0; i < count; i++) {
    if (tsr_stopped(&writer->log, &writer->output.stop)) return writer->log.status;
    png_write_row(writer->png, rows + i * bytes_per_row);
  }
  return tsr_ok;
}

void tsr_png_set_filter(tsr_png_writer *writer, int filter) {
  if (writer->log.status != tsr_ok) return;
  if (setjmp(png_jmpbuf(writer->png))) return;
  png_set_filter(writer->png, PNG_FILTER_TYPE_BASE, filter);
}

tsr_status tsr_png_write_end(tsr_png_writer *writer) {
  if (writer->log.status != tsr_ok) return writer->log.status;
  if (setjmp(png_jmpbuf(writer->png))) return writer->log.status;
  png_write_end(writer->png, NULL);
  tsr_output_flush(&writer->output);
  return writer->log.status;
}
