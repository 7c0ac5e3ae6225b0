import TesseraCore

/// Rows of an image that is in memory, plane by plane.
final class PixelDecoder<Value: Element>: RowDecoder {
  let header: ImageHeader
  var metadata: ImageMetadata { ImageMetadata() }
  var log: CodecLog? { nil }
  var notes: [String] { [] }

  private let pixels: [Value]
  private var nextRow = 0

  init(_ pixels: [Value], header: ImageHeader) {
    precondition(
      pixels.count == header.shape.valueCount && Value.elementType == header.elementType,
      "pixels are as many as the shape says")
    self.pixels = pixels
    self.header = header
  }

  func readRows(into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int) -> RowsRead {
    let (channels, width) = (header.shape.channels, header.shape.width)
    pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<count {
        let target = (rows + row * bytesPerRow).assumingMemoryBound(to: Value.self)
        for channel in 0..<channels {
          let first = start(of: row, channel)
          for column in 0..<width { target[column * channels + channel] = pixels[first + column] }
        }
      }
    }
    nextRow += count
    return RowsRead(count: count)
  }

  func readPlanarRows(
    into planes: [UnsafeMutableRawPointer], count: Int, bytesPerRow: Int
  ) -> RowsRead {
    let rowBytes = header.shape.width * MemoryLayout<Value>.stride
    pixels.withUnsafeBytes { pixels in
      for (channel, plane) in planes.enumerated() {
        for row in 0..<count {
          let first = start(of: row, channel) * MemoryLayout<Value>.stride
          UnsafeMutableRawBufferPointer(start: plane + row * bytesPerRow, count: rowBytes)
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: pixels[first..<first + rowBytes]))
        }
      }
    }
    nextRow += count
    return RowsRead(count: count)
  }

  func skipRows(_ count: Int) -> RowsRead {
    nextRow += count
    return RowsRead(count: count)
  }

  func finish() -> CodecError? { nil }

  /// The place of the first value of a row that is read now.
  private func start(of row: Int, _ channel: Int) -> Int {
    (channel * header.shape.height + nextRow + row) * header.shape.width
  }
}

extension ImageReader {
  /// Reads an image that is in memory.
  ///
  /// - Parameters:
  ///   - pixels: Channels, height and width, the last running fastest: as many as `shape` says.
  ///   - shape: Channels, height and width.
  ///   - colorModel: What the channels mean; `nil` leaves it to their number and to `load`, as for an
  ///     array's file.
  ///   - hasAlpha: Whether the last channel is alpha, not premultiplied.
  package convenience init<Value: Element>(
    pixels: [Value], shape: ImageShape, colorModel: ColorModel?, hasAlpha: Bool
  ) {
    let colors = shape.channels - (hasAlpha ? 1 : 0)
    var header = ImageHeader(
      format: .npy, shape: shape, elementType: Value.elementType,
      colorModel: colorModel ?? (colors == 1 ? .gray : colors == 3 ? .rgb : .unknown),
      hasAlpha: hasAlpha, sourceBitDepth: 8 * Value.elementType.byteCount,
      storesPlanes: shape.channels > 1, decoderBytes: 0, decoder: "memory")
    header.statesColors = colorModel != nil || hasAlpha
    self.init(PixelDecoder(pixels, header: header))
  }
}
