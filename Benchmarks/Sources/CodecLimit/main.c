// Decodes and encodes a list of files with the libraries that Tessera links, and does nothing else:
// the least time that a run over a folder can take.
//
//     CodecLimit decode|jpeg|png LIST FOLDER JOBS
//
// LIST holds one path a line; outputs go to FOLDER as NUMBER.jpg or NUMBER.png. JPEG: quality 90,
// 4:2:0. PNG: Tessera's default filter and compression. With `decode`, JPEG files are only decoded,
// to RGB.

#define _GNU_SOURCE
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

static void fail(const char *what, const char *path) {
  fprintf(stderr, "CodecLimit: %s: %s\n", path, what);
  exit(1);
}

static FILE *open_file(const char *path, const char *mode) {
  FILE *file = fopen(path, mode);
  if (!file) fail("cannot be opened", path);
  return file;
}

// Rows go from the decoder to the encoder one at a time: no image is held.
static void copy_jpeg(const char *source, const char *target) {
  FILE *in = open_file(source, "rb"), *out = open_file(target, "wb");
  struct jpeg_decompress_struct reader;
  struct jpeg_compress_struct writer;
  struct jpeg_error_mgr errors;
  reader.err = writer.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&reader);
  jpeg_create_compress(&writer);
  jpeg_stdio_src(&reader, in);
  jpeg_stdio_dest(&writer, out);
  jpeg_read_header(&reader, TRUE);
  reader.out_color_space = JCS_RGB;
  jpeg_start_decompress(&reader);
  writer.image_width = reader.output_width;
  writer.image_height = reader.output_height;
  writer.input_components = 3;
  writer.in_color_space = JCS_RGB;
  jpeg_set_defaults(&writer);
  jpeg_set_quality(&writer, 90, TRUE);
  jpeg_start_compress(&writer, TRUE);
  JSAMPROW row = malloc(3 * (size_t)reader.output_width);
  if (!row) fail("no memory", source);
  while (reader.output_scanline < reader.output_height) {
    jpeg_read_scanlines(&reader, &row, 1);
    jpeg_write_scanlines(&writer, &row, 1);
  }
  free(row);
  jpeg_finish_compress(&writer);
  jpeg_finish_decompress(&reader);
  jpeg_destroy_compress(&writer);
  jpeg_destroy_decompress(&reader);
  fclose(in);
  if (fclose(out) != 0) fail("cannot be written", target);
}

static void decode_jpeg(const char *source) {
  FILE *in = open_file(source, "rb");
  struct jpeg_decompress_struct reader;
  struct jpeg_error_mgr errors;
  reader.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&reader);
  jpeg_stdio_src(&reader, in);
  jpeg_read_header(&reader, TRUE);
  reader.out_color_space = JCS_RGB;
  jpeg_start_decompress(&reader);
  JSAMPROW row = malloc(3 * (size_t)reader.output_width);
  if (!row) fail("no memory", source);
  while (reader.output_scanline < reader.output_height) jpeg_read_scanlines(&reader, &row, 1);
  free(row);
  jpeg_finish_decompress(&reader);
  jpeg_destroy_decompress(&reader);
  fclose(in);
}

static void copy_png(const char *source, const char *target) {
  FILE *in = open_file(source, "rb"), *out = open_file(target, "wb");
  png_structp reader = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop header = reader ? png_create_info_struct(reader) : NULL;
  png_infop made = writer ? png_create_info_struct(writer) : NULL;
  if (!header || !made) fail("no memory", source);
  if (setjmp(png_jmpbuf(reader)) || setjmp(png_jmpbuf(writer))) fail("libpng failed", source);
  png_init_io(reader, in);
  png_init_io(writer, out);
  png_read_info(reader, header);
  png_uint_32 width = png_get_image_width(reader, header);
  png_uint_32 height = png_get_image_height(reader, header);
  png_set_IHDR(
      writer, made, width, height, png_get_bit_depth(reader, header),
      png_get_color_type(reader, header), PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
      PNG_FILTER_TYPE_DEFAULT);
  png_set_filter(writer, PNG_FILTER_TYPE_BASE, PNG_FILTER_PAETH);
  png_set_compression_level(writer, 1);
  png_set_compression_strategy(writer, Z_RLE);
  png_write_info(writer, made);
  png_bytep row = malloc(png_get_rowbytes(reader, header));
  if (!row) fail("no memory", source);
  for (png_uint_32 y = 0; y < height; y++) {
    png_read_row(reader, row, NULL);
    png_write_row(writer, row);
  }
  free(row);
  png_read_end(reader, NULL);
  png_write_end(writer, NULL);
  png_destroy_read_struct(&reader, &header, NULL);
  png_destroy_write_struct(&writer, &made);
  fclose(in);
  if (fclose(out) != 0) fail("cannot be written", target);
}

// Every process takes the files whose number leaves its own remainder.
static void work(const char *kind, const char *list, const char *folder, int jobs, int job) {
  bool is_png = strcmp(kind, "png") == 0, is_copied = strcmp(kind, "decode") != 0;
  FILE *paths = open_file(list, "r");
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;
  for (int number = 0; (length = getline(&line, &capacity, paths)) > 0; number++) {
    if (number % jobs != job) continue;
    if (line[length - 1] == '\n') line[length - 1] = 0;
    char *target;
    if (asprintf(&target, "%s/%d.%s", folder, number, is_png ? "png" : "jpg") < 0) exit(1);
    if (!is_copied) decode_jpeg(line);
    else if (is_png) copy_png(line, target);
    else copy_jpeg(line, target);
    free(target);
  }
  free(line);
  fclose(paths);
}

int main(int count, char **arguments) {
  if (count != 5) {
    fprintf(stderr, "usage: CodecLimit decode|jpeg|png LIST FOLDER JOBS\n");
    return 64;
  }
  int jobs = atoi(arguments[4]);
  if (jobs < 1) return 64;
  for (int job = 0; job < jobs; job++) {
    pid_t child = fork();
    if (child < 0) fail("cannot fork", arguments[0]);
    if (child == 0) {
      work(arguments[1], arguments[2], arguments[3], jobs, job);
      return 0;
    }
  }
  int status, failures = 0;
  while (wait(&status) > 0) failures += status != 0;
  return failures > 0;
}
