import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// How a run ended, for people and for programs.
struct SummaryText {
  private let summary: RunSummary
  private let pipeline: Pipeline

  /// The shard of a plan that it is about.
  private let shard: Int?
  /// How the command ends.
  private(set) var status: ExitStatus
  /// The page of the run.
  private var pagePath: String?
  private var pageError: FileError?

  init(
    _ summary: RunSummary, _ pipeline: Pipeline, shard: Int? = nil, endingWith status: ExitStatus
  ) {
    self.summary = summary
    self.pipeline = pipeline
    self.shard = shard
    self.status = status
  }

  /// Takes note of the page of the run, or of why there is none.
  mutating func take(page: Result<String, FileError>) {
    switch page {
    case .success(let path): pagePath = path
    case .failure(let error):
      pageError = error
      if status == .done || status == .failedInputs { status = .cannotWrite }
    }
  }

  /// Whom sentences advise.
  private var audience: Audience { shard == nil ? .command : .plan }

  /// One line on a shard.
  var closingLine: String {
    (shard.map { "shard \($0): " } ?? "") + counts
  }

  /// Files among the inputs that were no images.
  static func passedOver(_ count: Int) -> String {
    "passed over \(count) that \(count == 1 ? "is" : "are") not \(FileRecognition.images.kinds)"
  }

  /// Counts, rates and where the report is.
  var overview: String {
    var lines = [counts]
    if summary.ignoredCount > 0 {
      lines.append(Self.passedOver(summary.ignoredCount))
    }
    if let line = SpecialFile.line(of: summary.specialFiles) { lines.append(line) }
    lines += warningLines
    if summary.files.count > 1, let first = summary.files.first, let last = summary.files.last {
      lines.append(
        "\(summary.files.count) files, one per channel: \(first.printable) … \(last.printable)")
    }
    if let path = summary.reportPath, summary.reportError == nil {
      lines.append("report: \(path.printable)")
    }
    return lines.joined(separator: "\n")
  }

  /// How inputs ended, and how fast.
  private var counts: String {
    let progress = summary.progress
    var parts = ["\(progress.okCount) done"]
    if progress.failedCount > 0 { parts.append("\(progress.failedCount) failed") }
    if progress.skippedCount > 0 { parts.append("\(progress.skippedCount) done before") }
    if summary.notRunCount > 0 { parts.append("\(summary.notRunCount) not run") }
    if summary.warnedCount > 0 { parts.append("\(summary.warnedCount) with warnings") }
    var rates = ["\(progress.seconds.short) s"]
    if let rate = progress.imagesPerSecond { rates.append("\(rate.short) images/s") }
    if let rate = progress.megapixelsPerSecond { rates.append("\(rate.short) MPix/s") }
    let total = progress.total.counted("image")
    return "\(total): \(parts.joined(separator: ", ")) (\(rates.joined(separator: ", ")))"
  }

  /// The first few warnings, each with how many inputs drew it.
  private var warningLines: [String] {
    let shown = summary.warnings.prefix(5)
    let others = summary.warnings.count - shown.count
    return summary.listWarnings.map { "warning: \($0.printable)" }
      + shown.map { group in
        let more = group.count - 1
        let rest = more == 0 ? "" : " (and \(more) more \(more == 1 ? "input" : "inputs") so)"
        return "warning: \(group.source.printable): \(group.message.printable)\(rest)"
      } + (others > 0 ? ["… and \(others) more kinds of warnings, all of them in the report"] : [])
  }

  /// What is wrong, for programs.
  private var errorEntries: [ErrorEntry] {
    var entries = ErrorEntry.entries(ofUnreadable: summary.unreadableFolders)
    if let failure = summary.stageRefusingAll {
      entries.append(ErrorEntry(refusalOfAll: failure, in: pipeline))
    } else {
      entries += summary.failures.flatMap(\.examples).map { ErrorEntry($0, for: audience) }
    }
    if let error = summary.reportError {
      entries.append(ErrorEntry(.write, error.description, file: error.path))
    }
    if let pageError {
      entries.append(ErrorEntry(.write, pageError.description, file: pageError.path))
    }
    if summary.isInterrupted {
      entries.append(
        ErrorEntry(.interrupted, "interrupted with \(summary.notRunCount.counted("input")) not run")
      )
    }
    return entries
  }

  private var warningEntries: [JSONValue] {
    let lists = summary.listWarnings.map { message -> JSONValue in
      ["message": JSONValue(.string(message)), "count": .integer(0), "source": .init(.null)]
    }
    return lists
      + summary.warnings.map { group -> JSONValue in
        [
          "message": JSONValue(.string(group.message)), "count": .integer(group.count),
          "source": JSONValue(.string(group.source)),
        ]
      }
  }

