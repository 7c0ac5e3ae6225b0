import TesseraCore
import TesseraFiles
import TesseraThreads

/// Rows of one image, from top to bottom.
///
/// The file is read as rows are asked for: neither it nor the image is ever held whole, but
/// where the header says `isWholeImage`. A reader is used by one thread at a time.
public final class ImageReader {
  /// What the file says of itself; its size is that of the rows that are given.
  public private(set) var header: ImageHeader
  /// Profile, resolution and Exif data.
  public let metadata: ImageMetadata
  /// Rows that have been handed out or passed over.
  public private(set) var rowsRead = 0

  private let decoder: any RowDecoder
  /// The file that is read, where there is one.
  private let source: OpenSource?
  private let failOn: FailOn
  private var isPartial = false
  /// Why rows did not come, where the decoder gave up.
  private var failure: CodecError?
  /// How many rows were filled with zeros.
  private var missingRows = 0
  /// Whether the decoder has given all the rows it can.
  private var isExhausted = false

  /// Opens an image and reads its header.
  ///
  /// The format is known by content, never by name. No memory that depends on the image's size is
  /// taken before its pixels have been compared with `maxPixels`.
  ///
  /// - Parameters:
  ///   - place: a file, or the part or page of one that the image is; nothing else of it is read.
  ///   - options: what is accepted, and what is kept.
  ///   - cancellation: asked while the header is read, and later between rows: everything throws
  ///     `CodecError.cancelled` then.
  /// - Throws: `CodecError` where the file is not a regular one, is of no known format, has a
  ///   header that cannot be read, or already meets `failOn`.
  public init(
    source place: ByteSource, options: DecodeOptions = DecodeOptions(),
    cancellation: Cancellation = Cancellation()
  ) throws(CodecError) {
    let source = try OpenSource.regular(place)
    let firstBytes = try CodecError.mapping(
      source.bytes(at: 0, count: ImageFormat.signatureLength))
    switch ImageFormat.sniff(firstBytes) {
    case .png:
      decoder = try PNGDecoder(source: source, options: options, cancellation: cancellation)
    case .jpeg:
      decoder = try JPEGDecoder(source: source, options: options, cancellation: cancellation)
    case .npy:
      decoder = try NPYDecoder(source: source, options: options, cancellation: cancellation)
    case .webp:
      decoder = try WebPDecoder(source: source, options: options, cancellation: cancellation)
    case .tiff:
      decoder = try TIFFDecoder(
        source: source, in: place, options: options, cancellation: cancellation)
    case nil: throw try CodecError.unknown(source)
    }
    if let page = place.page, page > 0, decoder.header.format != .tiff {
      throw .malformed(
        FileFormat(decoder.header.format), "page \(page + 1) is asked for, and this format has none"
      )
    }
    self.source = source
    failOn = options.failOn
    header = decoder.header
    metadata = decoder.metadata
    // A page is a part of its file.
    if place.page == nil {
      try ImageHeader.checkFile(of: source.byteCount, header.format, holding: header.shape)
    }
    try applyPolicy()
  }

  /// Reads patches as the image that they make side by side, each in the place of its block.
  ///
  /// - Parameters:
  ///   - patches: what they are.
  ///   - values: where they are stored.
  ///   - options: how many pixels there may be, and whether values may be rounded to floats.
  ///   - cancellation: asked between rows of blocks.
  /// - Throws: `CodecError` where the file is too short, the image too large, or the array has not all the
  ///   patches.
  package convenience init(
    _ patches: StoredPatches, in values: StoredArray, options: DecodeOptions = DecodeOptions(),
    cancellation: Cancellation = Cancellation()
  ) throws(CodecError) {
    let decoder = try PatchDecoder(
      patches, in: values, options: options, cancellation: cancellation)
    self.init(decoder, of: decoder.source)
  }

  init(_ decoder: any RowDecoder, of source: OpenSource? = nil) {
    self.decoder = decoder
    self.source = source
    failOn = .error
    header = decoder.header
    metadata = decoder.metadata
  }

  /// Opens an image that is a whole file.
  public convenience init(
    path: String, options: DecodeOptions = DecodeOptions(),
    cancellation: Cancellation = Cancellation()
  ) throws(CodecError) {
    try self.init(
      source: ByteSource(path: path), options: options, cancellation: cancellation)
  }

  /// Has rows given at a half, a quarter or an eighth of height and width, rounded up.
  ///
  /// - Parameter divisor: 2, 4 or 8; the header `canShrink`, and no row was read.
  public func shrink(by divisor: Int) {
    precondition(header.canShrink && rowsRead == 0, "a size is said before the first row")
    decoder.shrink(by: divisor)
    header.shape.height = (header.shape.height + divisor - 1) / divisor
    header.shape.width = (header.shape.width + divisor - 1) / divisor
  }

  /// Has only some columns of each row given, for less work.
  ///
  /// They are those of whole rows, but for less than a step of columns at both ends. What is wrong with
  /// other columns is told all the same.
  ///
  /// - Parameter columns: some of the columns, the first of them a multiple of the header's `columnStep`;
  ///   no row was read, and the size is the file's.
  package func crop(to columns: Range<Int>) {
    precondition(rowsRead == 0, "columns are said before the first row")
    decoder.crop(to: columns)
    header.shape.width = columns.count
  }

  /// The file that is read, as it was when it was opened; `nil` for rows from memory.
  package var file: FileStatus? { source?.status }

  /// Bytes of one row of all channels.
  public var bytesPerRow: Int {
    header.shape.channels * header.shape.width * header.elementType.byteCount
  }

