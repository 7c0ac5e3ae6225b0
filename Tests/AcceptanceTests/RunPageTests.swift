import Foundation
import Glibc
import Testing

/// `tessera run --report` and `tessera view`: pages for the browser.
@Suite struct RunPageTests {
  /// What the script of a page is given.
  private struct Rows {
    var rows: [[Any]]

    init(_ html: String) throws {
      let part = try #require(
        html.firstMatch(of: #/<script type="application\/json" id="rows">(.+?)<\/script>/#)
      ).1
      let root = try #require(
        try JSONSerialization.jsonObject(with: Data(part.utf8)) as? [String: Any])
      rows = try #require(root["rows"] as? [[Any]])
    }

    func row(_ source: String) throws -> [Any] {
      try #require(rows.first { $0[0] as? String == source })
    }
  }

  private static let roundTrip = [
    #"{ "stage": "unfold", "kernel_size": 8, "stride": 8, "edge": "pad" }"#,
    #"{ "stage": "transform.dct" }"#, #"{ "stage": "transform.quantize", "step": 60 }"#,
    #"{ "stage": "transform.idct" }"#, #"{ "stage": "fold" }"#,
  ]

  /// Three pictures, one that misses a bound, and one that is no picture.
  private func bench(require: String = #"{ "max_abs": 40 }"#) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (index, name) in ["flat.png", "sub/ramp.png", "noise.png"].enumerated() {
      let values = (0..<3 * 24 * 40).map { place -> Int in
        switch index {
        case 0: 120
        case 1: place / 3 % 40 * 5
        default: (place &* 2_654_435_761) >> 7 & 255
        }
      }
      let picture = Picture(width: 40, height: 24, channels: 3, bitDepth: 8, values: values)
      try folder.write(picture.png(), to: "in/\(name)")
    }
    try folder.write("no picture", to: "in/<bad> & 'odd'.png")
    try folder.write(
      pipeline(
        load: #""path": "in""#,
        Self.roundTrip + [
          #"{ "stage": "compare", "metrics": ["max_abs", "psnr"], "require": \#(require) }"#
        ], encode: #""path": "out""#), to: "p.json")
    return folder
  }

  private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> Command.Outcome {
    try Command.run(["run", "p.json"] + arguments, in: folder.path)
  }

  private func text(_ folder: TemporaryFolder, _ path: String) throws -> String {
    String(decoding: try folder.bytes(path), as: UTF8.self)
  }

  @Test("The figures of the page are those of report.jsonl")
  func figures() throws {
    let folder = try bench()
    let outcome = try run(folder, "--report", "--json", "--quiet")
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.json?["page"] as? String == "out/report.html")
    let html = try text(folder, "out/report.html")
    let rows = try Rows(html)
    let report = try folder.report()
    #expect(rows.rows.count == report.count)
    for line in report {
      let row = try rows.row(line.source)
      #expect(row[1] as? String == line.status)
      #expect(row[2] as? String == line.failureKind ?? "")
      #expect(row[3] as? Int == line.values["width"] as? Int)
      #expect(row[4] as? Int == line.values["height"] as? Int)
      #expect(row[5] as? Int == line.values["bytes"] as? Int)
      #expect(row[6] as? Double == line.values["seconds"] as? Double)
      for (place, name) in [(7, "psnr"), (8, "max_abs")] {
        let figure = line.metrics[name]
        #expect(row[place] as? Double == figure as? Double, "\(line.source) \(name)")
        #expect(row[place] as? String == figure as? String, "\(line.source) \(name)")
      }
    }
    // Failures first, and the worst of the others next.
    #expect(rows.rows.map { $0[1] as? String ?? "" } == ["failed", "failed", "ok", "ok"])
    #expect(rows.rows[2][0] as? String == "sub/ramp.png")
    // Two are drawn that are done, and the one that misses a bound; the file that is no picture is not.
    #expect(rows.rows.compactMap { $0.last as? Int }.sorted() == [0, 1, 2])
    // Each with what came in, and what comes out.
    #expect(html.matches(of: #/class="pair wipe"/#).count == 3)
    #expect(html.contains("<dt>Failed</dt><dd>2</dd>") && html.contains("2 of 4 inputs failed"))
  }

  @Test("A page holds all that it shows, and names are text in it")
  func selfContained() throws {
    let folder = try bench()
    #expect(try run(folder, "--report", "--quiet").status == 65)
    _ = try Command.run(
      ["view", "p.json", "in/noise.png", "--output", "v.html"], in: folder.path)
    for path in ["out/report.html", "v.html"] {
      let html = try text(folder, path)
      #expect(!html.contains("<bad>"))
      #expect(html.contains("default-src 'none'"))
      for match in html.matches(of: #/(?:src|href)="([^"]*)"/#) {
        #expect(match.1.hasPrefix("data:") || match.1.hasPrefix("#"), "\(match.1.prefix(60))")
      }
      #expect(!html.contains("http://") && !html.contains("https://"))
      for image in html.matches(of: #/<img[^>]*>/#) { #expect(image.0.contains("alt=\"")) }
    }
    #expect(try text(folder, "out/report.html").contains("&lt;bad&gt; &amp; &#39;odd&#39;.png"))
  }

  @Test("A repeated run makes the page anew, and what earlier runs did is in it")
  func repeated() throws {
    let folder = try bench(require: "{}")
    try FileManager.default.removeItem(atPath: folder.path("in/<bad> & 'odd'.png"))
    #expect(try run(folder, "--report").status == 0)
    let again = try run(folder, "--report")
    #expect(again.status == 0 && again.errors.contains("page: out/report.html"), "\(again.errors)")
    let rows = try Rows(text(folder, "out/report.html")).rows
    #expect(rows.allSatisfy { $0[1] as? String == "skipped" } && rows.count == 3)
    #expect(rows.compactMap { $0.last as? Int }.count == 3)
  }

  @Test("What is no page of a run is not replaced, and nothing runs before that is said")
  func foreign() throws {
    let folder = try bench(require: "{}")
    try folder.write("<!DOCTYPE html>\nmine", to: "out/report.html")
    let refused = try run(folder, "--report")
    #expect(refused.status == 73 && refused.errors.contains("--overwrite"), "\(refused.errors)")
    #expect(folder.files(in: "out") == ["report.html"])
    #expect(try text(folder, "out/report.html").hasSuffix("mine"))
    #expect(try run(folder, "--report", "--overwrite").status == 65)
    #expect(try text(folder, "out/report.html").contains("<!-- tessera report -->"))
    // Without the option, nobody minds what has the name.
    try folder.write("mine", to: "out/report.html")
    #expect(try run(folder).status == 65)
    #expect(try text(folder, "out/report.html") == "mine")
  }

  @Test(
    "Where there is no report there is no page",
    arguments: [
      (["in/flat.png", "--output", "one.png"], "a folder as --output"),
      (["--dry-run"], "--dry-run"),
    ])
  func refused(arguments: [String], word: String) throws {
    let folder = try bench()
    let outcome = try Command.run(["run", "p.json", "--report"] + arguments, in: folder.path)
    #expect(outcome.status == 64 && outcome.errors.contains(word), "\(outcome.errors)")
    #expect(folder.files(in: "").filter { $0.hasPrefix("o") } == [])
    let plan = try Command.run(
      ["run", "--plan", "plan", "--shard", "0", "--report"], in: folder.path)
    #expect(plan.status == 64 && plan.errors.contains("merge --report"), "\(plan.errors)")
  }

  @Test("A disk that is full leaves no half page, and says so", arguments: ["write", "rename"])
  func fullDisk(_ call: String) throws {
    let folder = try bench(require: "{}")
    let outcome = try Command.run(
      ["run", "p.json", "--report", "--json"], in: folder.path,
      environment: FaultyCalls.environment(
        .init(call: call, code: ENOSPC),
        below: call == "rename" ? "out/report.html" : "out/.report.html"))
    #expect(outcome.status == 74, "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains("there is no new page"), "\(outcome.errors)")
    let errors = outcome.json?["errors"] as? [[String: Any]] ?? []
    #expect(errors.contains { ($0["message"] as? String ?? "").contains("report.html") })
    #expect(outcome.json?["exit_status"] as? Int == 74)
    #expect(!folder.files(in: "out").contains { $0.contains("report.html") })
    #expect(try folder.report().count == 4)
  }

  @Test("Shards have a page once they are merged")
  func merged() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "3")
    #expect(try bench.run("0-2").status == 0)
    let outcome = try bench.merge("--report")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let html = try text(bench.folder, "out/report.html")
    #expect(try Rows(html).rows.count == bench.folder.report(in: "out").count)
    #expect(!html.contains("<dt>Time</dt>"))
    try bench.folder.write("mine", to: "out/report.html")
    #expect(try bench.merge("--report").status == 73)
    #expect(try bench.merge("--report", "--overwrite").status == 0)
  }

  @Test("A merge that cannot write its page says so, for programs too")
  func unwrittenMerge() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    #expect(try bench.run("0-1").status == 0)
    let outcome = try Command.run(
      ["merge", "--plan", "plan", "--report", "--json"], in: bench.folder.path,
      environment: FaultyCalls.environment(
        .init(call: "write", code: ENOSPC), below: "out/.report.html"))
    #expect(outcome.status == 74 && outcome.errors.contains("no new page"), "\(outcome.errors)")
    #expect(outcome.json?["exit_status"] as? Int == 74 && outcome.json?["page"] is NSNull)
  }

  @Test("An interrupted run has a page, too, with what there is")
  func interrupted() throws {
    let bench = try Workbench((0..<6).map { "\($0).npy" })
    let mark = bench.folder.path("mark")
    let calls = SlowCalls(call: "pread", path: "3.npy", milliseconds: 2000, number: 1)
    let running = try Running(
      ["run", "copy.json", "--report", "--jobs", "1"], in: bench.folder.path,
      environment: calls.environment(showing: mark))
    try running.waitUntilThere(is: mark)
    kill(running.process, SIGTERM)
    let outcome = try running.wait()
    #expect(outcome.status == 75, "\(outcome.errors)")
    let html = try text(bench.folder, "out/report.html")
    let rows = try Rows(html).rows
    #expect(rows.count == 6 && rows.contains { $0[1] as? String == "not_run" })
    let isSaid = html.contains("were not run")
    #expect(isSaid)
  }

  @Test("What overflows differs, also where all else is alike")
  func overflow() throws {
    let folder = try TemporaryFolder()
    let values: [Float] = [1, 2, 3, 4, .infinity, 6]
    try folder.write(NPYFile.float32(values, shape: [1, 2, 3]), to: "in/a.npy")
    try folder.write(
      pipeline(
        load: #""path": "in""#,
        [
          #"{ "stage": "convolve", "kernels": [[1]] }"#,
          #"{ "stage": "compare", "metrics": ["max_abs"] }"#,
        ], encode: #""path": "out", "format": "npy""#), to: "p.json")
    #expect(try run(folder, "--report").status == 0)
    let isSame = try text(folder, "out/report.html").contains("No value differs")
    #expect(isSame)
    try folder.write(
      pipeline(
        load: #""path": "in""#,
        [
          #"{ "stage": "convolve", "kernels": [[1e38]] }"#,
          #"{ "stage": "compare", "metrics": ["max_abs"] }"#,
        ], encode: #""path": "far", "format": "npy""#), to: "p.json")
    #expect(try run(folder, "--report").status == 0)
    #expect(try folder.report(in: "far").first?.metrics["max_abs"] as? String == "inf")
    let far = try text(folder, "far/report.html")
    let isTold = far.contains("white ∞") && !far.contains("No value differs")
    #expect(isTold)
  }

  @Test("What --memory allows is kept while pictures are drawn, and what they lack is said")
  func memory() throws {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.sample("chelsea-rgb.png"), to: "in/a.png")
    try folder.write(pipeline(load: #""path": "in""#, encode: #""path": "out""#), to: "p.json")
    #expect(try run(folder, "--report", "--memory", "100M").status == 0)
    #expect(try Rows(text(folder, "out/report.html")).rows[0].last is Int)
    // The run itself takes less than its views do.
    let scarce = try run(folder, "--report", "--memory", "1M", "-o", "scarce")
    #expect(scarce.status == 0, "\(scarce.errors)")
    let html = try text(folder, "scarce/report.html")
    let isSaid = html.contains("Not drawn:") && html.contains("of memory")
    #expect(isSaid)
  }

  @Test("An option that says nothing is refused")
  func idleOption() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "1")
    #expect(try bench.run("0").status == 0)
    let outcome = try bench.merge("--overwrite")
    #expect(outcome.status == 64 && outcome.errors.contains("--report"), "\(outcome.errors)")
  }

  // MARK: View

  @Test("Every stage is seen, and nothing else is written")
  func view() throws {
    let folder = try bench()
    let outcome = try Command.run(
      ["view", "p.json", "in/noise.png", "--output", "v.html"], in: folder.path)
    #expect(
      outcome.status == 0 && outcome.errors == "v.html: 8 stages of noise.png\n",
      "\(outcome.errors)")
    let html = try text(folder, "v.html")
    let headings = html.matches(of: #/<h3>([^<]+)<\/h3>/#).map { String($0.1) }
    #expect(
      headings == [
        "0 load", "1 unfold", "2 transform.dct", "3 transform.quantize", "4 transform.idct",
        "5 fold", "6 compare", "6 compare: differences", "7 encode",
      ])
    // It fails its bound, and is shown all the same.
    let isTold = html.contains("It fails")
    #expect(isTold)
    #expect(
      Set(folder.files()) == Set(["p.json", "v.html"] + folder.files(in: "in").map { "in/\($0)" }))
    let again = try Command.run(["view", "p.json", "-o", "v.html"], in: folder.path)
    #expect(again.status == 65, "the first input is no picture: \(again.errors)")
    #expect(try text(folder, "v.html") == html)
  }

  @Test(
    "A page has a place of its own",
    arguments: [
      ("v.png", 64, "expected the name of an .html file"), ("in", 64, ".html"),
      ("mine.html", 73, "--overwrite"), ("folder.html", 73, "is a folder"),
    ])
  func viewPlace(output: String, status: Int32, word: String) throws {
    let folder = try bench()
    try folder.write("mine", to: "mine.html")
    try folder.write("", to: "folder.html/x")
    let outcome = try Command.run(
      ["view", "p.json", "in/flat.png", "--output", output], in: folder.path)
    #expect(outcome.status == status && outcome.errors.contains(word), "\(outcome.errors)")
    #expect(try text(folder, "mine.html") == "mine")
    if output == "mine.html" {
      let forced = try Command.run(
        ["view", "p.json", "in/flat.png", "--output", output, "--overwrite"], in: folder.path)
      #expect(forced.status == 0, "\(forced.errors)")
    }
  }

  @Test("Pipelines of Pipelines/ are seen", arguments: Repository.pipelineNames)
  func shipped(_ name: String) throws {
    // Their inputs are made by others.
    guard !["rebuild", "pca_denoise"].contains(name) else { return }
    let folder = try TemporaryFolder()
    let outcome = try Command.run(
      [
        "view", "\(Repository.pipelines)/\(name).json", Repository.sample("chelsea-rgb.png"),
        "--output", folder.path("v.html"),
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(folder.files() == ["v.html"])
    #expect(try folder.bytes("v.html").count < 2_000_000)
  }
}