  /// Failures by kind, and what else the exit status tells of; `nil` where all went well.
  var errors: String? {
    var lines = FailureList.lines(ofUnreadable: summary.unreadableFolders)
    if let failure = summary.stageRefusingAll {
      lines.append(FailureList.refusalOfAll(failure, in: pipeline))
    } else {
      lines += FailureList.lines(
        of: summary.failures.map { group in
          (
            group.kind, group.count,
            group.examples.map { ($0.source, $0.failure.message(for: audience)) }
          )
        })
    }
    if let error = summary.reportError { lines.append("\(error): there is no new report") }
    if let pageError { lines.append("\(pageError): there is no new page") }
    if let failure = summary.endingFailure {
      lines.append("the run ended early: \(failure.message(for: audience).printable)")
    }
    if summary.isInterrupted {
      lines.append(
        "interrupted with \(summary.notRunCount) not run; the same command goes on from here")
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  /// The same for programs, without line breaks.
  var json: String {
    let progress = summary.progress
    let failures = summary.failures.map { group -> JSONValue in
      let examples = group.examples.map { example -> JSONValue in
        [
          "source": JSONValue(.string(example.source)),
          "message": JSONValue(.string(example.failure.message(for: audience))),
        ]
      }
      return [
        "kind": JSONValue(.string(group.kind.rawValue)), "count": .integer(group.count),
        "examples": JSONValue(.array(examples)),
      ]
    }
    let stages = summary.stageTimes.map { time -> JSONValue in
      [
        "index": .integer(time.stageIndex),
        "stage": JSONValue(.string(name(ofStage: time.stageIndex))),
        "seconds": .decimal(time.seconds),
      ]
    }
    var value: JSONValue = [
      "counts": [
        "total": .integer(progress.total), "ok": .integer(progress.okCount),
        "failed": .integer(progress.failedCount), "skipped": .integer(progress.skippedCount),
        "not_run": .integer(summary.notRunCount), "ignored": .integer(summary.ignoredCount),
        "special_files": .integer(summary.specialFiles.count),
        "warnings": .integer(summary.warnedCount),
      ],
      "errors": JSONValue(.array(errorEntries.map(\.json))),
      "warnings": JSONValue(.array(warningEntries)),
      "failures": JSONValue(.array(failures)),
      "special_files": JSONValue(.array(summary.specialFiles.kept.map(\.json))),
      "stages": JSONValue(.array(stages)),
      "bytes_read": .integer(progress.readByteCount),
      "bytes_written": .integer(progress.writtenByteCount),
      "megapixels": .decimal(Double(progress.pixelCount) / 1e6),
      "seconds": .decimal(progress.seconds),
      "files": JSONValue(.array(summary.files.map { JSONValue(.string($0)) })),
      "report": summary.reportPath.map { JSONValue(.string($0)) } ?? JSONValue(.null),
      "page": pagePath.map { JSONValue(.string($0)) } ?? JSONValue(.null),
      "exit_status": .integer(Int(status.rawValue)),
    ]
    if let shard, let members = value.members {
      value = JSONValue(.object([JSONMember("shard", .integer(shard))] + members))
    }
    return JSONWriter.compact(value)
  }

  private func name(ofStage index: Int) -> String {
    pipeline.stages.indices.contains(index) ? type(of: pipeline.stages[index]).name : ""
  }
}

/// Failures grouped by kind, as lines.
enum FailureList {
  /// The line about a stage that no input fits, with its place in the pipeline file.
  static func refusalOfAll(_ failure: InputFailure, in pipeline: Pipeline) -> String {
    let place = failure.stageIndex.flatMap { pipeline.location(stage: $0, key: failure.key) }
    return (place.map { "\($0.description): " } ?? "")
      + "no input fits: \(failure.message(for: .command).printable)"
  }

  /// Lines about folders that could not be read.
  static func lines(ofUnreadable folders: FirstFound<FileError>) -> [String] {
    let shown = folders.kept.prefix(10)
    return shown.map(sentence(onUnreadable:))
      + [rest(of: folders, besides: shown.count)]
      .compactMap(\.self)
  }

  /// How many unreadable folders there are besides those that are told of; `nil`: none.
  static func rest(of folders: FirstFound<FileError>, besides count: Int) -> String? {
    let rest = folders.count - count
    return rest > 0 ? "… and \(rest.counted("more folder")) that cannot be read" : nil
  }

  /// What an unreadable folder means.
  static func sentence(onUnreadable folder: FileError) -> String {
    "\(folder): inputs in it are missing"
  }

  static func lines(
    of groups: [(
      kind: InputFailure.Kind, count: Int, examples: [(source: String, message: String)]
    )]
  ) -> [String] {
    groups.flatMap { group -> [String] in
      let noun = group.count == 1 ? "input" : "inputs"
      let examples = group.examples.map { "  \($0.source.printable): \($0.message.printable)" }
      let rest = group.count - examples.count
      return ["\(group.count) \(noun) failed (\(group.kind.rawValue)):"] + examples
        + (rest > 0 ? ["  … and \(rest) more"] : [])
    }
  }
}

extension SpecialFile {
  /// Where it is and what it is, for programs.
  var json: JSONValue { ["path": JSONValue(.string(path)), "kind": JSONValue(.string(word))] }
}

extension JSONValue {
  /// A number with at most six decimals.
  static func decimal(_ value: Double) -> JSONValue {
    JSONValue(finiteOrWord: (value * 1e6).rounded() / 1e6)
  }
}
