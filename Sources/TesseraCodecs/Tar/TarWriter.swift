import CTesseraArchive
import Glibc
import TesseraFiles

/// Writes a ustar archive of regular files without owners and times: the same members give the same
/// bytes.
package final class TarWriter {
  private var archive: OpaquePointer?
  private let path: String
  private let sink: Sink

  /// Where the bytes go.
  ///
  /// libarchive is told of no failure: of an archive that has failed it frees only a part.
  private final class Sink {
    private let descriptor: Int32
    /// The first error number; 0: none.
    var code: Int32 = 0

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func write(_ bytes: UnsafeRawBufferPointer) {
      var rest = bytes
      while code == 0, !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count > 0 { rest = .init(rebasing: rest[count...]) }
        if count == 0 { code = EIO }
        if count < 0, errno != EINTR { code = errno }
      }
    }
  }

  /// Bytes of the longest path that a ustar member can have.
  package static let longestName = 255

  /// Begins an archive in an open file.
  ///
  /// - Parameters:
  ///   - descriptor: The file, empty; it stays open.
  ///   - path: What errors call it.
  /// - Throws: `FileError` where there is no memory for it.
  package init(descriptor: Int32, path: String) throws(FileError) {
    self.path = path
    sink = Sink(descriptor)
    archive = archive_write_new()
    let write:
      @convention(c) (
        OpaquePointer?, UnsafeMutableRawPointer?, UnsafeRawPointer?, Int
      ) -> Int = { _, sink, bytes, count in
        guard let sink else { return -1 }
        Unmanaged<Sink>.fromOpaque(sink).takeUnretainedValue()
          .write(UnsafeRawBufferPointer(start: bytes, count: count))
        return count
      }
    guard let archive, archive_write_set_format_ustar(archive) == ARCHIVE_OK,
      archive_write_set_bytes_in_last_block(archive, 10_240) == ARCHIVE_OK,
      archive_write_open(archive, Unmanaged.passUnretained(sink).toOpaque(), nil, write, nil)
        == ARCHIVE_OK
    else { throw FileError(.create, path, code: ENOMEM) }
  }

  deinit {
    // What was not closed is thrown away: nothing more is written.
    if sink.code == 0 { sink.code = ECANCELED }
    archive_write_free(archive)
  }

  /// Whether a member can have a name.
  package static func holds(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    // A file whose name ends with a slash is read as a folder.
    guard let last = bytes.last, last != UInt8(ascii: "/"), !bytes.contains(0) else { return false }
    if bytes.count <= 100 { return true }
    // Longer ones are parted at a slash: at most 155 bytes before it, and at most 100 after it.
    guard bytes.count <= longestName + 1 else { return false }
    return bytes.indices.contains { index in
      bytes[index] == UInt8(ascii: "/") && (1...155).contains(index)
        && (1...100).contains(bytes.count - index - 1)
    }
  }

  /// Appends a member.
  ///
  /// - Parameters:
  ///   - name: Its path: one that it `holds`.
  ///   - pieces: Its bytes.
  /// - Throws: `FileError` where they cannot be written.
  package func append(
    _ name: String, _ pieces: [UnsafeRawBufferPointer]
  ) throws(FileError) {
    try begin(name, byteCount: pieces.reduce(0) { $0 + $1.count })
    for piece in pieces { try write(piece) }
  }

  /// Appends a member that a file has the bytes of.
  package func append(
    _ name: String, contentsOf file: borrowing OpenFile, byteCount: Int
  ) throws(FileError) {
    try begin(name, byteCount: byteCount)
    var failure: FileError?
    try file.forEachPiece(until: { failure != nil }) { piece in
      do throws(FileError) { try write(piece) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func begin(_ name: String, byteCount: Int) throws(FileError) {
    precondition(Self.holds(name), "names were checked")
    let entry = archive_entry_new()
    defer { archive_entry_free(entry) }
    name.withPathBytes { archive_entry_set_pathname(entry, $0) }
    archive_entry_set_size(entry, Int64(byteCount))
    archive_entry_set_filetype(entry, 0o100000)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_uid(entry, 0)
    archive_entry_set_gid(entry, 0)
    archive_entry_set_mtime(entry, 0, 0)
    try check(archive_write_header(archive, entry))
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if bytes.isEmpty { return }
    let written = archive_write_data(archive, bytes.baseAddress, bytes.count)
    try check(written == bytes.count ? ARCHIVE_OK : ARCHIVE_FATAL)
  }

  /// Ends the archive; the file stays open.
  package func finish() throws(FileError) {
    try check(archive_write_close(archive))
    archive_write_free(archive)
    archive = nil
  }

  private func check(_ status: Int32) throws(FileError) {
    if sink.code != 0 { throw FileError(.write, path, code: sink.code) }
    guard status != ARCHIVE_OK else { return }
    let code = archive_errno(archive)
    throw FileError(.write, path, code: code > 0 ? code : EIO)
  }
}
