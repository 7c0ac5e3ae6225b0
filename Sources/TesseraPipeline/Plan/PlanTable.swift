import TesseraCodecs
import TesseraCore

extension Plan {
  /// The plan as a table for people: every stage with the shape, type and values that flow after
  /// it, the memory it takes, and how it is carried out.
  public var table: String {
    var rows = [["#", "stage", "gives", "type", "values", "memory", "how"]]
    for stage in stages {
      rows.append([
        "\(stage.index)", stage.name, stage.layout.shapeDescription,
        stage.layout.elementType.rawValue, stage.layout.values.description,
        byteCount(of: stage).inBytes, manner(of: stage),
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      var line = ""
      for (cell, width) in zip(row, widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    return lines.joined(separator: "\n")
      + "\n\n\(blockCount) blocks, at most \(byteCount.inBytes) of memory for one image"
  }

  /// Windows that the stage's nodes fill, their working memory, and the decoder's for the first.
  private func byteCount(of stage: StageRow) -> Int {
    let own = nodes.filter { $0.stageIndex == stage.index }
    let filled = own.compactMap(\.output).map { windows[$0].byteCount }.reduce(0, +)
    let scratch = own.map(\.scratchBytes).reduce(0, +)
    return filled + scratch + (stage.index == 0 ? windows[0].byteCount + source.byteCount : 0)
  }

  private func manner(of stage: StageRow) -> String {
    var notes: [String] = []
    if stage.index == 0, source.header.isWholeImage { notes.append("decodes the whole image") }
    for node in nodes where node.stageIndex == stage.index {
      let rows = "\(node.bandUnits) rows at a time"
      switch node.work {
      case .orient: notes.append("turns the image")
      case .pointwise: notes.append(rows)
      case .statistics: notes.append("statistics of the whole image first")
      case .wrap: notes.append("rows of the other side")
      case .convolution: notes.append("direct convolution, " + rows)
      case .byteConvolution: notes.append("direct convolution of bytes, " + rows)
      case .patches: notes.append("unfold … fold in one pass, " + rows)
      case .encodeImage(_, let file):
        if file.splitsChannels { notes.append("one file per channel") }
      case .encodePatches(_, _, _, let transforms, _):
        notes.append(transforms.isEmpty ? "unfolds tile by tile" : "unfold … encode in one pass")
      case .compare: notes.append("with the loaded rows")
      }
      if node.isBarrier { notes.append("waits for the whole image") }
    }
    return notes.joined(separator: ", ")
  }
}

extension ValueInterval: CustomStringConvertible {
  /// `0 … 255`, with three significant digits for fractions.
  public var description: String {
    isBounded ? "\(Self.short(lower)) … \(Self.short(upper))" : "any"
  }

  private static func short(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e9 { return String(Int(value)) }
    let digits = abs(value) >= 100 ? 1.0 : abs(value) >= 1 ? 100.0 : 10000.0
    return String((value * digits).rounded() / digits)
  }
}
