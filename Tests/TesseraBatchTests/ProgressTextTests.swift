import Testing

@testable import TesseraBatch

struct ProgressTextTests {
  static func progress() -> RunProgress {
    var progress = RunProgress()
    progress.total = 200
    progress.okCount = 45
    progress.failedCount = 5
    progress.pixelCount = 123_000_000
    progress.plannedByteCount = 4000
    progress.readByteCount = 1000
    progress.seconds = 10
    return progress
  }

  @Test("a line tells count, failures, rates and the time that is left")
  func line() {
    #expect(
      ProgressText.line(Self.progress())
        == "50 of 200, 5 failed, 5 images/s, 12.3 MPix/s, 0:30 left")
  }

  @Test(
    "what has been in work for ten seconds is told of, and nothing before", arguments: [9.9, 10])
  func slowest(seconds: Double) {
    var progress = Self.progress()
    progress.slowest = RunProgress.InputInWork(source: "big\n.png", seconds: seconds)
    let words = ", 0:10 in big\\n.png"
    let line = ProgressText.line(progress)
    #expect(line.hasSuffix(seconds < 10 ? "0:30 left" : "0:30 left" + words), "\(line)")
    let bar = ProgressText.bar(progress, width: 140)
    #expect(bar.hasSuffix("big\\n.png") == (seconds >= 10), "\(bar)")
  }

  @Test("programs get an object of all of it on one line")
  func object() {
    var progress = Self.progress()
    progress.slowest = RunProgress.InputInWork(source: "a \"b\".png", seconds: 1.23456)
    #expect(
      ProgressText.object(progress, shard: 3)
        == #"{"event":"progress","shard":3,"total":200,"done":45,"failed":5,"skipped":0,"seconds":10,"#
        + #""images_per_second":5,"megapixels_per_second":12.3,"remaining_seconds":30,"#
        + #""slowest":{"source":"a \"b\".png","seconds":1.235}}"#)
    #expect(
      ProgressText.object(RunProgress(), shard: nil)
        == #"{"event":"progress","shard":null,"total":0,"done":0,"failed":0,"skipped":0,"seconds":0,"#
        + #""images_per_second":null,"megapixels_per_second":null,"remaining_seconds":null,"#
        + #""slowest":null}"#)
  }

  @Test("a bar is never wider than the terminal", arguments: 0...140)
  func width(columns: Int) {
    #expect(ProgressText.bar(Self.progress(), width: columns).count <= columns)
  }

  @Test("a bar fills with what has ended")
  func fill() {
    let bar = ProgressText.bar(Self.progress(), width: 120)
    #expect(bar.count { $0 == "█" } == 10)
    #expect(bar.contains("25%"))
  }

  @Test("a bar is filled to an eighth of a column")
  func eighths() {
    let blocks = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]
    for ended in 0...200 {
      var progress = Self.progress()
      (progress.okCount, progress.failedCount) = (ended, 0)
      let cells = (0..<40).map { blocks[min(max(ended * 40 * 8 / 200 - $0 * 8, 0), 8)] }
      let bar = ProgressText.bar(progress, width: 120)
      #expect(bar.hasPrefix("▕\(cells.joined())▏ \(ended / 2)%  \(ended)/200"), "\(bar)")
    }
  }

  @Test("progress without inputs or time divides by nothing")
  func empty() {
    #expect(ProgressText.bar(RunProgress(), width: 80).contains("0/0"))
    #expect(ProgressText.line(RunProgress()) == "0 of 0")
  }

  @Test(
    "numbers have three digits",
    arguments: [(0.254, "0.25"), (9.876, "9.88"), (9.999, "10"), (12.34, "12.3"), (456.7, "457")])
  func short(value: Double, expected: String) { #expect(value.short == expected) }

  @Test(
    "times are those of a clock",
    arguments: [(6.2, "0:07"), (754.0, "12:34"), (3723.0, "1:02:03"), (.infinity, "–")])
  func clock(seconds: Double, expected: String) { #expect(seconds.clock == expected) }
}
