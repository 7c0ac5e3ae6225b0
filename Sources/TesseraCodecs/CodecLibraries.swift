import CTesseraArchive
import CTesseraCodecs

/// The libraries that read and write files.
public enum CodecLibraries {
  /// Names and versions of those behind them: what compresses, and what lists tar files.
  public static var supporting: [String] {
    let archive = archive_version_string().map { String(cString: $0) } ?? "libarchive"
    return ["zlib " + String(cString: tsr_zlib_version()), archive]
  }

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
