#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <unistd.h>

#include "tsr_tiff.h"

struct tsr_tiff_writer {
  TIFF *tiff;
  tsr_log log;
  int descriptor;
  tsr_stop stop;
  uint64_t position;
  uint8_t *strip;
  size_t row_bytes;
  uint32_t rows_per_strip;
  uint32_t row_count;  ///< Rows in `strip`.
  uint32_t strip_number;
};

static tmsize_t on_read(thandle_t handle, void *bytes, tmsize_t count) {
  tsr_tiff_writer *writer = handle;
  ssize_t got;
  do {
    got = pread(writer->descriptor, bytes, (size_t)count, (off_t)writer->position);
  } while (got < 0 && errno == EINTR);
  if (got > 0) writer->position += (uint64_t)got;
  return got;
}

static tmsize_t on_write(thandle_t handle, void *bytes, tmsize_t count) {
  tsr_tiff_writer *writer = handle;
  tmsize_t done = 0;
  while (done < count) {
    ssize_t put = pwrite(
        writer->descriptor, (uint8_t *)bytes + done, (size_t)(count - done),
        (off_t)(writer->position + (uint64_t)done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      if (writer->log.status == tsr_ok) {
        writer->log.error_number = put < 0 ? errno : EIO;
        tsr_log_fail(&writer->log, tsr_io, "write");
      }
      break;
    }
    done += put;
  }
  writer->position += (uint64_t)done;
  return done;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int origin) {
  tsr_tiff_writer *writer = handle;
  uint64_t base = 0;
  if (origin == SEEK_CUR) base = writer->position;
  if (origin == SEEK_END) {
    struct stat status;
    if (fstat(writer->descriptor, &status) != 0) return (toff_t)-1;
    base = (uint64_t)status.st_size;
  }
  writer->position = base + offset;
  return writer->position;
}

static int on_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t on_size(thandle_t handle) {
  struct stat status;
  return fstat(((tsr_tiff_writer *)handle)->descriptor, &status) == 0 ? (toff_t)status.st_size : 0;
}

static int on_error(
    TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  tsr_tiff_writer *writer = context;
  char text[TSR_TEXT_LIMIT];
  vsnprintf(text, sizeof text, format, arguments);
  tsr_log_fail(
      &writer->log, strstr(text, "emory") != NULL ? tsr_no_memory : tsr_malformed, "%s", text);
  return 1;
}

static int on_warning(
    TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  tsr_tiff_writer *writer = context;
  char text[TSR_TEXT_LIMIT];
  vsnprintf(text, sizeof text, format, arguments);
  tsr_log_warn(&writer->log, tsr_noise, "%s", text);
  return 1;
}

tsr_tiff_writer *tsr_tiff_writer_make(int descriptor, tsr_stop stop) {
  tsr_tiff_writer *writer = calloc(1, sizeof *writer);
  if (writer == NULL) return NULL;
  writer->descriptor = descriptor;
  writer->stop = stop;
  return writer;
}

void tsr_tiff_writer_free(tsr_tiff_writer *writer) {
  if (writer == NULL) return;
  // Without a directory: whoever gives up wants no file.
  if (writer->tiff != NULL) TIFFCleanup(writer->tiff);
  free(writer->strip);
  free(writer);
}

const tsr_log *tsr_tiff_writer_log(const tsr_tiff_writer *writer) { return &writer->log; }

static tsr_status open_file(tsr_tiff_writer *writer, bool is_big) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options != NULL) {
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, writer);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, writer);
    writer->tiff = TIFFClientOpenExt(
        "image", is_big ? "wl8" : "wl", writer, on_read, on_write, on_seek, on_close, on_size, NULL,
        NULL, options);
    TIFFOpenOptionsFree(options);
  }
  if (writer->tiff == NULL) tsr_log_fail(&writer->log, tsr_no_memory, "no memory");
  return writer->log.status;
}

static void set_metadata(TIFF *tiff, const tsr_tiff_settings *settings) {
  if (settings->icc != NULL) {
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (uint32_t)settings->icc_count, settings->icc);
  }
  if (settings->has_density) {
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, settings->density.x);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, settings->density.y);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, settings->density.unit);
  }
}

tsr_status tsr_tiff_write_header(tsr_tiff_writer *writer, const tsr_tiff_settings *settings) {
  if (open_file(writer, settings->is_big) != tsr_ok) return writer->log.status;
  TIFF *tiff = writer->tiff;
  bool is_float = settings->bits == 32;
  uint16_t extra = EXTRASAMPLE_UNASSALPHA;
  int colors = settings->channels - (settings->has_alpha ? 1 : 0);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, settings->width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, settings->height);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, settings->channels);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, settings->bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, is_float ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, colors == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  if (settings->has_alpha) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
  if (settings->level > 0) {
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
    TIFFSetField(tiff, TIFFTAG_ZIPQUALITY, settings->level);
    TIFFSetField(
        tiff, TIFFTAG_PREDICTOR, is_float ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  } else {
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  }
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, settings->rows_per_strip);
  set_metadata(tiff, settings);
  writer->row_bytes = (size_t)settings->width * settings->channels * (settings->bits / 8);
  writer->rows_per_strip = settings->rows_per_strip;
  writer->strip = malloc(writer->row_bytes * settings->rows_per_strip);
  if (writer->strip == NULL) tsr_log_fail(&writer->log, tsr_no_memory, "no memory for rows");
  return writer->log.status;
}

static tsr_status write_strip(tsr_tiff_writer *writer) {
  if (tsr_stopped(&writer->log, &writer->stop)) return writer->log.status;
  tmsize_t bytes = (tmsize_t)(writer->row_bytes * writer->row_count);
  tmsize_t put = TIFFWriteEncodedStrip(writer->tiff, writer->strip_number, writer->strip, bytes);
  if (put < 0) tsr_log_fail(&writer->log, tsr_malformed, "a strip cannot be written");
  writer->strip_number += 1;
  writer->row_count = 0;
  return writer->log.status;
}

tsr_status tsr_tiff_write_rows(
    tsr_tiff_writer *writer, const uint8_t *rows, size_t count, size_t bytes_per_row) {
  for (size_t i = 0; i < count; i++) {
    if (writer->log.status != tsr_ok) return writer->log.status;
    memcpy(
        writer->strip + writer->row_count * writer->row_bytes, rows + i * bytes_per_row,
        writer->row_bytes);
    writer->row_count += 1;
    if (writer->row_count == writer->rows_per_strip) write_strip(writer);
  }
  return writer->log.status;
}

tsr_status tsr_tiff_write_end(tsr_tiff_writer *writer) {
  if (writer->log.status != tsr_ok) return writer->log.status;
  if (writer->row_count > 0 && write_strip(writer) != tsr_ok) return writer->log.status;
  if (!TIFFFlush(writer->tiff)) tsr_log_fail(&writer->log, tsr_malformed, "the directory is lost");
  return writer->log.status;
}
