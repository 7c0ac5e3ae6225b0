import CTesseraCodecs
import TesseraFiles
import TesseraThreads

/// The pages of TIFF files.
///
/// Whoever reads one page after the other would go through all directories before each of them: where
/// directories are is kept of the files that were looked at last.
package enum TIFFPages {
  /// The most pages of a file; what is behind them is refused by name.
  package static let limit = 1 << 16

  /// Counts the pages of a file.
  ///
  /// Smaller versions of a page, and masks, are none.
  ///
  /// - Parameters:
  ///   - source: a file, or a part of one.
  ///   - cancellation: asked between pages.
  /// - Returns: how many there are, the one among them whose directory is damaged, or is beyond the
  ///   ``limit``, behind which others may be; 1 for what is no TIFF file, or cannot be read: whoever reads
  ///   it says why.
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
    var status = tsr_ok
    let places = [UInt64](unsafeUninitializedCapacity: limit + 1) { buffer, count in
      status = tsr_tiff_list_pages(
        handle.pointer, buffer.baseAddress, buffer.count, &count)
    }
    if places.count > 1 { keep(places, of: source, file.status) }
    return max(places.count + (status == tsr_ok || places.isEmpty ? 0 : 1), 1)
  }

  private struct Entry: Sendable {
    var file: ByteSource
    var status: FileStatus
    var places: [UInt64]
  }

  /// The last few, the latest first.
  private static let entries = Locked<[Entry]>([])
  /// Places that are kept of all files together, at least those of one.
  private static let mostPlaces = 1 << 18

  private static func keep(_ places: [UInt64], of source: ByteSource, _ status: FileStatus) {
    entries.withLock { entries in
      entries.removeAll { $0.file == source }
      entries.insert(Entry(file: source, status: status, places: places), at: 0)
      var count = 0
      entries.removeAll { entry in
        defer { count += entry.places.count }
        return count > mostPlaces
      }
    }
  }

  /// Where the directory before that of a page is, if that is still known of a file as it is now.
  static func place(of page: Int, in source: ByteSource, _ status: FileStatus) -> UInt64? {
    var file = source
    file.page = nil
    return entries.withLock { entries in
      guard let entry = entries.first(where: { $0.file == file }),
        entry.status.holdsTheSame(as: status), entry.places.indices.contains(page)
      else { return nil }
      return entry.places[page]
    }
  }
}
