import TesseraTestSupport
import Testing

@testable import Tessera
@testable import TesseraCore
@testable import TesseraEngine
@testable import TesseraFiles

/// Which lines of a report a page shows.
struct ReportRowsTests {
  /// A line of a report.
  private static func line(
    _ index: Int, status: String = "ok", kind: String? = nil, psnr: Double? = nil,
    warnings: Int = 0, message: String = "why"
  ) -> String {
    let error = kind.map { #"{"kind":"\#($0)","stage":null,"message":"\#(message)"}"# } ?? "null"
    let metrics = psnr.map { $0.isFinite ? #"{"psnr":\#($0)}"# : #"{"psnr":"inf"}"# } ?? "{}"
    let words = (0..<warnings).map { #""odd \#($0)""# }.joined(separator: ",")
    return
      #"{"source":"\#(index).png","status":"\#(status)","error":\#(error),"channels":3,"height":2,"width":4,"#
      + #""bytes":7,"decoder":"d","partial":false,"warnings":[\#(words)],"blocks":0,"metrics":\#(metrics),"#
      + #""saturated":null,"outputs":[],"seconds":0.25}"# + "\n"
  }

  private func rows(_ lines: [String]) throws -> ReportRows {
    let folder = try TemporaryFolder()
    return try ReportRows(folder.write(Array(lines.joined().utf8), to: "report.jsonl"))
  }

  @Test("All of few are shown: failures, then the worst first")
  func few() throws {
    let rows = try rows([
      Self.line(0, psnr: .infinity), Self.line(1, status: "failed", kind: "damaged"),
      Self.line(2, psnr: 30), Self.line(3, psnr: 20),
      Self.line(4, status: "failed", kind: "requirement", psnr: 10),
    ])
    #expect(rows.shown.map(\.index) == [1, 4, 3, 2, 0])
    #expect((rows.failedCount, rows.worstCount, rows.total) == (2, 3, 5))
    #expect(rows.badness == "psnr")
    #expect(rows.metrics.map(\.sample) == [[10, 20, 30]])
    #expect(rows.metrics.map(\.notFiniteCount) == [1] && rows.metrics[0].ends == 10...30)
  }

  @Test("Of many, all failures are shown, the worst, and a sample that follows from the names")
  func many() throws {
    let lines = (0..<14_000).map { index in
      index % 7 == 0
        ? Self.line(index, status: "failed", kind: "damaged", message: "m\(index % 40)")
        : Self.line(index, psnr: Double((index * 7919) % 14_000))
    }
    let rows = try rows(lines)
    #expect(rows.shown.count == 10_000 && rows.failedCount == 2000 && rows.worstCount == 1000)
    #expect(Set(rows.shown.map(\.index)).count == 10_000)
    let worst = rows.shown[2000..<3000].compactMap { $0.line.metrics.first?.value }
    #expect(worst == worst.sorted())
    let rest = rows.shown[3000...].compactMap { $0.line.metrics.first?.value }
    #expect((worst.last ?? 0) < (rest.min() ?? 0))
    // A sample is no end of the list.
    let mean = rest.reduce(0, +) / Double(rest.count)
    #expect(abs(mean - 7500) < 400)
    #expect(try self.rows(lines).shown.map(\.index) == rows.shown.map(\.index))
    #expect(rows.failures.map(\.count) == [2000])
    #expect(rows.failures[0].messages.count == 12)
    let told = rows.failures[0].messages.reduce(0) { $0 + $1.count }
    #expect(told + rows.failures[0].restCount == 2000)
  }

  @Test("More failures than a page holds are counted")
  func failures() throws {
    let rows = try rows((0..<10_500).map { Self.line($0, status: "failed", kind: "limit") })
    #expect(rows.shown.count == 10_000 && rows.failures.map(\.count) == [10_500])
  }

  @Test("Long messages do not make the page larger than it may be")
  func bytes() throws {
    let message = String(repeating: "long ", count: 400)
    let rows = try rows(
      (0..<5000).map { Self.line($0, status: "failed", kind: "limit", message: message) })
    #expect(rows.shown.count < 3600 && rows.shown.count > 3300)
    #expect(rows.total == 5000 && rows.failures[0].count == 5000)
  }

  @Test("Inputs that were not run are the best, as nothing is known of them")
  func notRun() throws {
    let rows = try rows([
      Self.line(0, status: "not_run"), Self.line(1, psnr: 30), Self.line(2, psnr: 40),
    ])
    #expect(rows.shown.map(\.index) == [1, 2, 0])
  }

  @Test("Messages that many share come before those of one")
  func frequent() throws {
    let rows = try rows(
      (0..<60).map { index in
        Self.line(
          index, status: "failed", kind: "limit", message: index < 20 ? "m\(index)" : "same")
      })
    #expect(rows.failures[0].messages[0].text == "same" && rows.failures[0].messages[0].count == 40)
    #expect(rows.failures[0].messages.count == 12 && rows.failures[0].restCount == 9)
  }

  @Test("Without figures, warnings are what is bad")
  func warnings() throws {
    let rows = try rows([Self.line(0), Self.line(1, warnings: 2), Self.line(2, warnings: 1)])
    #expect(rows.shown.map(\.index) == [1, 2, 0])
    #expect(rows.warnedCount == 2)
    #expect(rows.warnings.messages.map(\.text) == ["odd 0", "odd 1"])
  }
}

/// Figures of many inputs.
struct FigureSampleTests {
  @Test("Ends and counts are those of all values, whatever is kept of them")
  func many() {
    var sample = FigureSample("psnr", .infinity)
    for index in 0..<200_000 { sample.add(Double((index * 7919) % 200_003)) }
    sample.add(.nan)
    #expect((sample.count, sample.notFiniteCount) == (200_002, 2))
    let kept = sample.sample
    #expect(kept == kept.sorted() && kept.count > 1 << 13 && kept.count <= 1 << 15)
    #expect((sample.ends?.lowerBound, sample.ends?.upperBound ?? 0 > 199_000) == (0, true))
    #expect(abs(kept[kept.count / 2] - 100_000) < 2000)
  }
}

/// Maps of differences.
struct DifferenceMapTests {
  private func map(_ values: [Float]) -> DifferenceMap {
    DifferenceMap(
      StageView(
        subject: .differences, channels: 1, size: Size(height: 1, width: values.count),
        values: values, censuses: []))
  }

  @Test("Nothing is drawn where nothing differs")
  func none() {
    let map = map([0, 0, 0])
    #expect(map.sheet == nil && map.caption.hasPrefix("No value differs"))
  }

  @Test("From black to white by square roots")
  func finite() {
    let map = map([0, 1, 4, 16])
    #expect(map.caption.hasSuffix("white 16."))
    #expect(
      map.sheet?.pixels == [0, 0, 0, 191, 0, 0, 255, 128, 0, 255, 255, 255])
  }

  @Test("What is infinitely far apart is white and said, also where all else is alike")
  func infinite() {
    let map = map([0, .infinity])
    #expect(map.sheet?.pixels == [0, 0, 0, 255, 255, 255] && map.caption.hasSuffix("white ∞."))
  }
}

/// Texts of pages.
struct PageTextTests {
  @Test("What HTML takes for its own is text")
  func escapes() {
    #expect(
      PageText.escaped("<a href=\"x\">'&'</a>")
        == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;")
    #expect(PageText.escaped("a\u{1B}b\u{202E}c") == "a\\u{1b}b\\u{202e}c")
    #expect(
      PageText.script(["a": .init(.string("</script><!--"))]) == #"{"a":"\u003c/script>\u003c!--"}"#
    )
  }

  @Test(
    "Bytes become text as everywhere",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func base64(text: String, expected: String) {
    // The examples of RFC 4648.
    #expect(PageText.base64(Array(text.utf8)) == expected)
  }

  @Test("Bytes above 127 become text as well")
  func wideBytes() { #expect(PageText.base64([0xFB, 0xFF, 0xFE, 0]) == "+//+AA==") }

  @Test(
    "Numbers have the digits that count",
    arguments: [
      (0, "0"), (3, "3"), (-12, "-12"), (0.5, "0.5"), (1.0 / 3, "0.33333"), (30.894_123, "30.894"),
      (1234.567_8, "1234.6"), (3.2e-11, "3.2e-11"), (-1.5e200, "-1.5e200"),
      (0.000_123_456, "0.00012346"),
      (123_456_789.25, "123456789"), (.infinity, "∞"), (-.infinity, "−∞"), (.nan, "not a number"),
    ] as [(Double, String)])
  func numbers(value: Double, expected: String) { #expect(PageText.number(value) == expected) }

  @Test("Counts have gaps, and times have units")
  func amounts() {
    #expect(PageText.count(1_234_567) == "1\u{202F}234\u{202F}567")
    #expect(PageText.count(999) == "999")
    #expect(PageText.seconds(0.0123) == "12.3 ms")
    #expect(PageText.seconds(75.04) == "75 s")
    #expect(PageText.seconds(3725) == "62 min 5 s")
    #expect(PageText.seconds(9000) == "2 h 30 min")
  }
}
