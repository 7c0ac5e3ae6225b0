#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "tsr_io.h"
#include "tsr_jpeg.h"

struct tsr_jpeg_writer {
  struct jpeg_compress_struct codec;
  struct jpeg_error_mgr errors;
  struct jpeg_destination_mgr destination;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  tsr_log log;
  tsr_output output;
};

static void on_error(j_common_ptr common) {
  tsr_jpeg_writer *writer = common->client_data;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  bool no_memory = common->err->msg_code == JERR_OUT_OF_MEMORY;
  tsr_log_fail(&writer->log, no_memory ? tsr_no_memory : tsr_malformed, "%s", text);
  longjmp(writer->escape, 1);
}

static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  tsr_jpeg_writer *writer = common->client_data;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  tsr_log_warn(&writer->log, tsr_noise, "%s", text);
}

/// Called for every row, and for every row of blocks of the passes that follow the last one.
static void on_progress(j_common_ptr common) {
  tsr_jpeg_writer *writer = common->client_data;
  if (tsr_stopped(&writer->log, &writer->output.stop)) longjmp(writer->escape, 1);
}

// libjpeg fills the output's buffer itself.

static void on_start(j_compress_ptr codec) {
  tsr_jpeg_writer *writer = codec->client_data;
  writer->destination.next_output_byte = writer->output.bytes;
  writer->destination.free_in_buffer = sizeof writer->output.bytes;
}

static boolean on_full(j_compress_ptr codec) {
  tsr_jpeg_writer *writer = codec->client_data;
  writer->output.count = sizeof writer->output.bytes;
  if (!tsr_output_flush(&writer->output)) longjmp(writer->escape, 1);
  on_start(codec);
  return TRUE;
}

static void on_finish(j_compress_ptr codec) {
  tsr_jpeg_writer *writer = codec->client_data;
  writer->output.count = sizeof writer->output.bytes - writer->destination.free_in_buffer;
  if (!tsr_output_flush(&writer->output)) longjmp(writer->escape, 1);
}

static bool create(tsr_jpeg_writer *writer) {
  writer->codec.err = jpeg_std_error(&writer->errors);
  writer->errors.error_exit = on_error;
  writer->errors.emit_message = on_message;
  writer->codec.client_data = writer;
  if (setjmp(writer->escape)) return false;
  jpeg_create_compress(&writer->codec);
  return true;
}

tsr_jpeg_writer *tsr_jpeg_writer_make(int descriptor, tsr_stop stop) {
  tsr_jpeg_writer *writer = calloc(1, sizeof *writer);
  if (writer == NULL) return NULL;
  if (!create(writer)) {
    tsr_jpeg_writer_free(writer);
    return NULL;
  }
  writer->output.descriptor = descriptor;
  writer->output.stop = stop;
  writer->output.log = &writer->log;
  writer->destination = (struct jpeg_destination_mgr){
      .init_destination = on_start, .empty_output_buffer = on_full, .term_destination = on_finish};
  writer->codec.dest = &writer->destination;
  writer->progress.progress_monitor = on_progress;
  writer->codec.progress = &writer->progress;
  return writer;
}

void tsr_jpeg_writer_free(tsr_jpeg_writer *writer) {
  if (writer == NULL) return;
  jpeg_destroy_compress(&writer->codec);
  free(writer);
}

const tsr_log *tsr_jpeg_writer_log(const tsr_jpeg_writer *writer) { return &writer->log; }

static void write_metadata(tsr_jpeg_writer *writer, const tsr_jpeg_settings *settings) {
  static const char name[] = "Exif\0";
  if (settings->exif != NULL) {
    unsigned count = (unsigned)(sizeof name + settings->exif_count);
    jpeg_write_m_header(&writer->codec, JPEG_APP0 + 1, count);
    for (size_t i = 0; i < sizeof name; i++) jpeg_write_m_byte(&writer->codec, name[i]);
    for (size_t i = 0; i < settings->exif_count; i++) {
      jpeg_write_m_byte(&writer->codec, settings->exif[i]);
    }
  }
  if (settings->icc != NULL) {
    jpeg_write_icc_profile(&writer->codec, settings->icc, (unsigned)settings->icc_count);
  }
}

tsr_status tsr_jpeg_write_header(tsr_jpeg_writer *writer, const tsr_jpeg_settings *settings) {
  struct jpeg_compress_struct *codec = &writer->codec;
  if (setjmp(writer->escape)) return writer->log.status;

  codec->image_width = settings->width;
  codec->image_height = settings->height;
  codec->input_components = settings->channels;
  codec->in_color_space = settings->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(codec);
  jpeg_set_quality(codec, settings->quality, TRUE);
  codec->dct_method = JDCT_ISLOW;
  if (settings->channels == 3) {
    codec->comp_info[0].h_samp_factor = settings->chroma_horizontal;
    codec->comp_info[0].v_samp_factor = settings->chroma_vertical;
  }
  if (settings->progressive) jpeg_simple_progression(codec);
  if (settings->has_density) {
    codec->X_density = settings->density.x;
    codec->Y_density = settings->density.y;
    codec->density_unit = settings->density.unit;
  }
  jpeg_start_compress(codec, TRUE);
  write_metadata(writer, settings);
  return tsr_ok;
}

tsr_status tsr_jpeg_write_rows(
    tsr_jpeg_writer *writer, const uint8_t *rows, size_t count, size_t bytes_per_row) {
  if (writer->log.status != tsr_ok) return writer->log.status;
  if (setjmp(writer->escape)) return writer->log.status;
  for (size_t i = 0; i < count; i++) {
    JSAMPROW row = (JSAMPROW)(rows + i * bytes_per_row);
    jpeg_write_scanlines(&writer->codec, &row, 1);
  }
  return tsr_ok;
}

tsr_status tsr_jpeg_write_end(tsr_jpeg_writer *writer) {
  if (writer->log.status != tsr_ok) return writer->log.status;
  if (setjmp(writer->escape)) return writer->log.status;
  jpeg_finish_compress(&writer->codec);
  return writer->log.status;
}
