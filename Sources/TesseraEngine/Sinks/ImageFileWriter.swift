import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraKernels
import TesseraThreads

/// Writes the rows of one image file, or of one file per channel, in whatever order its format
/// stores them; in memory, as an array of channels, height and width.
final class ImageFileWriter {
  /// One of the files.
  private struct Target {
    let writer: any ImageWriter
    /// The planes that it holds.
    let channels: [Int]
    let file: AtomicFile?
    /// The array that it is, where it is one.
    let array: (any ArrayStore)?

    /// The channels side by side, where they are.
    var montage: MontageWriter? { writer as? MontageWriter }

    /// Calls the writer; what it refuses is told with the file's final name.
    func writing(_ body: (any ImageWriter) throws(CodecError) -> Void) throws(RunError) {
      do throws(CodecError) { try body(writer) } catch {
        // Memory refuses nothing.
        throw RunError(error, writing: file?.path ?? "")
      }
    }
  }

  private let targets: [Target]
  private let elementType: ElementType
  private let storedType: StoredType
  private let width: Int
  private let kernels: KernelSet
  private let row: ScratchPool.Loan
  private let shape: ImageShape
  /// The shape of what one file is given.
  private let fileShape: ImageShape
  /// The shape of what is read from it.
  private let storedShape: ImageShape
  /// One digest per file where the files are to be verified and lose nothing.
  private var digests: [ValueDigest]
  private let isLossless: Bool
  /// The planes that are read from a file, where these are not those that it is given.
  private let repeatedPlanes: [Int]?
  /// Whether opacity may be missing in the file, where it is full everywhere.
  private let mayLackOpacity: Bool
  private let verifies: Bool
  private var rowsWritten = 0

  /// Creates the files, or takes the memory.
  ///
  /// - Parameters:
  ///   - file: what the files are.
  ///   - places: one, or one per channel.
  ///   - shape: the whole image.
  ///   - metadata: what travels along.
  ///   - tools: kernels and memory.
  ///   - cancellation: asked between rows.
  /// - Throws: `RunError` where a file cannot be created.
  init(
    _ file: ImageFile, in places: [OutputPlace], shape: ImageShape, metadata: ImageMetadata,
    _ tools: RunTools, _ cancellation: Cancellation
  ) throws(RunError) {
    kernels = tools.kernels
    elementType = file.quantization.elementType
    storedType = file.storedType
    let part = file.shape(of: shape)
    fileShape = part
    storedShape = file.storedShape(of: shape)
    row = tools.scratch.loan(byteCount: shape.channels * shape.width * elementType.byteCount)
    width = shape.width
    self.shape = shape
    verifies = file.verifies && places.contains { $0.file != nil }
    isLossless = file.format.isLossless
    digests = Array(repeating: ValueDigest(), count: places.count)
    repeatedPlanes = file.repeatedPlanes
    mayLackOpacity = file.hasAlpha && file.format.leavesOutFullOpacity
    var targets: [Target] = []
    for (index, place) in places.enumerated() {
      let channels = file.channels(ofFile: index, in: shape)
      do throws(CodecError) {
        let array = try file.array(of: part, in: place, kernels)
        var writer: any ImageWriter =
          if let array {
            NPYWriter(to: array, shape: part)
          } else {
            try file.format.makeWriter(
              path: place.file?.temporaryPath ?? "", shape: part, elementType: elementType,
              hasAlpha: file.hasAlpha, metadata: metadata, cancellation: cancellation)
          }
        if let montage = file.montage {
          writer = MontageWriter(
            montage, to: writer, elementType, hasAlpha: file.hasAlpha,
            repeatedPlanes: repeatedPlanes, takesDigest: verifies, tools)
        }
        targets.append(
          Target(writer: writer, channels: channels, file: place.file, array: array))
      } catch {
        throw RunError(error, writing: place.file?.path ?? "")
      }
    }
    self.targets = targets
  }

  /// How many files or arrays there are.
  var count: Int { targets.count }

  /// Gives what was kept in memory.
  func takeArrays() -> [ValueArray] { targets.compactMap { $0.array?.takeArray() } }

  /// Metadata that a file has no place for.
  var losses: [String] { targets.flatMap(\.writer.losses) }

  /// Whether the file takes rows plane by plane.
  var storesPlanes: Bool { targets[0].writer.storesPlanes }

  /// Writes the next rows of the only file, plane by plane, where it `storesPlanes`.
  func writePlanes(
    _ planes: [UnsafeRawPointer], count: Int, bytesPerRow: Int
  ) throws(RunError) {
    precondition(storesPlanes && targets.count == 1, "one file holds all planes")
    if verifies {
      for row in 0..<count { digest(planes.map { $0 + row * bytesPerRow }) }
    }
    try targets[0].writing { (writer) throws(CodecError) in
      try writer.writePlanarRows(planes, count: count, bytesPerRow: bytesPerRow)
    }
  }

  /// Writes the next row: one pointer per channel.
  func write(_ planes: [UnsafeRawPointer]) throws(RunError) {
    if verifies { digest(planes) }
    for target in targets {
      let holdsAll = target.channels.count == planes.count
      let planes = holdsAll ? planes : target.channels.map { planes[$0] }
      let bytesPerRow = planes.count * width * elementType.byteCount
      try target.writing { (writer) throws(CodecError) in
        if writer.storesPlanes {
          try writer.writePlanarRows(
            planes, count: 1, bytesPerRow: width * elementType.byteCount)
        } else if planes.count == 1 {
          try writer.writeRows(planes[0], count: 1, bytesPerRow: bytesPerRow)
        } else {
          interleave(planes, into: row.base)
          try writer.writeRows(row.base, count: 1, bytesPerRow: bytesPerRow)
        }
      }
    }
  }