  /// Reads the next rows, interleaved: all channels of a pixel, then the next pixel.
  ///
  /// - Parameters:
  ///   - rows: Where the first row goes; `count × bytesPerRow` bytes.
  ///   - count: How many rows; no more than are left.
  ///   - bytesPerRow: Distance between rows in memory, at least a row's own bytes.
  /// - Throws: `CodecError` as `failOn` decides. Under `none`, rows that did not come are 0.
  public func readRows(
    into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    try read(count) {
      decoder.readRows(into: rows, count: count, bytesPerRow: bytesPerRow)
    } fill: { row in
      rows.advanced(by: row * bytesPerRow)
        .initializeMemory(as: UInt8.self, repeating: 0, count: self.bytesPerRow)
    }
  }

  /// Reads the next rows, plane by plane, where the header says `storesPlanes`.
  ///
  /// - Parameters:
  ///   - planes: Where the first row of each channel goes.
  ///   - count: How many rows; no more than are left.
  ///   - bytesPerRow: Distance between rows of one channel in memory.
  /// - Throws: `CodecError` as `failOn` decides. Under `none`, rows that did not come are 0.
  public func readPlanarRows(
    into planes: [UnsafeMutableRawPointer], count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    precondition(planes.count == header.shape.channels, "one pointer for each channel")
    try read(count) {
      decoder.readPlanarRows(into: planes, count: count, bytesPerRow: bytesPerRow)
    } fill: { row in
      for plane in planes {
        plane.advanced(by: row * bytesPerRow).initializeMemory(
          as: UInt8.self, repeating: 0, count: self.bytesPerRow / planes.count)
      }
    }
  }

  /// Passes over the next rows, for less work than reading them; what is wrong with them is told all the
  /// same.
  ///
  /// - Parameter count: how many rows; no more than are left.
  /// - Throws: `CodecError` as `failOn` decides.
  package func skipRows(_ count: Int) throws(CodecError) {
    if count == 0 { return }
    try read(count) {
      decoder.skipRows(count)
    } fill: { _ in
    }
  }

  /// Reads the rest of the file, rows that were not asked for too, and reports.
  ///
  /// - Throws: `CodecError` as `failOn` decides, and where the file was written to meanwhile: its rows may
  ///   be those of two images.
  public func finish() throws(CodecError) -> DecodeReport {
    do throws(CodecError) { return try finished() } catch { throw cause(of: error) }
  }

  private func finished() throws(CodecError) -> DecodeReport {
    // Of a part too: how many rows came does not hang on which were asked for.
    try skipRows(header.shape.height - rowsRead)
    if !isPartial, let failure = decoder.finish() { try accept(failure) }
    if let source, try CodecError.mapping(source.hasChanged()) { throw .changed }
    try applyPolicy()
    var report = DecodeReport()
    report.warnings = (decoder.log?.warnings ?? []) + decoder.notes
    report.isPartial = isPartial
    if let loss { report.warnings.append(loss) }
    return report
  }

  /// What of the image was not in the file, unless the decoder has said so.
  private var loss: String? {
    guard isPartial || missingRows > 0 else { return nil }
    let height = header.shape.height
    let rows =
      missingRows > 0 ? "\(rowsRead - missingRows) of \(height) rows came, the others are 0" : nil
    let parts = [failure?.description, rows].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private func read(
    _ count: Int, decode: () -> RowsRead, fill: (Int) -> Void
  ) throws(CodecError) {
    do throws(CodecError) {
      try take(count, decode: decode, fill: fill)
    } catch {
      throw cause(of: error)
    }
  }

  /// What is wrong: a file that was written to meanwhile may seem to be damaged.
  private func cause(of error: CodecError) -> CodecError {
    switch error {
    case .io, .cancelled: error
    default: (try? source?.hasChanged()) == true ? .changed : error
    }
  }

  private func take(
    _ count: Int, decode: () -> RowsRead, fill: (Int) -> Void
  ) throws(CodecError) {
    precondition(count >= 0 && count <= header.shape.height - rowsRead, "no rows are left")
    var result = RowsRead(count: 0)
    if !isExhausted { result = decode() }
    if let failure = result.failure {
      // What the library has said of lost rows tells more, and is what the policy looks at below.
      let isTold =
        if case .truncated = failure.reason { decoder.log?.missing != nil } else { false }
      if failOn == .none || !isTold { try accept(failure) }
    }
    isExhausted = result.count < count
    try applyPolicy()
    for row in result.count..<max(count, result.count) { fill(row) }
    missingRows += max(count - result.count, 0)
    rowsRead += count
  }

  /// Takes an error of the decoder for the end of what the file has, if that is wanted.
  private func accept(_ failure: CodecError) throws(CodecError) {
    switch failure {
    case .io, .cancelled: throw failure
    case .damaged(_, let text) where text.contains("incorrect data check"):
      // zlib's checksum of pixels that have all come.
      guard failOn == .none else { throw .refused(failure, passing: .truncated) }
    case .truncated, .damaged:
      guard failOn == .none else { throw .refused(failure, passing: .none) }
    default:
      guard failOn == .none else { throw failure }
    }
    isPartial = true
    self.failure = self.failure ?? failure
  }

  /// Refuses the file for complaints that the decoder went on from.
  private func applyPolicy() throws(CodecError) {
    if let missing = decoder.log?.missing {
      guard failOn == .none else { throw .refused(missing, passing: .none) }
      isPartial = true
    }
    if failOn >= .error, let damage = decoder.log?.damage {
      throw .refused(damage, passing: .truncated)
    }
    guard failOn >= .warning else { return }
    if let warning = decoder.log?.warnings.first ?? decoder.notes.first {
      throw .refused(.warning(FileFormat(header.format), warning), passing: .error)
    }
  }
}
