import TesseraCodecs
import TesseraCore
import TesseraKernels

/// Writes the rows of one image file, or of one file per channel, in whatever order its format
/// stores them.
final class ImageFileWriter {
  private enum Target {
    case interleaved(any ImageWriter, channels: Range<Int>)
    case planar(NPYWriter)
  }

  private let targets: [Target]
  private let elementType: ElementType
  private let width: Int
  private let kernels: KernelSet
  private var band = AlignedBuffer()
  private let maximumRows = 32

  /// Creates the files.
  ///
  /// - Parameters:
  ///   - file: what the files are.
  ///   - paths: one path, or one per channel.
  ///   - shape: the whole image.
  ///   - metadata: what travels along.
  init(
    _ file: ImageFile, paths: [String], shape: ImageShape, metadata: ImageMetadata,
    kernels: KernelSet
  ) throws(CodecError) {
    self.kernels = kernels
    elementType = file.quantization.elementType
    width = shape.width
    if file.settings.format == .npy {
      targets = [
        .planar(try NPYWriter(path: paths[0], shape: shape, elementType: elementType))
      ]
      return
    }
    var targets: [Target] = []
    let perFile = file.splitsChannels ? 1 : shape.channels
    for (index, path) in paths.enumerated() {
      let writer = try Self.writer(
        file, path: path,
        shape: ImageShape(channels: perFile, height: shape.height, width: shape.width),
        metadata: metadata)
      targets.append(
        .interleaved(writer, channels: index * perFile..<(index + 1) * perFile))
    }
    self.targets = targets
  }

  private static func writer(
    _ file: ImageFile, path: String, shape: ImageShape, metadata: ImageMetadata
  ) throws(CodecError) -> any ImageWriter {
    guard file.settings.format == .jpeg else {
      return try PNGWriter(
        path: path, shape: shape, elementType: file.quantization.elementType,
        hasAlpha: file.hasAlpha, compression: file.settings.compression, metadata: metadata)
    }
    var settings = JPEGSettings()
    settings.quality = file.settings.quality
    settings.isProgressive = file.settings.progressive
    settings.subsampling = file.settings.subsampling.codecValue
    return try JPEGWriter(path: path, shape: shape, settings: settings, metadata: metadata)
  }

  /// Writes the next row: one pointer per channel.
  func write(_ planes: [UnsafeRawPointer]) throws(CodecError) {
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
        band.reserve(byteCount: bytesPerRow)
        interleave(planes[channels], into: band.base)
        try writer.writeRows(band.base, count: 1, bytesPerRow: bytesPerRow)
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

  private func interleave(_ planes: ArraySlice<UnsafeRawPointer>, into row: UnsafeMutableRawPointer) {
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
      guard let base = pointers.baseAddress else { return }
      kernel(UnsafePointer(base), planes.count, row.assumingMemoryBound(to: E.self), width)
    }
  }
}

extension Encode.Subsampling {
  /// The codec's word for it.
  var codecValue: JPEGSubsampling {
    switch self {
    case .s420: .both
    case .s422: .horizontal
    case .s444: .none
    }
  }
}
