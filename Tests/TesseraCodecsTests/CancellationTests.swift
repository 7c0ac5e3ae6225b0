import Synchronization
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads
import Testing

/// Readers and writers that are asked to end, at each moment at which they look.
struct CancellationTests {
  /// Says yes from one question on.
  private final class Patience: Sendable {
    private let asked = Atomic(0)
    let limit: Int

    init(_ limit: Int) { self.limit = limit }

    var count: Int { asked.load(ordering: .relaxed) }

    var cancellation: Cancellation {
      Cancellation { self.asked.add(1, ordering: .relaxed).newValue > self.limit }
    }
  }

  /// Files that are read in different ways; what follows the last row is longer than a buffer.
  private static let files: [(name: String, make: @Sendable (TemporaryFolder) throws -> String)] = [
    ("rows", { _ in Corpus.folder + "/png/basic-n2-08.png" }),
    ("interlaced rows", { _ in Corpus.folder + "/png/basic-i2-08.png" }),
    (
      "many chunks",
      { folder in
        let many = Array(repeating: ("tEXt", [UInt8](repeating: 65, count: 3000)), count: 50)
        return try folder.write(PNGBytes.file(many, late: many), "chunks.png")
      }
    ),
    ("baseline", { folder in try jpeg(in: folder, isProgressive: false) }),
    ("all coefficients", { folder in try jpeg(in: folder, isProgressive: true) }),
    (
      "planes",
      { folder in
        try folder.write(
          ArrayBytes.file("|u1", shape: [3, 600, 700], values(3 * 600 * 700)), "planes.npy")
      }
    ),
    (
      "doubles",
      { folder in
        try folder.write(
          ArrayBytes.file("<f8", shape: [2, 60, 70], values(8 * 2 * 60 * 70)), "doubles.npy")
      }
    ),
    (
      "Fortran order",
      { folder in
        try folder.write(
          ArrayBytes.file(
            "|u1", shape: [3, 600, 700], isFortranOrder: true, values(3 * 600 * 700)), "f.npy")
      }
    ),
  ]

  private static func values(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static func jpeg(in folder: TemporaryFolder, isProgressive: Bool) throws -> String {
    var settings = JPEGSettings()
    settings.isProgressive = isProgressive
    settings.quality = 100
    let shape = ImageShape(channels: 3, height: 1200, width: 310)
    let path = folder.file("\(isProgressive).jpg")
    try encode(noise(shape, .uint8), to: JPEGWriter(path: path, shape: shape, settings: settings))
    return path
  }

  /// How work ends that is asked to end at some of the moments at which it looks.
  private func endings(of work: (Cancellation) throws -> Void) throws -> [CodecError?] {
    let whole = Patience(.max)
    try work(whole.cancellation)
    #expect(whole.count > 1)
    return Set((0..<40).map { $0 * whole.count / 40 }).sorted().map { limit in
      do {
        try work(Patience(limit).cancellation)
        return nil
      } catch {
        return error as? CodecError
      }
    }
  }

  @Test("A reader ends wherever it is asked to, whatever is let pass", arguments: files.map(\.name))
  func readers(_ name: String) throws {
    let folder = try TemporaryFolder()
    let file = try #require(Self.files.first { $0.name == name })
    let path = try file.make(folder)
    for failOn in [FailOn.none, .error] {
      let endings = try endings { cancellation in
        var options = DecodeOptions()
        options.failOn = failOn
        let reader = try ImageReader(path: path, options: options, cancellation: cancellation)
        let row = AlignedBuffer(byteCount: reader.bytesPerRow)
        for _ in 0..<reader.header.shape.height {
          try reader.readRows(into: row.base, count: 1, bytesPerRow: reader.bytesPerRow)
        }
        _ = try reader.finish()
      }
      #expect(endings.allSatisfy { $0 == .cancelled }, "\(endings)")
    }
  }

  @Test(
    "A writer ends wherever it is asked to, and no later than before the last of its passes",
    arguments: ["png", "png best", "jpeg", "progressive jpeg"])
  func writers(_ format: String) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: 3, height: 120, width: 150)
    let pixels = noise(shape, .uint8)
    var settings = JPEGSettings()
    settings.isProgressive = format.hasPrefix("progressive")
    let file: ImageFileFormat =
      format.hasPrefix("png") ? .png(format == "png" ? .fast : .best) : .jpeg(settings)
    let endings = try endings { cancellation in
      try encode(
        pixels,
        to: file.makeWriter(
          path: folder.file("out"), shape: shape, elementType: .uint8, cancellation: cancellation))
    }
    #expect(endings.allSatisfy { $0 == .cancelled }, "\(endings)")
  }
}
