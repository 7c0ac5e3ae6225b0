import Glibc
import Synchronization
import TesseraCodecs
import TesseraCore
import TesseraThreads
import Testing

/// Files that go on for ever where something else should come.
struct EndlessFileTests {
  /// Where the rest of a JPEG is cut off, and what fills its place.
  private enum Part: CaseIterable { case start, header, scan, end }

  /// A file of so many bytes: some, and behind them holes or one byte over and over.
  private func file(
    _ start: some Collection<UInt8>, filledWith byte: UInt8, count: Int, in folder: TemporaryFolder,
    _ name: String
  ) throws -> String {
    let path = try folder.write(
      Array(start) + (byte == 0 ? [] : [UInt8](repeating: byte, count: count)), name)
    try #require(truncate(path, start.count + count) == 0)
    return path
  }

  /// The bytes of a JPEG up to a part, and where its first scan begins.
  private func jpeg(
    _ name: String, upTo part: Part
  ) throws -> [UInt8] {
    let bytes = try Corpus.bytes("jpeg/\(name)")
    var offset = 2
    while bytes[offset + 1] != 0xDA {
      offset += 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
    }
    switch part {
    case .start: return Array(bytes[..<2]) + [0xFF]
    case .header: return Array(bytes[..<offset])
    case .scan:
      return Array(bytes[..<(offset + 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3]))])
    case .end: return Array(bytes.dropLast(2))
    }
  }

  /// How often a reader asks whether it should end: once for each 64 KiB, row and pass.
  private func questions(
    _ path: String, failOn: FailOn
  ) -> (count: Int, end: Result<DecodeReport, CodecError>) {
    let count = Atomic(0)
    let cancellation = Cancellation {
      count.add(1, ordering: .relaxed)
      return false
    }
    var options = DecodeOptions()
    options.failOn = failOn
    do throws(CodecError) {
      let reader = try ImageReader(path: path, options: options, cancellation: cancellation)
      let report = try reader.finish()
      return (count.load(ordering: .relaxed), .success(report))
    } catch {
      return (count.load(ordering: .relaxed), .failure(error))
    }
  }

  @Test(
    "No more is gone through for a marker than a little, and the rest is what fail_on makes of it",
    arguments: ["progressive.jpg", "restart.jpg", "gray.jpg", "arithmetic.jpg"],
    [UInt8(0), 0xFF, 0x5A])
  func markers(_ name: String, _ byte: UInt8) throws {
    let folder = try TemporaryFolder()
    let count = byte == 0 ? 1 << 29 : 20 << 20
    for part in Part.allCases {
      let path = try file(
        jpeg(name, upTo: part), filledWith: byte, count: count, in: folder, "a.jpg")
      for failOn in FailOn.allCases {
        let (asked, end) = questions(path, failOn: failOn)
        #expect(asked < 300, "\(part), \(failOn): \(asked) questions")
        switch (part, failOn, end) {
        // Arithmetic decoders read ahead, over what is to fill the scan up.
        case (.end, _, _) where name == "arithmetic.jpg" && byte == 0xFF: break
        case (.start, _, .failure(.malformed)), (.header, _, .failure(.malformed)): break
        case (.end, .truncated, .success(let report)), (.end, .none, .success(let report)):
          #expect(report.warnings.contains { $0.hasPrefix("no marker was found") }, "\(report)")
        case (.end, .error, .failure(.refused)), (.end, .warning, .failure(.refused)): break
        case (.scan, _, _): break
        default: Issue.record("\(part), \(failOn): \(end)")
        }
      }
    }
  }

  @Test("A file that is far larger than its image is refused, whatever its format and fail_on")
  func sizes() throws {
    let folder = try TemporaryFolder()
    let files = [
      ("a.png", try Corpus.bytes("png/size-1-n.png")), ("a.jpg", try Corpus.bytes("jpeg/gray.jpg")),
      ("a.npy", ArrayBytes.file("|u1", shape: [1, 2, 2], [1, 2, 3, 4])),
    ]
    for (name, bytes) in files {
      let path = try file(bytes, filledWith: 0, count: 1 << 40, in: folder, name)
      for failOn in FailOn.allCases {
        let (asked, end) = questions(path, failOn: failOn)
        guard case .failure(.overLimit(_, let text)) = end else {
          Issue.record("\(name), \(failOn): \(end)")
          continue
        }
        #expect(asked < 10 && text.contains("1.1 TB") && text.contains("1.1 GB"), "\(text)")
      }
    }
  }

  @Test("A PNG of chunks that claim gigabytes is refused before they are read")
  func chunks() throws {
    let folder = try TemporaryFolder()
    let whole = try Corpus.bytes("png/size-1-n.png")
    let claim = ArrayBytes.bytes([UInt32(0x7FFF_FFF0)], isBigEndian: true)
    for type in ["abCd", "tEXt", "IDAT", "iCCP"] {
      for place in [33, whole.count - 12] {
        let path = try file(
          whole[..<place] + claim + Array(type.utf8), filledWith: 0, count: 1 << 31, in: folder,
          "a.png")
        for failOn in FailOn.allCases {
          let (asked, end) = questions(path, failOn: failOn)
          guard case .failure(.overLimit) = end else {
            Issue.record("\(type) at \(place), \(failOn): \(end)")
            continue
          }
          #expect(asked < 10)
        }
      }
    }
  }
}
