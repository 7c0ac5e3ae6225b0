import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// A page that tells of a run: its report with pictures, figures and times.
///
/// Figures are those of report.jsonl. Pictures come from running some of the inputs once more, without
/// writing anything: inputs that missed a bound, the worst of the others, and a sample.
package struct ReportPage {
  /// Inputs in the table.
  package let rowCount: Int
  /// Inputs with pictures.
  package let pictureCount: Int
  private let page: Page

  /// What a page is made of.
  package struct Run {
    /// The pipeline, as it was run.
    package var processor: PipelineProcessor
    /// The inputs.
    package var items: ItemList
    /// The report.
    package var reportPath: String
    /// What is known of the run beside its report; `nil` for that of many machines.
    package var summary: RunSummary?
    /// What an image that is drawn may take [bytes]; `nil` leaves it to the system.
    package var memoryLimit: Int?

    package init(
      _ processor: PipelineProcessor, of items: ItemList, reportPath: String,
      summary: RunSummary? = nil
    ) {
      self.processor = processor
      self.items = items
      self.reportPath = reportPath
      self.summary = summary
    }
  }

  /// Reads the report and draws some of the inputs.
  ///
  /// - Parameters:
  ///   - run: what ran.
  ///   - cancellation: asked between pictures, and between bands; a page without those that are missing
  ///     is made then.
  /// - Throws: `FileError` where the report cannot be read.
  package init(of run: Run, cancellation: Cancellation = Cancellation()) throws(FileError) {
    let rows = try ReportRows(run.reportPath)
    let pictures = ReportPictures(of: rows, run, cancellation)
    let pipeline = run.processor.planner.pipeline
    rowCount = rows.shown.count
    pictureCount = pictures.cards.count
    var sections = [
      Page.Section(
        name: "summary", heading: "Summary", content: Self.summary(of: rows, run.summary))
    ]
    if !rows.failures.isEmpty || rows.warnedCount > 0 {
      sections.append(
        Page.Section(
          name: "failures", heading: rows.failures.isEmpty ? "Warnings" : "Failures",
          content: Self.failures(of: rows)))
    }
    if !pictures.cards.isEmpty || !pictures.failures.isEmpty {
      sections.append(
        Page.Section(name: "pictures", heading: "Pictures", content: pictures.html(rows)))
    }
    let table = ReportTable(rows, pictures.places)
    sections.append(Page.Section(name: "inputs", heading: "Inputs", content: table.html))
    if !rows.metrics.isEmpty {
      sections.append(
        Page.Section(
          name: "figures", heading: "Figures", content: Self.figures(rows.metrics)))
    }
    if let times = run.summary?.stageTimes, !times.isEmpty {
      sections.append(
        Page.Section(name: "times", heading: "Times", content: Self.times(times, of: pipeline)))
    }
    var texts = PipelineText.html(pipeline)
    if let plan = pictures.plan {
      texts +=
        "<p>Its plan for \(PageText.escaped(pictures.planned)):</p>" + PipelineText.html(plan)
    }
    sections.append(Page.Section(name: "pipeline", heading: "Pipeline", content: texts))
    page = Page(
      kind: .report, title: pipeline.file.map { Path.name(of: $0) } ?? "A pipeline",
      lead: Self.lead(rows, pipeline), sections: sections,
      scripts: [PackageResources.page_js, PackageResources.report_js].map(Page.asset))
  }

  /// The name of the page, beside report.jsonl.
  package static let name = "report.html"

  /// Whether a file is such a page.
  package static func isPage(_ path: String) -> Bool { Page.Kind.report.isKind(of: path) }

  /// Writes the page, which appears under its name once it is whole.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - replacing: whether a file that is no such page is replaced.
  /// - Throws: `FileError`, with `EEXIST` where something else has the name.
  package func write(to path: String, replacing: Bool) throws(FileError) {
    try page.write(to: path, replacing: replacing)
  }

  /// How the run ended, in a sentence.
  private static func lead(_ rows: ReportRows, _ pipeline: Pipeline) -> String {
    let failed = rows.counts["failed"] ?? 0
    let notRun = rows.counts["not_run"] ?? 0
    let sentence =
      failed == 0 && notRun == 0
      ? #"<strong class="good">Every input is done.</strong>"#
      : #"<strong class="bad">\#(PageText.count(failed)) of \#(rows.total.counted("input")) failed"#
        + (notRun > 0 ? ", \(PageText.count(notRun)) were not run" : "") + ".</strong>"
    let description = pipeline.description.map { " " + PageText.escaped($0) } ?? ""
    return "<p>\(sentence)\(description)</p>"
  }

  /// Counts and amounts.
  private static func summary(of rows: ReportRows, _ summary: RunSummary?) -> String {
    let counts = [
      ("Done before", rows.counts["skipped"] ?? 0), ("Not run", rows.counts["not_run"] ?? 0),
      ("With warnings", rows.warnedCount),
    ]
    var figures = [
      ("Inputs", PageText.count(rows.total)), ("Done", PageText.count(rows.counts["ok"] ?? 0)),
      ("Failed", PageText.count(rows.counts["failed"] ?? 0)),
    ]
    for (name, count) in counts where count > 0 { figures.append((name, PageText.count(count))) }
    if let progress = summary?.progress {
      figures.append(("Time", PageText.seconds(progress.seconds)))
      if let rate = progress.imagesPerSecond {
        figures.append(("Images a second", PageText.number((rate * 10).rounded() / 10)))
      }
      if let rate = progress.megapixelsPerSecond {
        figures.append(("Megapixels a second", PageText.number((rate * 10).rounded() / 10)))
      }
      figures += [
        ("Read", progress.readByteCount.inBytes), ("Written", progress.writtenByteCount.inBytes),
      ]
    }
    let cells = figures.map { "<div><dt>\($0)</dt><dd>\(PageText.escaped($1))</dd></div>" }
    return #"<dl class="figures">\#(cells.joined())</dl>"#
  }

  /// Failures and warnings, by what they say.
  private static func failures(of rows: ReportRows) -> String {
    var html = rows.failures.map { group in
      #"<h3 class="bad">\#(PageText.escaped(group.kind)): \#(group.count.counted("input"))</h3>"#
        + list(of: group)
    }.joined()
    if rows.warnedCount > 0 {
      html +=
        #"<h3 class="warn">Warnings: \#(rows.warnedCount.counted("input"))</h3>"#
        + list(of: rows.warnings)
    }
    return html
  }

  private static func list(of group: ReportRows.FailureGroup) -> String {
    var lines = group.messages.map { message, count, source in
      "<li><strong>\(PageText.escaped(source))</strong>"
        + (count > 1 ? " and \(PageText.count(count - 1)) more" : "")
        + ": \(PageText.escaped(message))</li>"
    }
    if group.restCount > 0 {
      lines.append("<li>… and \(PageText.count(group.restCount)) with other messages</li>")
    }
    return #"<ul class="plain">\#(lines.joined())</ul>"#
  }

  /// What `compare` measured, over all inputs.
  private static func figures(_ metrics: [FigureSample]) -> String {
    let cards = metrics.map { metric -> String in
      let sample = metric.sample
      var lines = [("inputs", PageText.count(metric.count))]
      if let ends = metric.ends {
        lines += [
          ("least", PageText.number(ends.lowerBound)),
          ("half below", PageText.number(sample[sample.count / 2])),
          ("most", PageText.number(ends.upperBound)),
        ]
      }
      if metric.notFiniteCount > 0 {
        lines.append(("not finite", PageText.count(metric.notFiniteCount)))
      }
      let words = lines.map { "\($0) \($1)" }.joined(separator: ", ")
      return #"<div class="card"><h3>\#(PageText.escaped(metric.name))</h3>"#
        + drawing(of: sample, within: metric.ends) + #"<p class="soft">\#(words)</p></div>"#
    }
    return #"<div class="cards">\#(cards.joined())</div>"#
  }

  /// How often figures are in each of equal parts.
  private static func drawing(of values: [Double], within ends: ClosedRange<Double>?) -> String {
    guard let ends, ends.upperBound > ends.lowerBound else { return "" }
    let (first, last) = (ends.lowerBound, ends.upperBound)
    var parts = [Int](repeating: 0, count: 48)
    for value in values {
      // Halves, as the whole may be more than a number holds.
      let share = (value / 2 - first / 2) / (last / 2 - first / 2)
      parts[min(Int(share * 48), 47)] += 1
    }
    let most = Double(parts.max() ?? 1)
    let bars = parts.enumerated().filter { $1 > 0 }.map { index, count in
      let height = max((Double(count) / most * 48).rounded(), 1)
      return #"<rect class="part" x="\#(index * 4)" y="\#(PageText.number(52 - height))" width="3""#
        + #" height="\#(PageText.number(height))"/>"#
    }
    return #"<svg class="histogram" viewBox="0 0 192 52" preserveAspectRatio="none" role="img" "#
      + #"aria-label="Distribution from \#(PageText.number(first)) to \#(PageText.number(last))">"#
      + "\(bars.joined())</svg>"
  }

  /// What the stages took.
  private static func times(_ times: [StageTime], of pipeline: Pipeline) -> String {
    let whole = max(times.reduce(0) { $0 + $1.seconds }, .leastNonzeroMagnitude)
    let most = max(times.map(\.seconds).max() ?? 0, .leastNonzeroMagnitude)
    let rows = times.map { time in
      let name =
        pipeline.stages.indices.contains(time.stageIndex)
        ? type(of: pipeline.stages[time.stageIndex]).name : ""
      let share = Int((time.seconds / whole * 100).rounded())
      let width = PageText.number((time.seconds / most * 1000).rounded() / 10)
      let cells = [
        "\(time.stageIndex)", PageText.escaped(name), PageText.seconds(time.seconds), "\(share) %",
      ]
      let columns = zip(cells, ["number", "", "number", "number"]).map {
        #"<td class="\#($1)">\#($0)</td>"#
      }
      return "<tr>\(columns.joined())"
        + #"<td><span class="bar" style="width:\#(width)%"></span></td></tr>"#
    }
    return #"<p class="soft">Processor time of all workers and inputs together.</p>"#
      + #"<div class="wide"><table class="bars" aria-label="Times of stages">"#
      + #"<thead><tr><th class="number">#</th><th>Stage</th>"#
      + #"<th class="number">Time</th><th class="number">Share</th><th><span class="soft">Beside the "#
      + "longest</span></th></tr></thead><tbody>\(rows.joined())</tbody></table></div>"
  }
}