  /// Writes the next rows of the only file: interleaved, in its type.
  func writePixels(
    _ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int
  ) throws(RunError) {
    precondition(targets.count == 1, "one file holds all pixels")
    if verifies {
      for row in 0..<count { digest(pixels: rows + row * bytesPerRow) }
    }
    try targets[0].writing { (writer) throws(CodecError) in
      try writer.writeRows(rows, count: count, bytesPerRow: bytesPerRow)
    }
  }

  private func digest(pixels row: UnsafeRawPointer) {
    let pixelBytes = fileShape.channels * elementType.byteCount
    for x in 0..<width {
      digests[0].add(
        pixel: row + x * pixelBytes, as: elementType, storedAs: storedType,
        count: fileShape.channels, repeated: repeatedPlanes, at: rowsWritten * width + x,
        stride: shape.height * width)
    }
    rowsWritten += 1
  }

  private func digest(_ planes: [UnsafeRawPointer]) {
    for (file, target) in targets.enumerated() where target.montage == nil {
      let channels = repeatedPlanes?.map { target.channels[$0] } ?? target.channels
      for (index, channel) in channels.enumerated() {
        let position = (index * shape.height + rowsWritten) * width
        digests[file].add(
          planes[channel], as: elementType, storedAs: storedType, count: width, at: position)
      }
    }
    rowsWritten += 1
  }

  /// Decodes the files anew and compares them with what was written; of lossy files only that they
  /// decode, to the right shape.
  func verify(_ cancellation: Cancellation) throws(RunError) {
    for (target, written) in zip(targets, digests) {
      guard let file = target.file else { continue }
      do throws(CodecError) {
        var (stored, header) = try ValueDigest.ofImage(
          at: file.temporaryPath, cancellation)
        if mayLackOpacity, !header.hasAlpha {
          header.shape.channels += 1
          stored.addFullOpacity(of: header.shape)
        }
        let written = target.montage?.digest ?? written
        let isSame = header.shape == storedShape && (!isLossless || stored == written)
        guard isSame else {
          throw CodecError.damaged(
            FileFormat(header.format), "it has other pixels than were written")
        }
      } catch {
        throw error == .cancelled ? .cancelled : .pictureReadBack(error.reason)
      }
    }
  }

  /// Writes what is left and closes the files.
  func finish() throws(RunError) {
    for target in targets {
      try target.writing { (writer) throws(CodecError) in try writer.finish() }
    }
  }

  private func interleave(_ planes: [UnsafeRawPointer], into row: UnsafeMutableRawPointer) {
    switch elementType {
    case .uint8: interleave(planes, into: row, with: kernels.interleaveU8)
    case .uint16: interleave(planes, into: row, with: kernels.interleaveU16)
    case .float32: interleave(planes, into: row, with: kernels.interleaveF32)
    }
  }

  private func interleave<E>(
    _ planes: [UnsafeRawPointer], into row: UnsafeMutableRawPointer,
    with kernel: KernelSet.Interleave<E>
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<E>.self, capacity: planes.count) { pointers in
      for (index, plane) in planes.enumerated() {
        pointers[index] = plane.assumingMemoryBound(to: E.self)
      }
      kernel(
        UnsafePointer(pointers.first), planes.count, row.assumingMemoryBound(to: E.self), width)
    }
  }
}

extension ImageFile {
  /// The array that one of the files is; `nil` where it is a picture.
  fileprivate func array(
    of shape: ImageShape, in place: OutputPlace, _ kernels: KernelSet
  ) throws(CodecError) -> (any ArrayStore)? {
    guard let open = place.file else {
      return kernels.narrowing(ArrayMemory(shape: shape.sides, storedType: storedType))
    }
    guard format == .npy else { return nil }
    return kernels.narrowing(
      try NPYFileWriter(path: open.temporaryPath, shape: shape.sides, storedType: storedType))
  }
}

extension ValueDigest {
  /// Adds the values of a pixel, which lie side by side, each by what is read of it.
  ///
  /// - Parameters:
  ///   - pixel: the first of its values.
  ///   - type: theirs.
  ///   - stored: as what they are stored.
  ///   - count: how many there are.
  ///   - repeated: the values that are read, by those that there are; `nil`: these.
  ///   - position: the place of the first.
  ///   - stride: from each to the next.
  mutating func add(
    pixel: UnsafeRawPointer, as type: ElementType, storedAs stored: StoredType, count: Int,
    repeated: [Int]?, at position: Int, stride: Int
  ) {
    guard let repeated else {
      return add(
        pixel, as: type, storedAs: stored, count: count, at: position, stride: stride)
    }
    for (place, value) in repeated.enumerated() {
      add(
        pixel + value * type.byteCount, as: type, storedAs: stored, count: 1,
        at: position + place * stride)
    }
  }

  /// Adds a last channel of bytes that are all 255.
  fileprivate mutating func addFullOpacity(of shape: ImageShape) {
    let row = Array(repeating: UInt8.max, count: shape.width)
    row.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      for y in 0..<shape.height {
        add(
          base, as: .uint8, storedAs: .uint8, count: shape.width,
          at: ((shape.channels - 1) * shape.height + y) * shape.width)
      }
    }
  }
}
