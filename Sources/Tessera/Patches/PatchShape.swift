import TesseraCodecs
import TesseraCore

/// What the sides of an array say of the patches of one image.
struct PatchShape {
  /// Planes of a patch.
  var channels: Int
  /// Patches that are stored.
  var rows: Int
  /// Rows and columns of blocks, where the sides tell them.
  private(set) var gridSize: Size?

  /// Reads the sides of an array.
  ///
  /// - Parameters:
  ///   - array: that of one image.
  ///   - order: the order of the values.
  ///   - kernelSize: rows and columns of a patch.
  /// - Throws: `CodecError` where they are not those of such patches.
  init(_ array: StoredArray, _ order: PatchOrder, kernelSize: Size) throws(CodecError) {
    let sides = array.shape
    let pixels = kernelSize.height * kernelSize.width
    func refusal(_ expected: String) -> CodecError {
      .malformed(
        array.format,
        "expected an array of \(expected) as \(order.rawValue), found \(Self.text(sides))")
    }
    guard sides.count == order.rank, !sides.contains(0) else {
      throw refusal(order.sideNames)
    }
    switch order {
    case .torch, .tokens, .tokensChannelsLast, .qwen2vl:
      let (length, rows) = order == .torch ? (sides[0], sides[1]) : (sides[1], sides[0])
      let values = pixels * order.copies
      guard length % values == 0 else {
        throw refusal(
          "\(order.sideNames) with D a multiple of \(values), for windows of \(kernelSize),")
      }
      (self.rows, channels) = (rows, length / values)
    case .patches:
      guard sides[2] == kernelSize.height, sides[3] == kernelSize.width else {
        throw refusal("(L, C, \(kernelSize.height), \(kernelSize.width))")
      }
      (rows, channels) = (sides[0], sides[1])
    case .windows:
      guard sides[2] == kernelSize.height, sides[3] == kernelSize.width else {
        throw refusal("(Lh, Lw, \(kernelSize.height), \(kernelSize.width), C)")
      }
      (rows, channels) = (sides[0].saturating(times: sides[1]), sides[4])
      gridSize = Size(height: sides[0], width: sides[1])
    }
  }

  /// Refuses a grid that patches in this order cannot fill.
  func check(_ grid: Size, _ order: PatchOrder, in array: StoredArray) throws(CodecError) {
    if let gridSize, gridSize != grid {
      throw .malformed(
        array.format,
        "expected \(grid) blocks, found \(gridSize) in an array of \(Self.text(array.shape))")
    }
    let side = PatchOrder.mergedBlocks
    if order == .qwen2vl, grid.height % side != 0 || grid.width % side != 0 {
      throw .malformed(
        array.format,
        "expected even numbers of rows and columns of blocks for \(order.rawValue), found \(grid)")
    }
  }

  /// Sides as NumPy writes them: `(49, 3072)`.
  static func text(_ sides: [Int]) -> String {
    "(" + sides.map(String.init).joined(separator: ", ") + (sides.count == 1 ? ",)" : ")")
  }
}

extension PatchOrder {
  /// The sides of an array of one image, by name.
  fileprivate var sideNames: String {
    switch self {
    case .torch: "(D, L)"
    case .tokens, .tokensChannelsLast, .qwen2vl: "(L, D)"
    case .patches: "(L, C, kH, kW)"
    case .windows: "(Lh, Lw, kH, kW, C)"
    }
  }
}
