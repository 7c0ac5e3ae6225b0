import TesseraCore
import TesseraFiles
import TesseraThreads
import Testing

@testable import TesseraCodecs

/// Rows that are passed over.
@Suite struct SkippedRowsTests {
  /// What reading a part of the rows gave.
  private struct Part: Equatable {
    /// The rows, without those that did not come.
    var bytes: [UInt8] = []
    var report: DecodeReport?
    var error: CodecError?
  }

  /// Reads `rows` in bands, passes over all others, and says how that ended.
  private func part(
    _ path: String, _ rows: Range<Int>, failOn: FailOn = .error, hwc: Bool = false,
    prepare: (ImageReader) -> Void = { _ in }
  ) -> Part {
    var part = Part()
    do throws(CodecError) {
      var options = DecodeOptions()
      options.failOn = failOn
      if hwc { options.npyLayout = .hwc }
      let reader = try ImageReader(source: ByteSource(path: path), options: options)
      prepare(reader)
      let rowBytes = reader.bytesPerRow
      let memory = AlignedBuffer(byteCount: max(rows.count, 1) * rowBytes)
      try reader.skipRows(rows.lowerBound)
      for first in stride(from: 0, to: rows.count, by: 7) {
        try reader.readRows(
          into: memory.base + first * rowBytes, count: min(7, rows.count - first),
          bytesPerRow: rowBytes)
      }
      let count = rows.count * rowBytes
      part.bytes = Array(UnsafeRawBufferPointer(start: memory.base, count: count))
      // Two steps, and the rest at the end.
      let rest = reader.header.shape.height - rows.upperBound
      try reader.skipRows(rest / 3)
      try reader.skipRows(rest / 3)
      part.report = try reader.finish()
    } catch {
      part.error = error
    }
    return part
  }

  /// Ranges of rows that begin and end in and between rows of blocks.
  private func ranges(_ height: Int) -> [Range<Int>] {
    let places = [0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 50, 80, 99, height - 1, height]
    let ends = Set(places.filter { (0...height).contains($0) }).sorted()
    return ends.flatMap { first in ends.filter { $0 >= first }.map { first..<$0 } }
  }

