import TesseraBatch
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// A page that shows what every stage of a pipeline makes of one image, side by side.
package struct ViewPage {
  /// Stages that are shown.
  package let stageCount: Int
  private let page: Page

  /// The longest side of a picture [px].
  private static let side = 640

  /// Runs an image and draws its stages; no output is written.
  ///
  /// - Parameters:
  ///   - item: the input.
  ///   - processor: the pipeline.
  ///   - cancellation: asked between bands.
  /// - Throws: `InputFailure` where the image cannot be run.
  package init(
    of item: Item, by processor: PipelineProcessor, cancellation: Cancellation = Cancellation()
  ) throws(InputFailure) {
    let seen = try ImageViews(of: item, by: processor, side: Self.side, cancellation)
    let pipeline = processor.planner.pipeline
    let name = PageText.escaped(pipeline.file.map { Path.name(of: $0) } ?? "the pipeline")
    stageCount = Set(seen.seen.map(\.stageIndex)).count
    var lead =
      "<p>What every stage of \(name) makes of it. Move over a picture, or focus it and use the arrow "
      + "keys, to see the same place of all of them.</p>"
    if let failure = seen.failure {
      lead += #"<p class="bad">It fails: \#(PageText.escaped(failure.description))</p>"#
    }
    if !seen.metrics.isEmpty {
      let figures = seen.metrics.map {
        "<div><dt>\(PageText.escaped($0.name))</dt><dd>\(PageText.number($0.value))</dd></div>"
      }
      lead += #"<dl class="figures">\#(figures.joined())</dl>"#
    }
    let cards = seen.views.map(Self.card)
    page = Page(
      kind: .view, title: item.name, lead: lead,
      sections: [
        Page.Section(
          name: "stages", heading: "Stages",
          content: #"<div class="stages" data-group>\#(cards.joined(separator: "\n"))</div>"#),
        Page.Section(name: "pipeline", heading: "Pipeline", content: PipelineText.html(pipeline)),
        Page.Section(
          name: "plan", heading: "Plan", content: PipelineText.html(seen.plan)),
      ], scripts: [Page.asset(PackageResources.page_js)])
  }

  /// Writes the page, which appears under its name once it is whole.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - replacing: whether a file that is no such page is replaced.
  /// - Throws: `FileError`, with `EEXIST` where something else has the name.
  package func write(to path: String, replacing: Bool) throws(FileError) {
    try page.write(to: path, replacing: replacing)
  }

  /// Whether a file is such a page.
  package static func isPage(_ path: String) -> Bool { Page.Kind.view.isKind(of: path) }

  /// A stage.
  private static func card(of view: DrawnView) -> String {
    let title = "\(view.stageIndex) \(view.stageName)"
    let isDifference = view.subject == .differences
    let heading = isDifference ? "\(title): differences" : title
    var content = "<h3>\(PageText.escaped(heading))</h3>"
    let caption = PageText.escaped(view.caption)
    if let sheet = view.sheet,
      let picture = PagePicture(
        sheet, isExact: view.subject != .image, label: "What \(heading) gave", caption: caption)
    {
      content += picture.html
    } else {
      content += "<p>\(caption)</p>"
    }
    if !isDifference {
      content += "<p><code>\(PageText.escaped(view.shape))</code></p>" + view.figures.html
    }
    return #"<div class="card">\#(content)</div>"#
  }
}

/// Pipelines and plans in pages.
enum PipelineText {
  /// The text of a pipeline's file, or of the same pipeline.
  static func html(_ pipeline: Pipeline) -> String {
    let text = pipeline.text
    let isLong = text.count > mostCharacters
    let shown = isLong ? text.prefix(mostCharacters) + "\n…" : text[...]
    return "<pre><code>\(PageText.escapedLines(String(shown)))</code></pre>"
  }

  /// More of a pipeline, such as kernels that are written out, is left out.
  private static let mostCharacters = 100_000

  /// The table of a plan.
  static func html(_ plan: Plan) -> String {
    "<pre><code>\(PageText.escapedLines(plan.table))</code></pre>"
  }
}
