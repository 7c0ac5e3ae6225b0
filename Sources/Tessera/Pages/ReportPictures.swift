import TesseraBatch
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// The inputs of a run that a page shows: before and after, differences, patches, values.
struct ReportPictures {
  /// One for each input, as HTML.
  private(set) var cards: [String] = []
  /// The card of an input, by its place in the report.
  private(set) var places: [Int: Int] = [:]
  /// Inputs that could not be drawn, and why.
  private(set) var failures: [(source: String, reason: String)] = []
  /// The plan of the first input that could be planned.
  private(set) var plan: Plan?
  /// Its name.
  private(set) var planned = ""

  /// Inputs of each kind: those that missed a bound, the worst, a sample.
  private static let mostOfAKind = 8
  /// The longest side of a picture [px].
  private static let side = 512
  /// The most bytes that all pictures take.
  private static let mostBytes = 3_000_000

  /// Draws inputs until the page is full.
  init(of rows: ReportRows, _ run: ReportPage.Run, _ cancellation: Cancellation) {
    let chosen = Self.chosen(rows)
    let items = Self.items(of: chosen, among: run.items)
    var byteCount = 0
    for row in chosen where byteCount < Self.mostBytes && !cancellation.isCancelled {
      guard let item = items[row.index] else { continue }
      do throws(InputFailure) {
        let seen = try ImageViews(
          of: item, by: run.processor, side: Self.side, memoryLimit: run.memoryLimit,
          stages: Self.stages, cancellation)
        if plan == nil { (plan, planned) = (seen.plan, row.line.source) }
        let card = Card(of: row, seen)
        guard byteCount + card.byteCount < Self.mostBytes else { break }
        byteCount += card.byteCount
        places[row.index] = cards.count
        cards.append(card.html(number: cards.count))
      } catch {
        if error != .cancelled { failures.append((row.line.source, error.description)) }
      }
    }
  }

  /// Which inputs are drawn: those that missed a bound, the worst, and a sample.
  private static func chosen(_ rows: ReportRows) -> [ReportRows.Row] {
    let missed = rows.shown.prefix(rows.failedCount).filter { $0.line.kind == "requirement" }
    let done = rows.shown.dropFirst(rows.failedCount).filter {
      $0.line.status == "ok" || $0.line.status == "skipped"
    }
    let worst = done.prefix(mostOfAKind)
    let rest = done.dropFirst(mostOfAKind).map { row in
      (XXHash64.hash("\(row.line.source)\u{1}\(row.line.view ?? 0)".utf8), row)
    }
    let sample = rest.sorted { $0.0 < $1.0 }.prefix(mostOfAKind).map(\.1)
    return Array(missed.prefix(mostOfAKind)) + worst + sample
  }

  /// The items of some lines: names are looked for, as plans put inputs into another order.
  private static func items(of rows: [ReportRows.Row], among items: ItemList) -> [Int: Item] {
    var wanted: [PathKey: Int] = [:]
    for row in rows { wanted[key(row.line.source, row.line.view)] = row.index }
    var found: [Int: Item] = [:]
    for item in items {
      if let index = wanted[key(item.name, item.view)] { found[index] = item }
      if found.count == wanted.count { break }
    }
    return found
  }

  private static func key(_ name: String, _ view: Int?) -> PathKey {
    PathKey("\(name)\u{0}\(view ?? -1)")
  }

  /// The stages that are looked at: what is loaded, the last patches, what is compared, and what comes out.
  private static func stages(of plan: Plan) -> Set<Int> {
    var stages = plan.comparingStages.union([0])
    let flows = plan.flows
    if let patches = flows.lastIndex(of: .patches) { stages.insert(patches) }
    if let image = flows.lastIndex(of: .image) { stages.insert(image) }
    return stages
  }