  @Test("Rows are the same when others are passed over")
  func corpus() throws {
    for file in Corpus.good where ["-", "whole", "warning", "hwc"].contains(file.note) {
      let hwc = file.note == "hwc"
      let whole = part(file.path, 0..<file.shape.height, hwc: hwc)
      let rowBytes = whole.bytes.count / file.shape.height
      for rows in ranges(file.shape.height) {
        let found = part(file.path, rows, hwc: hwc)
        let expected = whole.bytes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]
        #expect(found.bytes.elementsEqual(expected), "\(file) \(rows)")
        #expect(found.report == whole.report && found.error == nil, "\(file) \(rows)")
      }
    }
  }

  @Test(
    "Of a JPEG file too, in every form of its colours, cropped and shrunk",
    arguments: JPEGSubsampling.allCases)
  func jpeg(_ subsampling: JPEGSubsampling) throws {
    let folder = try TemporaryFolder()
    for (channels, isProgressive) in [(3, false), (3, true), (1, false)] {
      let shape = ImageShape(channels: channels, height: 117, width: 83)
      let path = folder.file("\(channels)\(isProgressive).jpg")
      var settings = JPEGSettings()
      settings.subsampling = subsampling
      settings.isProgressive = isProgressive
      try encode(
        noise(shape, .uint8), to: JPEGWriter(path: path, shape: shape, settings: settings))
      let columnStep = try #require(ImageReader(path: path).header.columnStep)
      let preparations: [(height: Int, prepare: (ImageReader) -> Void)] = [
        (117, { _ in }), (117, { $0.crop(to: columnStep..<70) }),
        (59, { $0.shrink(by: 2) }),
        (30, { $0.shrink(by: 4) }), (15, { $0.shrink(by: 8) }),
      ]
      for (number, (height, prepare)) in preparations.enumerated() {
        let whole = part(path, 0..<height, prepare: prepare)
        let rowBytes = whole.bytes.count / height
        for rows in ranges(height) {
          let found = part(path, rows, prepare: prepare)
          let expected = whole.bytes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]
          #expect(found.bytes.elementsEqual(expected), "\(channels) \(number) \(rows)")
          #expect(found.report == whole.report && found.error == nil)
        }
      }
    }
  }

  @Test("Columns of a progressive file that lacks scans are those of whole rows, but at the ends")
  func incompleteProgressive() throws {
    let folder = try TemporaryFolder()
    for (channels, subsampling) in [(1, JPEGSubsampling.s444), (3, .s444), (3, .s422), (3, .s420)] {
      let shape = ImageShape(channels: channels, height: 40, width: 320)
      var settings = JPEGSettings()
      settings.subsampling = subsampling
      settings.isProgressive = true
      let path = folder.file("whole.jpg")
      try encode(
        noise(shape, .uint8), to: JPEGWriter(path: path, shape: shape, settings: settings))
      let bytes = try readBytes(path)
      for share in [0.2, 0.5, 0.8, 1] {
        let count = Int(Double(bytes.count - 2) * share)
        let cut = try folder.write(Array(bytes.prefix(count)) + [0xFF, 0xD9], "cut.jpg")
        let whole = part(cut, 0..<40, failOn: .none)
        let step = try #require(try ImageReader(path: cut).header.columnStep)
        let columns = step..<2 * step + 100
        let found = part(cut, 0..<40, failOn: .none) { $0.crop(to: columns) }
        for row in 0..<40 {
          let line = found.bytes[
            row * columns.count * channels..<(row + 1) * columns.count * channels]
          let expected = whole.bytes[row * 320 * channels..<(row + 1) * 320 * channels]
          #expect(
            line.dropFirst(step * channels).dropLast(step * channels).elementsEqual(
              expected.dropFirst(2 * step * channels)
                .dropLast((320 - columns.upperBound + step) * channels)),
            "\(channels) \(subsampling) \(share) \(row)")
        }
      }
    }
  }

  @Test("What is wrong is told in the same words", arguments: [FailOn.error, .none])
  func damaged(_ failOn: FailOn) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 3, height: 117, width: 83)
    let path = folder.file("whole.jpg")
    try encode(noise(shape, .uint8), to: JPEGWriter(path: path, shape: shape))
    let bytes = try readBytes(path)
    var files = Corpus.bad.filter { $0.name.hasSuffix(".jpg") }.map { ($0.path, $0.name) }
    for share in [0.2, 0.5, 0.8, 0.98] {
      let short = Array(bytes.prefix(Int(Double(bytes.count) * share)))
      files.append((try folder.write(short, "\(share).jpg"), "\(share)"))
    }
    for (path, name) in files {
      guard let reader = try? ImageReader(path: path) else { continue }
      let height = reader.header.shape.height
      let whole = part(path, 0..<height, failOn: failOn)
      for rows in [0..<0, 0..<1, height / 2..<height / 2 + 1, height - 1..<height] {
        let found = part(path, rows, failOn: failOn)
        #expect(found.error == whole.error, "\(name) \(rows)")
        #expect(found.report == whole.report, "\(name) \(rows)")
        if whole.error != nil { continue }
        let rowBytes = whole.bytes.count / height
        let expected = whole.bytes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]
        #expect(found.bytes.elementsEqual(expected), "\(name) \(rows)")
      }
    }
  }

  @Test("An interlaced image that is cut gives the rows that came, whichever are passed over")
  func cutInterlaced() throws {
    let folder = try TemporaryFolder()
    var count = 0
    for file in Corpus.good where file.name.hasPrefix("png/basic-i") {
      let bytes = try readBytes(file.path)
      var options = DecodeOptions()
      options.failOn = .none
      for missing in [20, 44, 100] {
        let path = try folder.write(Array(bytes.dropLast(missing)), "cut.png")
        guard (try? ImageReader(path: path, options: options)) != nil else { continue }
        count += 1
        let whole = part(path, 0..<file.shape.height, failOn: .none)
        let (height, rowBytes) = (file.shape.height, whole.bytes.count / file.shape.height)
        for rows in [0..<0, 0..<1, height / 2..<height / 2 + 1, height - 1..<height] {
          let found = part(path, rows, failOn: .none)
          let expected = whole.bytes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]
          #expect(found.bytes.elementsEqual(expected), "\(file) \(missing) \(rows)")
          #expect(found.report == whole.report, "\(file) \(missing) \(rows)")
        }
      }
    }
    #expect(count > 10)
  }

  @Test("Where no row comes, none is said to have come", arguments: [0, 1, 9, 30])
  func tooManyScans(first: Int) throws {
    var options = DecodeOptions()
    options.failOn = .none
    options.maxScans = 2
    let path = Corpus.folder + "/jpeg/progressive.jpg"
    let reader = try ImageReader(source: ByteSource(path: path), options: options)
    try reader.skipRows(first)
    let report = try reader.finish()
    #expect(report.isPartial)
    #expect(report.warnings.last?.hasSuffix("0 of 37 rows came, the others are 0") == true)
  }

  @Test("Rows can be read and passed over in turns")
  func turns() throws {
    for file in Corpus.good where file.name.hasPrefix("jpeg/") && file.note == "-" {
      let whole = part(file.path, 0..<file.shape.height)
      let rowBytes = whole.bytes.count / file.shape.height
      for (reads, skips) in [(1, 1), (1, 7), (3, 2), (2, 14), (5, 16)] {
        let reader = try ImageReader(path: file.path)
        let row = AlignedBuffer(byteCount: rowBytes)
        while reader.rowsRead < file.shape.height {
          let next = reader.rowsRead
          if next % (reads + skips) < reads {
            try reader.readRows(into: row.base, count: 1, bytesPerRow: rowBytes)
            let found = UnsafeRawBufferPointer(start: row.base, count: rowBytes)
            let expected = whole.bytes[next * rowBytes..<(next + 1) * rowBytes]
            #expect(found.elementsEqual(expected), "\(file) \(reads) \(skips) \(next)")
          } else {
            try reader.skipRows(min(skips, file.shape.height - next))
          }
        }
        #expect(try reader.finish() == whole.report)
      }
    }
  }

  @Test("A wish to end is met while rows are passed over")
  func cancelled() throws {
    let stop = Cancellation()
    let reader = try ImageReader(path: Corpus.folder + "/jpeg/restart.jpg", cancellation: stop)
    stop.cancel()
    #expect(throws: CodecError.cancelled) { try reader.skipRows(36) }
  }

  @Test("Rows of much data are no search for a marker that does not come")
  func muchData() throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 3, height: 2400, width: 640)
    let path = folder.file("large.jpg")
    var settings = JPEGSettings()
    settings.quality = 100
    try encode(
      noise(shape, .uint8), to: JPEGWriter(path: path, shape: shape, settings: settings))
    let found = part(path, 2300..<2301)
    #expect(found.error == nil && found.report == DecodeReport())
  }
}
