import Foundation
import FuzzTargets
import TesseraFiles
import TesseraTestSupport
import Testing

/// Inputs that were found once, and those that searches begin with.
@Suite struct CorpusTests {
  /// Tests/Fuzz/Corpus.
  static let corpus = Path.join(Path.folder(of: Path.folder(of: #filePath)), "Corpus")

  private static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
  }

  @Test("Every target takes every file of its corpus", arguments: FuzzTarget.allCases)
  func replay(_ target: FuzzTarget) throws {
    let folder = Path.join(Self.corpus, target.rawValue)
    let names = try Self.names(in: folder)
    #expect(names.count >= 5, "\(folder) has hardly any files")
    for name in names {
      let bytes = try FileSystem.content(of: Path.join(folder, name))
      #expect(throws: Never.self, "\(target.rawValue)/\(name)") { try target.run(bytes) }
    }
  }

  @Test("Every folder of the corpus is that of a target")
  func folders() throws {
    let names = try Self.names(in: Self.corpus)
    #expect(names.sorted() == FuzzTarget.allCases.map(\.rawValue).sorted())
  }

  @Test("Every target takes nothing, and a byte", arguments: FuzzTarget.allCases)
  func nothing(_ target: FuzzTarget) throws {
    try target.run([])
    for byte in UInt8.min...UInt8.max { try target.run([byte]) }
  }
}
