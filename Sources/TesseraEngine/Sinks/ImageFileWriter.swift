import TesseraCodecs
import TesseraCore
import TesseraKernels

/// Writes the rows of one image file, or of one file per channel, in whatever order its format
/// stores them.
final class ImageFileWriter {
  private enum Target {
    case interleaved(any ImageWriter, channels: Range<Int>)
    case planar(any ImageWriter)
  }

  private let targets: [Target]
  private let elementType: ElementType
  private let width: Int
  private let kernels: KernelSet
  private let row: ScratchPool.Loan
  private let shape: ImageShape
  /// One digest per file where the files are to be verified and lose nothing.
  private var digests: [ValueDigest]
  private let isLossless: Bool
  private let verifies: Bool
  private var rowsWritten = 0

  /// Creates the files.
  ///
  /// - Parameters:
  ///   - file: what the files are.
  ///   - paths: one path, or one per channel.
  ///   - shape: the whole image.
  ///   - metadata: what travels along.
  ///   - tools: kernels and memory.
  /// - Throws: `CodecError` where a file cannot be created.
  init(
    _ file: ImageFile, paths: [String], shape: ImageShape, metadata: ImageMetadata,
    _ tools: RunTools
  ) throws(CodecError) {
    kernels = tools.kernels
    elementType = file.quantization.elementType
    row = tools.scratch.loan(byteCount: shape.channels * shape.width * elementType.byteCount)
    width = shape.width
    self.shape = shape
    verifies = file.verifies
    isLossless = file.format.isLossless
    digests = Array(repeating: ValueDigest(), count: paths.count)
    let perFile = file.splitsChannels ? 1 : shape.channels
    let part = ImageShape(channels: perFile, height: shape.height, width: shape.width)
    var targets: [Target] = []
    for (index, path) in paths.enumerated() {
      let channels = index * perFile..<(index + 1) * perFile
      let writer = try file.format.makeWriter(
        path: path, shape: part, elementType: elementType, hasAlpha: file.hasAlpha,
        metadata: metadata)
      targets.append(
        writer.storesPlanes ? .planar(writer) : .interleaved(writer, channels: channels))
    }
    self.targets = targets
  }

  /// Whether the file takes rows plane by plane.
  var storesPlanes: Bool { if case .planar = targets[0] { true } else { false } }

  /// Writes the next rows plane by plane, where the file `storesPlanes`.
  func writePlanes(
    _ planes: [UnsafeRawPointer], count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    if verifies {
      for row in 0..<count { digest(planes.map { $0 + row * bytesPerRow }) }
    }
    for case .planar(let writer) in targets {
      try writer.writePlanarRows(planes, count: count, bytesPerRow: bytesPerRow)
    }
  }

  /// Writes the next row: one pointer per channel.
  func write(_ planes: [UnsafeRawPointer]) throws(CodecError) {
    if verifies { digest(planes) }
    for target in targets {
      switch target {
      case .planar(let writer):
        try writer.writePlanarRows(planes, count: 1, bytesPerRow: width * elementType.byteCount)
      case .interleaved(let writer, let channels):
        let bytesPerRow = channels.count * width * elementType.byteCount
        guard channels.count > 1 else {
          try writer.writeRows(planes[channels.lowerBound], count: 1, bytesPerRow: bytesPerRow)
          continue
        }
        interleave(planes[channels], into: row.base)
        try writer.writeRows(row.base, count: 1, bytesPerRow: bytesPerRow)
      }
    }
  }

  /// Writes the next rows of the only file: interleaved, in its type.
  func writePixels(
    _ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int
  ) throws(CodecError) {
    if verifies {
      for row in 0..<count { digest(pixels: rows + row * bytesPerRow) }
    }
    for case .interleaved(let writer, _) in targets {
      try writer.writeRows(rows, count: count, bytesPerRow: bytesPerRow)
    }
  }

  private func digest(pixels row: UnsafeRawPointer) {
    let pixelBytes = shape.channels * elementType.byteCount
    for x in 0..<width {
      digests[0].add(
        row + x * pixelBytes, as: elementType, count: shape.channels, at: rowsWritten * width + x,
        stride: shape.height * width)
    }
    rowsWritten += 1
  }

  private func digest(_ planes: [UnsafeRawPointer]) {
    let perFile = planes.count / digests.count
    for (index, plane) in planes.enumerated() {
      let position = (index % perFile * shape.height + rowsWritten) * width
      digests[index / perFile].add(plane, as: elementType, count: width, at: position)
    }
    rowsWritten += 1
  }

  /// Decodes the files anew and compares them with what was written; of lossy files only that they
  /// decode, to the right shape.
  func verify(_ paths: [String]) throws(RunError) {
    for (index, path) in paths.enumerated() {
      do throws(CodecError) {
        let (stored, storedShape) = try ValueDigest.ofImage(at: path)
        guard storedShape.size == shape.size, !isLossless || stored == digests[index] else {
          throw CodecError.damaged(
            try ImageReader(path: path).header.format, "it has other pixels than were written")
        }
      } catch {
        throw .pictureReadBack(error)
      }
    }
  }

  /// Writes what is left and closes the files.
  func finish() throws(CodecError) {
    for target in targets {
      switch target {
      case .planar(let writer): try writer.finish()
      case .interleaved(let writer, _): try writer.finish()
      }
    }
  }

  private func interleave(_ planes: ArraySlice<UnsafeRawPointer>, into row: UnsafeMutableRawPointer)
  {
    switch elementType {
    case .uint8: interleave(planes, into: row, with: kernels.interleaveU8)
    case .uint16: interleave(planes, into: row, with: kernels.interleaveU16)
    case .float32: interleave(planes, into: row, with: kernels.interleaveF32)
    }
  }

  private func interleave<E>(
    _ planes: ArraySlice<UnsafeRawPointer>, into row: UnsafeMutableRawPointer,
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
