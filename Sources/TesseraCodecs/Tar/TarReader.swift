import CTesseraArchive
import Glibc
import TesseraFiles

/// Lists the members of a tar archive, of ustar, pax or GNU's form; their bytes are read where they are.
package struct TarReader {
  /// A regular file in the archive.
  package struct Member: Hashable, Sendable {
    /// Its path, as it is written there.
    package var name: String
    /// Where its bytes begin in the archive.
    package var offset: Int
    /// How many there are.
    package var byteCount: Int
  }

  /// Why a list is not whole.
  package struct Damage: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in words.
    package var description: String
  }

  /// Calls `body` with one member after the other.
  ///
  /// Folders, links and sparse files are passed over. Archives that are compressed have no places for
  /// their members, and are refused.
  ///
  /// - Parameters:
  ///   - path: The archive.
  ///   - isCancelled: Asked between members.
  ///   - body: Takes a member.
  /// - Throws: `Damage` where the archive cannot be read to its end.
  package static func forEachMember(
    of path: String, isCancelled: () -> Bool = { false }, _ body: (Member) -> Void
  ) throws(Damage) {
    guard let archive = archive_read_new() else {
      throw Damage(description: String(cString: strerror(ENOMEM)))
    }
    defer { archive_read_free(archive) }
    archive_read_support_format_tar(archive)
    let opened = path.withPathBytes { archive_read_open_filename(archive, $0, 1 << 16) }
    var entry: OpaquePointer?
    guard opened == ARCHIVE_OK else { throw damage(of: archive) }
    while !isCancelled() {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN else { throw damage(of: archive) }
      // What was read of the archive so far ends with the member's header.
      let offset = Int(archive_filter_bytes(archive, -1))
      let isRegular =
        archive_entry_filetype(entry) == 0o100000 && archive_entry_hardlink(entry) == nil
        && archive_entry_sparse_count(entry) == 0
      // Names that only the pax header has are not in the locale's characters.
      guard isRegular,
        let name = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry)
      else { continue }
      let size = Int(archive_entry_size(entry))
      guard size >= 0, offset >= 0, size <= Int.max - offset else { continue }
      body(
        Member(
          name: String(pathBytes: UnsafeRawBufferPointer(start: name, count: strlen(name))),
          offset: offset, byteCount: size))
    }
  }

  private static func damage(of archive: OpaquePointer) -> Damage {
    guard let text = archive_error_string(archive) else {
      return Damage(description: "it is no tar archive")
    }
    return Damage(description: String(cString: text))
  }
}
