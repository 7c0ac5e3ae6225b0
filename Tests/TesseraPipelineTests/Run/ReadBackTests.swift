import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import Tessera
@testable import TesseraEngine
@testable import TesseraFiles
@testable import TesseraPipeline
@testable import TesseraThreads

/// Files that do not hold what was written to them: `verify` finds them out.
struct ReadBackTests {
  /// What becomes of a file that is being written, each time that the run asks whether it should end:
  /// between bands, and while files are read back.
  enum Spoiling: Sendable {
    /// Some byte is another.
    case byte(Int)
    /// It ends there.
    case cut(Int)

    func spoil(_ path: String) {
      guard let file = try? OpenFile(path, flags: O_WRONLY),
        let status = FileStatus(of: file.descriptor)
      else { return }
      switch self {
      case .byte(let place) where status.byteCount > place:
        // What is spoiled already rests.
        let spoiled = try? OpenSource(ByteSource(path: path)).bytes(at: place, count: 1)
        if spoiled != [0xA5] { try? file.write([0xA5], at: place) }
      case .cut(let count) where status.byteCount > count: try? file.resize(to: count)
      default: break
      }
    }
  }

  struct Output: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stages: String
    let name: String
    let spoiling: Spoiling
    /// What the failure says.
    let words: String
    /// The stage that writes.
    var stage = 1
  }

  private static let unfold = #"{"stage": "unfold", "kernel_size": 4, "stride": 2}, "#
  private static let tokens = encode(#""format": "npy", "layout": "tokens""#)

  private static func encode(_ keys: String) -> String {
    #"{"stage": "encode", "verify": true, \#(keys)}"#
  }

  // Arrays are read back in pieces of 256 KiB, and codecs write 64 KiB at once.
  static let outputs = [
    Output(
      testDescription: "picture", stages: encode(#""format": "png""#), name: "input.png",
      spoiling: .byte(5000), words: "not what was written"),
    Output(
      testDescription: "lossy picture", stages: encode(#""format": "jpeg""#), name: "input.jpg",
      spoiling: .byte(0), words: "not what was written"),
    Output(
      testDescription: "array of rows", stages: encode(#""format": "npy""#), name: "input.npy",
      spoiling: .byte(5000), words: "other pixels"),
    Output(
      testDescription: "patches", stages: unfold + encode(#""format": "npy""#), name: "input.npy",
      spoiling: .byte(300_000), words: "other values", stage: 2),
    Output(
      testDescription: "tokens", stages: unfold + tokens, name: "input.npy",
      spoiling: .byte(5000), words: "other values", stage: 2),
    Output(
      testDescription: "tokens cut", stages: unfold + tokens, name: "input.npy",
      spoiling: .cut(300_000), words: "not what was written", stage: 2),
  ]

  /// Runs stages while their output is spoiled.
  private func run(_ output: Output, _ stages: String) throws -> (InputResult, [String]) {
    let workshop = try Workshop()
    workshop.banding = Banding(height: 4, largeImage: 0)
    let path = try workshop.savePNG(.noise([3, 600, 200], .uint8, seed: 31), as: "input.png")
    let folder = workshop.folder.path("out")
    try FileSystem.makeFolder(folder)
    let temporary = AtomicFile.temporaryPath(for: Path.join(folder, output.name))
    let processor = try PipelineProcessor(workshop.planner(stages), outputDirectory: folder)
    let item = Item(
      name: "input.png", source: ByteSource(path: path), byteCount: 1, modificationTime: 0)
    let result = try processor.result(
      of: item,
      cancellation: Cancellation {
        output.spoiling.spoil(temporary)
        return false
      })
    return (result, workshop.folder.tree("out"))
  }

  @Test(
    "A file that reads back as others is a requirement that its stage misses", arguments: outputs)
  func spoiled(_ output: Output) throws {
    let (result, files) = try run(output, output.stages)
    let error = try #require(result.error)
    #expect(error.kind == .requirement && error.stageIndex == output.stage, "\(error)")
    // Spoiled while it was read back, it says so.
    #expect(
      error.message.contains(output.words)
        || error.message.contains("not what was written: the file was written to"), "\(error)")
    #expect(files == [])
  }

  @Test("Nothing is read back that is not to be", arguments: outputs)
  func unread(_ output: Output) throws {
    let (result, files) = try run(
      output, output.stages.replacing(#""verify": true"#, with: #""verify": false"#))
    #expect(result.error == nil && files == ["out/" + output.name])
  }

  @Test("An array of patches that does not begin as arrays do is found out, too")
  func signature() throws {
    let output = Output(
      testDescription: "signature", stages: Self.unfold + Self.tokens, name: "input.npy",
      spoiling: .byte(0), words: "", stage: 2)
    let (result, _) = try run(output, output.stages)
    #expect(result.error?.kind == .requirement)
  }
}
