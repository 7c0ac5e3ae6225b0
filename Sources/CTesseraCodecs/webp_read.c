#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "tsr_webp.h"

/// Bytes of the file between two questions whether to stop.
#define PIECE ((size_t)1 << 16)

struct tsr_webp_reader {
  tsr_log log;
  tsr_stop stop;
};

const char *tsr_webp_version(void) {
  static char version[16];
  if (version[0] == 0) {
    int number = WebPGetDecoderVersion();
    snprintf(
        version, sizeof version, "%d.%d.%d", number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF);
  }
  return version;
}

bool tsr_webp_read_features(const uint8_t *bytes, size_t count, tsr_webp_features *features) {
  WebPBitstreamFeatures found;
  if (WebPGetFeatures(bytes, count, &found) != VP8_STATUS_OK) return false;
  if (found.width <= 0 || found.height <= 0) return false;
  features->width = (uint32_t)found.width;
  features->height = (uint32_t)found.height;
  features->has_alpha = found.has_alpha != 0;
  features->is_lossless = found.format == 2;
  return true;
}

tsr_webp_reader *tsr_webp_reader_make(tsr_stop stop) {
  tsr_webp_reader *reader = calloc(1, sizeof *reader);
  if (reader != NULL) reader->stop = stop;
  return reader;
}

void tsr_webp_reader_free(tsr_webp_reader *reader) { free(reader); }

const tsr_log *tsr_webp_reader_log(const tsr_webp_reader *reader) { return &reader->log; }

static void fail(tsr_webp_reader *reader, VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      tsr_log_fail(&reader->log, tsr_no_memory, "no memory is left for the decoder");
      break;
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      tsr_log_fail(&reader->log, tsr_truncated, "the file ends before its last row");
      break;
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      tsr_log_fail(&reader->log, tsr_unsupported, "a feature that the decoder does not know");
      break;
    default:
      tsr_log_fail(&reader->log, tsr_damaged, "the pixels' data cannot be decoded");
      break;
  }
}

/// Hands the file over piece by piece: the decoder does with each what it can.
static VP8StatusCode update(
    tsr_webp_reader *reader, WebPIDecoder *decoder, const uint8_t *bytes, size_t count) {
  VP8StatusCode status = VP8_STATUS_SUSPENDED;
  for (size_t end = 0; end < count && status == VP8_STATUS_SUSPENDED;) {
    if (tsr_stopped(&reader->log, &reader->stop)) break;
    end = count - end < PIECE ? count : end + PIECE;
    status = WebPIUpdate(decoder, bytes, end);
  }
  return status;
}

tsr_status tsr_webp_decode(
    tsr_webp_reader *reader, const uint8_t *bytes, size_t count, bool has_alpha, uint32_t width,
    uint32_t height, uint8_t *pixels, size_t *rows) {
  *rows = 0;
  size_t row_bytes = (size_t)width * (has_alpha ? 4 : 3);
  WebPDecBuffer output;
  if (!WebPInitDecBuffer(&output)) {
    tsr_log_fail(&reader->log, tsr_malformed, "libwebp is of another version than its headers");
    return reader->log.status;
  }
  output.colorspace = has_alpha ? MODE_RGBA : MODE_RGB;
  output.is_external_memory = 1;
  output.u.RGBA.rgba = pixels;
  output.u.RGBA.stride = (int)row_bytes;
  output.u.RGBA.size = row_bytes * height;
  WebPIDecoder *decoder = WebPINewDecoder(&output);
  if (decoder == NULL) {
    fail(reader, VP8_STATUS_OUT_OF_MEMORY);
    return reader->log.status;
  }
  VP8StatusCode status = update(reader, decoder, bytes, count);
  int last = 0, found_width = 0, found_height = 0;
  if (WebPIDecGetRGB(decoder, &last, &found_width, &found_height, NULL) != NULL && last > 0 &&
      (uint32_t)found_width == width) {
    *rows = (uint32_t)last < height ? (size_t)last : height;
  }
  if (status == VP8_STATUS_OK) *rows = height;
  if (reader->log.status == tsr_ok && status != VP8_STATUS_OK) fail(reader, status);
  WebPIDelete(decoder);
  return reader->log.status;
}

tsr_status tsr_webp_decode_first(
    tsr_webp_reader *reader, const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
    uint8_t *pixels, size_t *rows) {
  *rows = 0;
  WebPAnimDecoderOptions options;
  WebPData data = {.bytes = bytes, .size = count};
  if (!WebPAnimDecoderOptionsInit(&options)) {
    fail(reader, VP8_STATUS_INVALID_PARAM);
    return reader->log.status;
  }
  options.color_mode = MODE_RGBA;
  WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
  WebPAnimInfo info;
  uint8_t *canvas = NULL;
  int time = 0;
  bool is_there = decoder != NULL && WebPAnimDecoderGetInfo(decoder, &info) &&
                  info.canvas_width == width && info.canvas_height == height &&
                  WebPAnimDecoderGetNext(decoder, &canvas, &time);
  if (is_there) {
    memcpy(pixels, canvas, (size_t)width * height * 4);
    *rows = height;
  } else {
    fail(reader, VP8_STATUS_BITSTREAM_ERROR);
  }
  WebPAnimDecoderDelete(decoder);
  return reader->log.status;
}
