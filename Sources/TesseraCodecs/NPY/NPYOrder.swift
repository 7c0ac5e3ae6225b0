import TesseraCore

/// How an array is an image: its shape, and where each value is.
///
/// Value (c, y, x) is the one at c · channelStride + y · rowStride + x · columnStride.
struct NPYOrder: Hashable {
  var shape: ImageShape
  var channelStride: Int
  var rowStride: Int
  var columnStride: Int

  /// Lays channels, rows and columns over the axes of an array.
  init(_ array: NPYHeader, layout: NPYLayout) throws(CodecError) {
    let sides = array.shape
    let text = NPYFix.shape(sides)
    guard sides.count == 2 || sides.count == 3 else {
      throw .unsupported(
        .npy,
        "an array of shape \(text), expected (H, W), (C, H, W) or (H, W, C); "
          + "save one image of it, such as a[0]")
    }
    guard sides.allSatisfy({ $0 > 0 }) else {
      throw .malformed(.npy, "an array of shape \(text) has no values")
    }
    // Products of all sides fit: the header has checked.
    var strides = [Int](repeating: 1, count: sides.count)
    if array.isFortranOrder {
      for axis in 1..<sides.count { strides[axis] = strides[axis - 1] * sides[axis - 1] }
    } else {
      for axis in (0..<sides.count - 1).reversed() {
        strides[axis] = strides[axis + 1] * sides[axis + 1]
      }
    }
    if sides.count == 2 {
      shape = ImageShape(channels: 1, height: sides[0], width: sides[1])
      (channelStride, rowStride, columnStride) = (sides[0] * sides[1], strides[0], strides[1])
    } else if layout == .chw {
      shape = ImageShape(channels: sides[0], height: sides[1], width: sides[2])
      (channelStride, rowStride, columnStride) = (strides[0], strides[1], strides[2])
    } else {
      shape = ImageShape(channels: sides[2], height: sides[0], width: sides[1])
      (channelStride, rowStride, columnStride) = (strides[2], strides[0], strides[1])
    }
  }

  /// Whether a row with all its channels is one run of values.
  var isInterleaved: Bool {
    rowStride == shape.width * shape.channels && columnStride == shape.channels
      && (channelStride == 1 || shape.channels == 1)
  }

  /// Whether not even the row of one channel is a run of values.
  var isScattered: Bool { !isInterleaved && columnStride != 1 }

  /// How many rows are whole when only the first values of the file are there.
  func wholeRows(values: Int) -> Int {
    let (channels, height, width) = (shape.channels, shape.height, shape.width)
    // The last value of row y is the largest position in it.
    let last = (channels - 1) * channelStride + (width - 1) * columnStride
    guard values > last else { return 0 }
    return min(height, (values - 1 - last) / rowStride + 1)
  }
}
