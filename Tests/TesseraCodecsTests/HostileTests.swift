import Glibc
import TesseraCodecs
import TesseraCore
import TesseraTestSupport
import Testing

@Suite struct HostileTests {
  static let small = [
    "png/basic-n2-08.png", "png/basic-i3-04-trns.png", "png/basic-i6-16.png", "png/exif-after.png",
    "jpeg/one-pixel.jpg", "jpeg/sampling-2x2.jpg", "jpeg/progressive-restart.jpg",
    "jpeg/arithmetic.jpg", "jpeg/orientation-6.jpg", "jpeg/cmyk-adobe.jpg",
    "npy/chw-uint16.npy", "npy/fortran-hw.npy", "npy/float16.npy",
    "tiff/strips-u1-3-packbits.tif", "tiff/tiles-u2-1-packbits.tif", "tiff/strip-f4-1-deflate.tif",
    "tiff/planes-u1-3-lzw.tif", "tiff/jpeg-RGB.tif", "tiff/bits-group4.tif",
    "webp/lossy-3-37x19.webp", "webp/lossless-4-37x19.webp", "webp/metadata.webp",
    "webp/animation.webp",
  ]

  @Test("A file cut at any byte is refused, or gives the rows that came", arguments: small)
  func truncated(_ name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = try Corpus.bytes(name)
    let whole = try decode(Corpus.folder + "/" + name)
    for count in 0..<bytes.count {
      let path = try folder.write(Array(bytes[..<count]), "cut")
      #expect(throws: CodecError.self, "cut at \(count)") { try decode(path) }
      guard let partial = try? decode(path, failOn: .none) else { continue }
      #expect(partial.pixels.shape == whole.pixels.shape)
      #expect(partial.report.isPartial || partial.pixels == whole.pixels, "cut at \(count)")
    }
  }

  @Test("Random changes never end the process", arguments: small)
  func flipped(_ name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = try Corpus.bytes(name)
    var generator = SeededGenerator(seed: 7)
    for round in 0..<150 {
      var changed = bytes
      for _ in 0...(round % 4) {
        changed[Int.random(in: 0..<bytes.count, using: &generator)] =
          UInt8.random(in: 0...255, using: &generator)
      }
      let path = try folder.write(changed, "changed")
      for failOn in [FailOn.none, .error] {
        _ = try? decode(path, failOn: failOn) { $0.maxPixels = 1 << 20 }
      }
    }
  }

  @Test("Random bytes after a signature are refused", arguments: ImageFormat.allCases)
  func random(_ format: ImageFormat) throws {
    let folder = try TemporaryFolder()
    let starts: [ImageFormat: [UInt8]] = [
      .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .jpeg: [0xFF, 0xD8, 0xFF],
      .npy: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0],
      .webp: Array("RIFF".utf8) + [0, 1, 0, 0] + Array("WEBPVP8L".utf8),
      .tiff: [0x49, 0x49, 42, 0],
    ]
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<100 {
      let noise = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let path = try folder.write((starts[format] ?? []) + noise, "noise")
      #expect(throws: CodecError.self) { try decode(path) }
    }
  }

  @Test("Scans are counted")
  func scans() throws {
    let folder = try TemporaryFolder()
    let file = try Corpus.bytes("jpeg/progressive-gray.jpg")
    let last = try #require(file.indices.last { file[$0] == 0xDA && file[$0 - 1] == 0xFF }) - 1
    let scan = Array(file[last..<file.count - 2])
    let scans = [[UInt8]](repeating: scan, count: 5000).flatMap { $0 }
    let path = try folder.write(Array(file[..<last]) + scans + [0xFF, 0xD9], "scans.jpg")
    let error = try #require(refusal(of: path))
    #expect(error.kind == "over_limit")
    #expect(error.description.contains("100 scans"))
  }

  @Test("Only regular files are opened")
  func notFiles() throws {
    let folder = try TemporaryFolder()
    let fifo = folder.file("fifo.png")
    #expect(mkfifo(fifo, 0o600) == 0)
    for (path, text) in [
      (fifo, "a FIFO"), (folder.path, "a directory"), ("/dev/zero", "a device"),
      (folder.file("none.png"), "No such file"),
    ] {
      let error = try #require(refusal(of: path))
      #expect(error.kind == "io")
      #expect(error.description.contains(text))
    }
  }
}