  /// All cards, with what they are.
  func html(_ rows: ReportRows) -> String {
    let which =
      cards.count + failures.count == rows.total
      ? "All inputs."
      : "Inputs that missed a bound, the worst of the others by \(PageText.escaped(rows.badness)), and a "
        + "sample."
    var html =
      "<p>\(which) They were run once more to be drawn, at most \(Self.side) pixels a side. Move over a "
      + "picture, or focus it and use the arrow keys, to see it four times as large.</p>"
      + #"<div class="cards">\#(cards.joined(separator: "\n"))</div>"#
    if !failures.isEmpty {
      let lines = failures.map {
        "<li>\(PageText.escaped($0.source)): \(PageText.escaped($0.reason))</li>"
      }
      html += #"<p>Not drawn:</p><ul class="plain">\#(lines.joined())</ul>"#
    }
    return html
  }
}

/// What is shown of one input.
private struct Card {
  private let row: ReportRows.Row
  private let before: (view: DrawnView, picture: PagePicture?)?
  private let after: (view: DrawnView, picture: PagePicture?)?
  private let others: [PagePicture]
  private let notes: [String]

  init(of row: ReportRows.Row, _ seen: ImageViews) {
    self.row = row
    let views = seen.views
    let images = views.filter { $0.subject == .image || $0.subject == .channels }
    let first = images.first { $0.stageIndex == 0 }
    let last = images.last { $0.stageIndex > 0 }
    before = first.map { ($0, Self.picture($0, "\(row.line.source) as it was loaded", "Before")) }
    after = last.map { view in
      let caption = view.caption.isEmpty ? "After" : "After. \(view.caption)"
      return (
        view,
        Self.picture(
          view, "\(row.line.source) after stage \(view.stageIndex), \(view.stageName)", caption)
      )
    }
    var (others, notes): ([PagePicture], [String]) = ([], [])
    for view in views where view.subject == .differences || view.subject == .patches {
      let what = view.subject == .patches ? "Patches" : "Differences"
      let picture = Self.picture(
        view, "\(what) of \(row.line.source) at stage \(view.stageIndex), \(view.stageName)",
        view.caption)
      if let picture { others.append(picture) } else { notes.append(view.caption) }
    }
    (self.others, self.notes) = (others, notes)
  }

  private static func picture(
    _ view: DrawnView, _ label: String, _ caption: String
  ) -> PagePicture? {
    view.sheet.flatMap {
      PagePicture(
        $0, isExact: view.subject != .image, label: label, caption: PageText.escaped(caption))
    }
  }

  private var pictures: [PagePicture] {
    [before?.picture, after?.picture].compactMap(\.self) + others
  }

  /// What the pictures take of the page [bytes].
  var byteCount: Int { pictures.reduce(0) { $0 + $1.byteCount } }

  /// The card.
  func html(number: Int) -> String {
    let line = row.line
    var html =
      #"<article class="card" id="picture-\#(number)" tabindex="-1" data-group><h3>"#
      + "\(PageText.escaped(line.source))\(line.view.map { " view \($0)" } ?? "")</h3>"
    if let message = line.message { html += #"<p class="bad">\#(PageText.escaped(message))</p>"# }
    let figures = line.metrics.map {
      "\(PageText.escaped($0.name)) \(PageText.number($0.value))"
    }
    if !figures.isEmpty { html += #"<p class="soft">\#(figures.joined(separator: ", "))</p>"# }
    if let before = before?.picture, let after = after?.picture {
      let isAlike =
        self.before?.view.subject == self.after?.view.subject
        && abs(before.aspect / after.aspect - 1) < 0.02
      let label = "Where the picture before ends and the one after begins, of \(line.source)"
      html +=
        #"<div class="pair\#(isAlike ? " wipe" : "")" data-label="\#(PageText.escaped(label))">"#
        + "\(before.html)\(after.html)</div>"
    } else {
      html += (before?.picture?.html ?? "") + (after?.picture?.html ?? "")
    }
    if !others.isEmpty {
      html += #"<div class="pair">\#(others.map(\.html).joined())</div>"#
    }
    for note in notes { html += #"<p class="good">\#(PageText.escaped(note))</p>"# }
    let values = [("Loaded", before?.view), ("After", after?.view)].compactMap { name, view in
      view.map { "<div><h4>\(name)</h4>\($0.figures.html)</div>" }
    }
    if !values.isEmpty {
      html +=
        "<details><summary>Values</summary><div class=\"pair\">\(values.joined())</div></details>"
    }
    return html + "</article>"
  }
}
