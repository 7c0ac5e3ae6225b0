import Glibc
import TesseraTestSupport
import Testing

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraPipeline

/// What is told of an input: who decoded it, or whose fault it is that nobody did.
struct InputKindTests {
  private static func array(_ descriptor: String, count: Int = 60) -> [UInt8] {
    var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (6, 10), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
      + [UInt8](repeating: 3, count: count)
  }

  /// A file that is refused.
  struct Refused: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: InputFailure.Kind
    let bytes: [UInt8]
    var load = ""
  }

  static let failures = [
    Refused(testDescription: "a text", kind: .malformed, bytes: Array("no image".utf8)),
    Refused(
      testDescription: "a wrong header", kind: .malformed,
      bytes: [0x93] + Array("NUMPY".utf8) + [1, 0, 4, 0] + Array("what".utf8)),
    Refused(
      testDescription: "complex numbers", kind: .unsupported, bytes: array("<c8", count: 480)),
    Refused(
      testDescription: "too many pixels", kind: .limit, bytes: array("|u1"),
      load: #", "max_pixels": 59"#),
    Refused(testDescription: "a short file", kind: .truncated, bytes: array("|u1", count: 59)),
    Refused(
      testDescription: "a long file", kind: .warning, bytes: array("|u1", count: 61),
      load: #", "fail_on": "warning""#),
  ]

  @Test("An input that is refused fails as what it is", arguments: failures)
  func failure(_ refused: Refused) throws {
    let workshop = try Workshop()
    let path = try workshop.folder.write(refused.bytes, to: "input")
    let result = try workshop.run(npy, load: refused.load, onFile: path).result
    #expect(result.error?.kind == refused.kind, "\(String(describing: result.error))")
    #expect(result.error?.stageIndex == nil && result.outputs == [])
  }

  @Test("Pixels that do not agree with their checksum are damaged, what is no file is unreadable")
  func damage() throws {
    let workshop = try Workshop()
    let png = try workshop.savePNG(.noise([1, 20, 20], .uint8), as: "good.png")
    var bytes = try FileSystem.content(of: png)
    // The last chunk of pixels ends 12 bytes before the end, with its checksum.
    bytes[bytes.count - 13] ^= 1
    let damaged = try workshop.folder.write(bytes, to: "damaged.png")
    #expect(try workshop.run(npy, onFile: damaged).result.error?.kind == .damaged)
    let fifo = workshop.folder.path("fifo")
    #expect(mkfifo(fifo, 0o600) == 0)
    for path in [fifo, workshop.folder.path("nothing")] {
      #expect(try workshop.run(npy, onFile: path).result.error?.kind == .unreadable)
    }
  }

  @Test("The decoder is told by name and version")
  func decoders() throws {
    let workshop = try Workshop()
    let png = try workshop.savePNG(.noise([3, 8, 9], .uint8), as: "a.png")
    let jpeg = try workshop.run(#"{"stage": "encode", "format": "jpeg"}"#, onFile: png).result
    #expect(jpeg.decoder?.wholeMatch(of: /libpng \d+\.\d+.*/) != nil)
    let path = try #require(jpeg.outputs.first?.path)
    let array = try workshop.run(npy, onFile: path).result
    #expect(array.decoder?.wholeMatch(of: /libjpeg-turbo \d+\.\d+.*/) != nil)
    let again = try workshop.run(npy, onFile: try #require(array.outputs.first?.path)).result
    #expect(again.decoder == "npy")
  }
}
