#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "tsr_webp.h"

struct tsr_webp_writer {
  tsr_log log;
  tsr_output output;
  WebPMemoryWriter encoded;
};

tsr_webp_writer *tsr_webp_writer_make(int descriptor, tsr_stop stop) {
  tsr_webp_writer *writer = calloc(1, sizeof *writer);
  if (writer == NULL) return NULL;
  writer->output.descriptor = descriptor;
  writer->output.stop = stop;
  writer->output.log = &writer->log;
  WebPMemoryWriterInit(&writer->encoded);
  return writer;
}

void tsr_webp_writer_free(tsr_webp_writer *writer) {
  WebPMemoryWriterClear(&writer->encoded);
  free(writer);
}

const tsr_log *tsr_webp_writer_log(const tsr_webp_writer *writer) { return &writer->log; }

static int on_progress(int percent, const WebPPicture *picture) {
  (void)percent;
  tsr_webp_writer *writer = picture->user_data;
  return !tsr_stopped(&writer->log, &writer->output.stop);
}

static bool encode(
    tsr_webp_writer *writer, const tsr_webp_settings *settings, const uint8_t *pixels,
    WebPMemoryWriter *memory) {
  WebPConfig config;
  WebPPicture picture;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) {
    tsr_log_fail(&writer->log, tsr_malformed, "libwebp is of another version than its headers");
    return false;
  }
  if (settings->is_lossless) {
    config.lossless = 1;
    config.exact = 1;
  } else {
    config.quality = settings->quality;
  }
  if (settings->is_quick) {
    config.method = 1;
    if (settings->is_lossless) config.quality = 20;
  }
  picture.use_argb = settings->is_lossless;
  picture.width = (int)settings->width;
  picture.height = (int)settings->height;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = memory;
  picture.progress_hook = on_progress;
  picture.user_data = writer;
  int stride = (int)settings->width * (settings->has_alpha ? 4 : 3);
  int is_taken = settings->has_alpha ? WebPPictureImportRGBA(&picture, pixels, stride)
                                     : WebPPictureImportRGB(&picture, pixels, stride);
  bool is_done = is_taken && WebPEncode(&config, &picture);
  if (!is_done) {
    bool no_memory = !is_taken || picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
                     picture.error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY;
    tsr_log_fail(
        &writer->log, no_memory ? tsr_no_memory : tsr_malformed, "the encoder gave up (error %d)",
        picture.error_code);
  }
  WebPPictureFree(&picture);
  return is_done;
}

/// Puts metadata around the image.
static bool add_metadata(
    tsr_webp_writer *writer, const tsr_webp_settings *settings, const WebPMemoryWriter *image,
    WebPData *file) {
  WebPData content = {.bytes = image->mem, .size = image->size};
  WebPData icc = {.bytes = settings->icc, .size = settings->icc_count};
  WebPData exif = {.bytes = settings->exif, .size = settings->exif_count};
  WebPMux *mux = WebPMuxCreate(&content, 0);
  bool is_done = mux != NULL;
  if (is_done && icc.bytes != NULL) {
    is_done = WebPMuxSetChunk(mux, "ICCP", &icc, 0) == WEBP_MUX_OK;
  }
  if (is_done && exif.bytes != NULL) {
    is_done = WebPMuxSetChunk(mux, "EXIF", &exif, 0) == WEBP_MUX_OK;
  }
  is_done = is_done && WebPMuxAssemble(mux, file) == WEBP_MUX_OK;
  if (!is_done) tsr_log_fail(&writer->log, tsr_no_memory, "metadata cannot be added");
  WebPMuxDelete(mux);
  return is_done;
}

tsr_status tsr_webp_write(
    tsr_webp_writer *writer, const tsr_webp_settings *settings, const uint8_t *pixels) {
  WebPMemoryWriter memory;
  WebPMemoryWriterInit(&memory);
  if (encode(writer, settings, pixels, &memory)) {
    WebPData file = {.bytes = memory.mem, .size = memory.size};
    bool has_metadata = settings->icc != NULL || settings->exif != NULL;
    WebPData whole;
    WebPDataInit(&whole);
    if (!has_metadata || add_metadata(writer, settings, &memory, &whole)) {
      if (has_metadata) file = whole;
      if (tsr_output_write(&writer->output, file.bytes, file.size)) {
        tsr_output_flush(&writer->output);
      }
    }
    WebPDataClear(&whole);
  }
  WebPMemoryWriterClear(&memory);
  return writer->log.status;
}

tsr_status tsr_webp_encode(
    tsr_webp_writer *writer, const tsr_webp_settings *settings, const uint8_t *pixels) {
  WebPMemoryWriterClear(&writer->encoded);
  encode(writer, settings, pixels, &writer->encoded);
  return writer->log.status;
}

const uint8_t *tsr_webp_encoded(const tsr_webp_writer *writer, size_t *count) {
  *count = writer->encoded.size;
  return writer->encoded.mem;
}
