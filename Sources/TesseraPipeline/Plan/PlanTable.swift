import TesseraCore

extension Plan {
  /// The plan as a table for people: every stage with the shape, type and values that flow after
  /// it, or in the file that it writes, the memory it takes, and how it is carried out.
  public var table: String {
    var rows = [["#", "stage", "gives", "type", "values", "memory", "how"]]
    for stage in stages {
      let flow = [
        stage.layout.shapeDescription, stage.layout.elementType.rawValue,
        stage.layout.allValues.description,
      ]
      rows.append(
        ["\(stage.index)", stage.name] + (stage.file?.cells ?? flow) + [
          work.byteCount(ofStage: stage.index).inBytes, manner(of: stage),
        ])
      rows += stage.steps.map { step in
        [
          "", "  \(step.name)", step.layout.shapeDescription, step.layout.elementType.rawValue,
          step.layout.allValues.description, "", step.text,
        ]
      }
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
    let taken = rewrites.isEmpty ? "" : "\nrewritten: \(rewrites.joined(separator: ", "))"
    return lines.joined(separator: "\n")
      + "\n\n\(blockCount) blocks, at most \(byteCount.inBytes) of memory for one image" + taken
      + named + chosen
  }

  /// What the channels are called, stage by stage that gives them names.
  private var named: String {
    var before: [String]?
    return stages.map { stage -> String in
      let names = stage.layout.channelNames
      defer { before = names }
      guard let names, names != before else { return "" }
      return "\n" + Self.wrapped(["channels of \(stage.index) \(stage.name):"], names)
    }.joined()
  }

  /// Words in lines of at most 100 columns, the names with commas between.
  private static func wrapped(_ start: [String], _ names: [String]) -> String {
    let words = start + names.dropLast().map { "\($0)," } + names.suffix(1)
    var (lines, line) = ([String](), "")
    for word in words {
      if !line.isEmpty, line.count + 1 + word.count > 100 {
        lines.append(line)
        line = " "
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// Whose random choices the table shows.
  private var chosen: String {
    guard let image = chosenFor else { return "" }
    return "\nrandom choices: those of \"\(image.key.printable)\", view \(image.view)"
  }

  func manner(of stage: StageRow) -> String {
    var notes =
      stage.index == 0 && source.header.isWholeImage ? ["decodes the whole image"] : []
    if stage.index == 0, source.divisor > 1 { notes.append("decodes at 1/\(source.divisor)") }
    let file = stage.file.map { [$0.manner] } ?? []
    return (notes + file + work.manners(ofStage: stage.index)).joined(separator: ", ")
  }
}

extension PlannedFile {
  /// Shape, type and values of a file.
  fileprivate var cells: [String] {
    let sides = shape.map(String.init).joined(separator: " × ")
    return [
      channelFiles.map { "\($0) files of \(sides)" } ?? sides, storedType.rawValue,
      bounds.description,
    ]
  }
}

extension ValueInterval: CustomStringConvertible {
  /// `0 … 255`, with three significant digits for fractions.
  public var description: String {
    isBounded ? "\(Self.short(lower)) … \(Self.short(upper))" : "any"
  }

  private static func short(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e9 { return String(Int(value)) }
    var (scale, size) = (1.0, abs(value))
    while size < 100, scale < 1e300 {
      scale *= 10
      size *= 10
    }
    let rounded = (value * scale).rounded() / scale
    return abs(rounded) >= 100 && abs(rounded) < 1e9 ? String(Int(rounded)) : String(rounded)
  }
}
