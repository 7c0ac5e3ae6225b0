import TesseraCore

/// How patches are written: an array of all of an image's.
package struct PatchFile: Hashable, Sendable {
  /// Order of the axes.
  package var order: PatchOrder
  /// How values become those of the file.
  package var quantization: Quantization
  /// The type in which they are stored: that of `quantization`, or floats of half the bytes.
  package var storedType: StoredType
  /// Planes of a patch.
  package var channels: Int
  /// Rows and columns of a patch.
  package var patchSize: Size
  /// Rows and columns of blocks.
  package var gridSize: Size
  /// Whether each file is read back before it gets its name.
  package var verifies: Bool

  package init(
    order: PatchOrder, quantization: Quantization, storedType: StoredType? = nil, channels: Int,
    patchSize: Size, gridSize: Size, verifies: Bool
  ) {
    self.order = order
    self.quantization = quantization
    self.storedType = storedType ?? StoredType(quantization.elementType)
    self.channels = channels
    self.patchSize = patchSize
    self.gridSize = gridSize
    self.verifies = verifies
  }

  /// The sides of the array, with so many blocks in it.
  package func shape(blocks: Int) -> [Int] {
    order.shape(blocks: blocks, channels: channels, patchSize: patchSize, gridSize: gridSize)
  }

  /// Values of a stored patch.
  var storedLength: Int { order.length(channels: channels, patchSize: patchSize) }
}

extension PatchFile: PatchTap {
  package func copies(_ type: ElementType) -> Bool { quantization.copies(type) }

  package var commutesWithRounding: Bool { quantization.onlyRounds }

  package func manner(isCopy: Bool) -> String {
    isCopy ? "unfolds tile by tile" : "unfold … encode in one pass"
  }

  package func prepared(
    _ pass: TilePass, from input: RowFlow, _ tools: RunTools
  ) -> any PreparedSink {
    PreparedPatchFile(self, pass: pass, input: input, tools)
  }
}

/// What every image of one plan shares of a file of patches.
struct PreparedPatchFile: PreparedSink {
  let file: PatchFile
  let pass: TilePass
  let input: RowFlow
  let tools: RunTools
  /// For every value of a patch in the file's order: its place over channel, row and column; empty
  /// where patches are not written one after the other.
  let places: [Int32]

  init(_ file: PatchFile, pass: TilePass, input: RowFlow, _ tools: RunTools) {
    self.file = file
    self.pass = pass
    self.input = input
    self.tools = tools
    let pixels = file.patchSize.height * file.patchSize.width
    // Planning refuses longer patches.
    precondition(file.storedLength <= Int(Int32.max), "places in a patch are 32-bit numbers")
    places = file.order.places(channels: file.channels, pixels: pixels)
  }

  var isTiled: Bool { true }
  var unitCount: Int { pass.tileCount }
  var tableBytes: Int {
    pass.tableBytes.saturating(plus: places.count * MemoryLayout<Int32>.stride)
  }

  /// Every row, where the smallest and largest value must be known first.
  func needs(_ tiles: Range<Int>) -> Range<Int> {
    file.quantization.map == .automatic ? 0..<input.height : pass.needs(tiles: tiles)
  }

  /// A tile, the same in the file's type, and the pieces that are collected.
  func scratchBytes(for units: Int) -> Int {
    let valueBytes = file.quantization.elementType.byteCount
    let collected = PatchFileWriter.collectable(file, pass)
    return pass.scratchBytes.saturating(
      plus: (pass.output.length * valueBytes).saturating(times: pass.tileWidth)
        .saturating(plus: (file.storedLength * valueBytes).saturating(times: collected)))
  }

  func sink(in context: RunContext) throws(RunError) -> any Sink {
    try PatchSink(self, in: context)
  }
}
