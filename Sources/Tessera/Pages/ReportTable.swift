import TesseraConfiguration
import TesseraCore

/// The table of a report page: a few rows that every browser shows, and all of them for its script.
struct ReportTable {
  private let rows: ReportRows
  /// Which picture an input has, by its place in the report.
  private let pictures: [Int: Int]

  init(_ rows: ReportRows, _ pictures: [Int: Int]) {
    self.rows = rows
    self.pictures = pictures
  }

  /// Rows that are there without a script.
  private static let plainCount = 100

  /// A column: its heading, how its cells are written, and what they hold.
  private struct Column {
    var heading: String
    var form: Form
    var value: (ReportRows.Row) -> JSONValue

    enum Form: String { case text, number, bytes, seconds }
  }

  private var columns: [Column] {
    var columns = [
      Column(heading: "Input", form: .text) { row in
        let view = row.line.view.map { " view \($0)" } ?? ""
        return JSONValue(.string(row.line.source.printable + view))
      },
      Column(heading: "Status", form: .text) { JSONValue(.string($0.line.status)) },
      Column(heading: "Kind", form: .text) { JSONValue(.string($0.line.kind ?? "")) },
      Column(heading: "Width", form: .number) { JSONValue($0.line.shape?.width) },
      Column(heading: "Height", form: .number) { JSONValue($0.line.shape?.height) },
      Column(heading: "Bytes", form: .bytes) { .integer($0.line.byteCount) },
      Column(heading: "Seconds", form: .seconds) { JSONValue(finiteOrWord: $0.line.seconds) },
    ]
    for metric in rows.metrics {
      columns.append(
        Column(heading: metric.name, form: .number) { row in
          row.line.metrics.first { $0.name == metric.name }.map { .init(finiteOrWord: $0.value) }
            ?? JSONValue(.null)
        })
    }
    if rows.shown.contains(where: { $0.line.saturated != nil }) {
      columns.append(
        Column(heading: "Clipped", form: .number) { row in
          row.line.saturated.map { JSONValue(finiteOrWord: $0) } ?? JSONValue(.null)
        })
    }
    columns.append(
      Column(heading: "Note", form: .text) { row in
        let note = row.line.note
        let isLong = note.count > ReportRows.mostCharacters
        let shown = isLong ? note.prefix(ReportRows.mostCharacters) + "…" : note[...]
        return JSONValue(.string(String(shown).printable))
      })
    return columns
  }

  /// What the table shows, its controls, and its rows for the script.
  var html: String {
    let columns = columns
    let heads = columns.map { column in
      let isText = column.form == .text
      return
        #"<th scope="col"\#(isText ? "" : #" class="number""#) data-form="\#(column.form.rawValue)">"#
        + "\(PageText.escaped(column.heading))</th>"
    }
    let cells = rows.shown.map { row in columns.map { $0.value(row) } }
    let plain = cells.prefix(Self.plainCount).map { row in
      let cells = zip(row, columns).map { value, column in
        "<td\(column.form == .text ? "" : #" class="number""#)>\(Self.text(value, column.form))</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    let data: JSONValue = [
      "rows": JSONValue(
        .array(
          zip(rows.shown, cells).map { row, cells in
            JSONValue(.array(cells + [JSONValue(pictures[row.index])]))
          })),
      "classes": [
        "ok": .init(.string("good")), "failed": .init(.string("bad")),
        "not_run": .init(.string("warn")),
      ],
    ]
    let states = rows.counts.keys.sorted().map {
      #"<option value="\#(PageText.escaped($0))">\#(PageText.escaped($0))</option>"#
    }
    return """
      <p>\(lead)</p>
      <div class="tools" id="tools" hidden>
      <label>Search names and notes<input type="search" id="search"></label>
      <label>Status<select id="status"><option value="">all</option>\(states.joined())</select></label>
      <span id="row-count" role="status"></span>
      </div>
      <div class="rows" id="inputs-frame" tabindex="-1">
      <table aria-label="Inputs"><thead><tr>\(heads.joined())</tr></thead>
      <tbody>\(plain.joined())</tbody></table></div>
      <noscript><p>\(plainNote)</p></noscript>
      <script type="application/json" id="rows">\(PageText.script(data))</script>
      """
  }

  /// Which inputs the table has.
  private var lead: String {
    let shown = rows.shown.count
    if shown == rows.total {
      return "All inputs: failures first, then the worst by \(PageText.escaped(rows.badness))."
    }
    let sample = shown - rows.failedCount - rows.worstCount
    return "\(PageText.count(shown)) of \(PageText.count(rows.total)) inputs: "
      + "\(PageText.count(rows.failedCount)) of \(PageText.count(rows.counts["failed"] ?? 0)) that failed, the "
      + "\(PageText.count(rows.worstCount)) worst of the others by \(PageText.escaped(rows.badness)), and a "
      + "sample of \(PageText.count(sample)). report.jsonl has them all."
  }

  private var plainNote: String {
    rows.shown.count > Self.plainCount
      ? "Without JavaScript, this page shows the first \(Self.plainCount) of its "
        + "\(PageText.count(rows.shown.count)) rows." : "Without JavaScript, rows cannot be sorted."
  }

  private static func text(_ value: JSONValue, _ form: Column.Form) -> String {
    if let string = value.string { return PageText.escaped(string == "inf" ? "∞" : string) }
    guard let number = value.number else { return "" }
    return form == .bytes
      ? PageText.count(number.integer ?? 0) : PageText.number(number.value)
  }
}

extension JSONValue {
  /// An integer, or `null` where there is none.
  fileprivate init(_ integer: Int?) {
    self = integer.map { .integer($0) } ?? JSONValue(.null)
  }
}
