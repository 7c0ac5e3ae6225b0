import CTesseraCodecs
import TesseraFiles
import TesseraThreads

/// The pages of TIFF files.
package enum TIFFPages {
  /// More pages are not read: `count` stops there.
  package static let limit = 1 << 20

  /// Counts the pages of a file.
  ///
  /// Smaller versions of a page, and masks, are none.
  ///
  /// - Parameters:
  ///   - source: a file, or a part of one.
  ///   - cancellation: asked between pages.
  /// - Returns: how many there are, the one among them whose directory is damaged, behind which others
  ///   may be; 1 for what is no TIFF file, or cannot be read: whoever reads it says why.
  package static func count(
    in source: ByteSource, cancellation: Cancellation = Cancellation()
  ) -> Int {
    guard let file = try? OpenSource.regular(source),
      let start = try? file.bytes(at: 0, count: ImageFormat.signatureLength),
      ImageFormat.sniff(start) == .tiff,
      let handle = try? CodecHandle(
        tsr_tiff_reader_make(file.forShims(cancellation), UInt64(file.byteCount)), format: .tiff,
        operation: .read, cancellation: cancellation, log: tsr_tiff_reader_log,
        free: tsr_tiff_reader_free)
    else { return 1 }
    var count: UInt32 = 0
    let status = tsr_tiff_count_pages(handle.pointer, UInt32(limit), &count)
    return max(Int(count) + (status == tsr_ok || count == 0 ? 0 : 1), 1)
  }
}
