/// Images that come from files, margins included, channel after channel.
extension Image {
  /// Fills all rows, margins too.
  ///
  /// - Returns: how many values were taken from the file.
  func load(_ file: RawFloats) throws(CaseError) -> Int {
    let width = Image.width + 2 * margin
    let rowCount = channels * rowsPerChannel
    let source = try file.pointer(count: rowCount * width)
    for row in 0..<rowCount { rows[row].update(from: source + row * width, count: width) }
    return rowCount * width
  }

  /// The rows without margins.
  var contents: [UnsafeBufferPointer<Float>] {
    (0..<channels).flatMap { channel in
      (0..<Image.height).map { y in
        UnsafeBufferPointer(
          start: rows[channel * rowsPerChannel + margin + y] + margin, count: Image.width)
      }
    }
  }
}
