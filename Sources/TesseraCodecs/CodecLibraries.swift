import CTesseraCodecs

/// The libraries that read and write files.
public enum CodecLibraries {
  /// Their names and versions, as the reports of runs give them.
  public static var versions: [String] {
    [
      "libpng " + String(cString: tsr_png_version()),
      "libjpeg-turbo " + String(cString: tsr_jpeg_version()),
      "libwebp " + String(cString: tsr_webp_version()),
      "libtiff " + String(cString: tsr_tiff_version()),
    ]
  }
}
