import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// The lines of a `metadata.jsonl`: one per picture of a patch, as Hugging Face's imagefolder reads it.
struct TileRows {
  let dataset: DatasetOutput
  let planned: PlannedDataset

  /// The lines of one image.
  ///
  /// - Parameters:
  ///   - item: the input.
  ///   - row: its line in `images.jsonl`.
  /// - Returns: a line for each picture, with ends; none where the image has no blocks.
  func text(of item: Item, _ row: [JSONMember]) -> String {
    let number = { (key: String) in row.first { $0.key == key }?.value.number?.integer ?? 0 }
    let pair = row.first { $0.key == "size" }?.value.elements?.compactMap(\.number?.integer) ?? []
    guard pair.count == 2, let window = planned.window,
      let grid = try? window.grid(on: Size(height: pair[0], width: pair[1]))
        .widened(by: window.halo)
    else { return "" }
    let folder = dataset.folder(ofPart: dataset.part(of: item))
    let label = row.first { $0.key == "label" }
    let source: [JSONMember] = [
      JSONMember("source", JSONValue(.string(item.name))),
      JSONMember("source_width", JSONValue(number("width"))),
      JSONMember("source_height", JSONValue(number("height"))),
    ]
    let end =
      window.members(on: grid) + [
        JSONMember("layout", "image"),
        JSONMember("dtype", JSONValue(.string(planned.form.storedType.rawValue))),
      ]
    var text = ""
    let kept = row.first { $0.key == "blocks" }?.value.elements?.compactMap(\.number?.integer)
    for block in kept ?? Array(0..<grid.blockCount) where (0..<grid.blockCount).contains(block) {
      let path = dataset.tilePath(of: item, block: block, columns: grid.columns.count)
      let name = Path.relative(Path.absolute(path), to: Path.absolute(folder))
      var members = [JSONMember("file_name", JSONValue(.string(name)))] + source
      members += place(of: block, on: grid) + end
      if let label { members.append(label) }
      text += JSONWriter.compact(JSONValue(.object(members))) + "\n"
    }
    return text
  }

  /// Where a patch is, and which part of it lies inside the image.
  private func place(of block: Int, on grid: BlockGrid) -> [JSONMember] {
    let (row, column) = block.quotientAndRemainder(dividingBy: grid.columns.count)
    let (y, x) = (grid.rows.starts[row], grid.columns.starts[column])
    let inside = { (start: Int, axis: AxisGrid) in
      (first: max(start, 0), end: max(min(start + axis.extent, axis.size), max(start, 0)))
    }
    let (rows, columns) = (inside(y, grid.rows), inside(x, grid.columns))
    let values = [
      ("patch_index", block), ("grid_row", row), ("grid_col", column), ("x", x), ("y", y),
      ("width", grid.kernelSize.width), ("height", grid.kernelSize.height),
      ("valid_x", columns.first), ("valid_y", rows.first),
      ("valid_width", columns.end - columns.first), ("valid_height", rows.end - rows.first),
    ]
    return values.map { JSONMember($0.0, JSONValue($0.1)) }
  }
}

extension Window {
  /// The window in numbers: columns of a table have one type.
  fileprivate func members(on grid: BlockGrid) -> [JSONMember] {
    let pair = { (size: Size) in JSONValue([size.height, size.width]) }
    return [
      JSONMember("kernel", pair(kernelSize)), JSONMember("stride", pair(stride)),
      JSONMember(
        "padding", JSONValue([grid.rows.paddingBefore, grid.columns.paddingBefore])),
      JSONMember("dilation", pair(dilation)),
    ]
  }
}
