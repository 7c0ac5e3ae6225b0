import TesseraCodecs
import TesseraCore
import Testing

@Suite struct CorpusTests {
  @Test("The corpus is there")
  func present() {
    #expect(Corpus.good.count > 300)
    #expect(Corpus.bad.count > 100)
  }

  @Test("A good file gives exactly the pixels that the oracle gives", arguments: Corpus.good)
  func good(_ file: Corpus.Good) throws {
    let isWarned = file.note == "warning"
    let decoded = try decode(file.path, failOn: isWarned ? .error : .warning) {
      if file.note == "hwc" { $0.npyLayout = .hwc }
    }
    let pixels = converted(decoded, to: file.note)
    #expect(pixels.shape == file.shape)
    #expect(pixels.elementType == file.elementType)
    #expect(hash(pixels.bytes) == file.hash)
    #expect(decoded.report.warnings.isEmpty != isWarned)
    #expect(!decoded.report.isPartial)
    if file.note == "whole" { #expect(decoded.header.isWholeImage) }
    if isWarned {
      #expect(throws: CodecError.self) { try decode(file.path, failOn: .warning) }
    }
  }

  @Test("A file gives the same pixels whatever the bands", arguments: [1, 2, 1000])
  func bands(_ band: Int) throws {
    for file in Corpus.good where !["hwc", "rgb", "gray"].contains(file.note) {
      #expect(hash(try decode(file.path, band: band).pixels.bytes) == file.hash)
    }
  }

  @Test("A bad file is refused for its own reason", arguments: Corpus.bad)
  func bad(_ file: Corpus.Bad) throws {
    let error = try #require(refusal(of: file.path), "it was read")
    #expect(error.kind == file.kind, "\(error)")
    #expect(error.description.contains(file.text), "\(error)")
  }

  private func converted(_ decoded: Decoded, to note: String) -> Pixels {
    var pixels = decoded.pixels
    guard note == "rgb" || note == "gray" else { return pixels }
    let count = pixels.shape.height * pixels.shape.width
    pixels.shape.channels = note == "rgb" ? 3 : 1
    pixels.bytes = [UInt8](unsafeUninitializedCapacity: count * pixels.shape.channels) {
      target, initialized in
      initialized = count * pixels.shape.channels
      guard let to = target.baseAddress else { return }
      decoded.pixels.bytes.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress else { return }
        if note == "gray" {
          ColorConversion.rgbToGray(from, to: to, count: count)
        } else {
          ColorConversion.cmykToRGB(
            from, to: to, count: count, isInverted: decoded.header.isInvertedCMYK)
        }
      }
    }
    return pixels
  }
}
