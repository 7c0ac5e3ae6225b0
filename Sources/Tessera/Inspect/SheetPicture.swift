import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

/// An image that is opened, to be drawn.
struct SheetPicture {
  /// What messages call it.
  var name: String
  var reader: ImageReader
  /// Whether colours are those of a picture: composed over white, and RGB.
  var isPicture: Bool
  /// Rows and columns of blocks, and which of them are there.
  var blocks: Size?
  var kept: [Int]?
  var scale: ValueScale

  /// More blocks on a side are drawn without gaps.
  private static let mostBlocks = 512

  /// A picture file.
  init(_ name: String, picture reader: ImageReader) {
    self.name = name
    self.reader = reader
    isPicture = reader.header.format != .npy
    let type = reader.header.elementType
    scale = type.maximum.map { .upTo(Double($0)) } ?? .open
  }

  /// Patches, each in the place of its block.
  init(_ name: String, patches reader: ImageReader) {
    self.init(name, picture: reader)
    guard let patches = reader.header.patches else { return }
    if patches.gridSize.height <= Self.mostBlocks, patches.gridSize.width <= Self.mostBlocks {
      blocks = patches.gridSize
      kept = patches.keptBlocks
    }
    guard let normalization = patches.normalization, normalization.scale > 0,
      !normalization.std.isEmpty, normalization.std.allSatisfy({ $0 > 0 }),
      !normalization.mean.isEmpty
    else { return }
    let type = patches.pixelType ?? .float32
    // Floats as pixels have no white of their own: 1 is usual once they are scaled.
    let white = type.maximum.map { Double($0) } ?? 1 / normalization.scale
    scale = .normalized(
      scale: normalization.scale, mean: normalization.mean, std: normalization.std, white: white)
  }

  /// Reads it as large as it is drawn.
  ///
  /// - Parameters:
  ///   - most: how large it may become.
  ///   - cancellation: asked between bands.
  /// - Returns: its values.
  /// - Throws: ``InspectionError``.
  func scaled(
    _ most: SheetPictures.Most, _ cancellation: Cancellation
  ) throws(InspectionError) -> ScaledPicture {
    var shape = reader.header.shape
    let isTurned = reader.header.orientation > 4
    if isTurned { (shape.height, shape.width) = (shape.width, shape.height) }
    let channels = isPicture ? 3 : shape.channels
    let room = Double(most.values / max(channels, 1)).squareRoot()
    let target = targetSize(of: shape.size, longestSide: max(1, min(most.side, Int(room))))
    let array: ValueArray
    do {
      array = try values(in: target, cancellation)
    } catch is Cancelled {
      throw .cancelled
    } catch let failure as InputFailure {
      throw .picture(name, failure.description)
    } catch {
      throw .picture(name, "\(error)")
    }
    let isThere = blocks.flatMap { blocks in
      kept.map { kept in
        var isThere = Array(repeating: false, count: blocks.height * blocks.width)
        for block in kept where isThere.indices.contains(block) { isThere[block] = true }
        return isThere
      }
    }
    var picture = ScaledPicture(
      channels: array.shape[0], size: target, values: array.floats, blocks: blocks,
      isThere: isThere, scale: scale)
    // Pictures of 8 and of 16 bits may lie on one sheet.
    if case .upTo(let white) = scale {
      for index in picture.values.indices { picture.values[index] /= Float(white) }
      picture.scale = .upTo(1)
    }
    return picture
  }

  /// A size that keeps the aspect; with blocks, as many pixels for each.
  private func targetSize(of size: Size, longestSide: Int) -> Size {
    let longest = max(size.height, size.width)
    guard longest > longestSide else { return size }
    if let blocks {
      let share = { (side: Int, count: Int) in
        max(1, side / count * longestSide / longest) * count
      }
      return Size(
        height: share(size.height, blocks.height), width: share(size.width, blocks.width))
    }
    return Size(
      height: max(1, size.height * longestSide / longest),
      width: max(1, size.width * longestSide / longest))
  }

  /// Runs a pipeline that gives the picture another size, in memory.
  private func values(in target: Size, _ cancellation: Cancellation) throws -> ValueArray {
    let pipeline = try Pipeline.drawing(at: target, isPicture: isPicture)
    var header = reader.header
    header.patches = nil
    let result = try Planner(pipeline, kernels: .selected()).run(
      on: reader, header: header, cancellation: cancellation)
    guard let output = result.outputs.first else {
      preconditionFailure("a pipeline that encodes gives an array")
    }
    return output.array
  }
}
