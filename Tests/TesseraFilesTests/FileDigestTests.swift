import TesseraTestSupport
import Testing

@testable import TesseraFiles

struct FileDigestTests {
  @Test("A large file has the same digest on one thread and on several")
  func threads() throws {
    let folder = try TemporaryFolder()
    // A whole number of pieces, one byte less, and one more.
    for size in [1 << 25, (1 << 25) + 1, (1 << 25) + (1 << 18) - 1] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
      let file = try AtomicFile(at: folder.path("large"))
      try file.write(bytes)
      try file.finish()
      let digest = try FileDigest(of: folder.path("large"), workers: 4)
      #expect(digest.byteCount == size)
      #expect(digest.hash == XXHash64.hash(bytes))
      #expect(try digest == FileDigest(of: folder.path("large")))
    }
  }

  @Test("A file that is missing is an error, on any number of threads")
  func missing() throws {
    let folder = try TemporaryFolder()
    for workers in [1, 3] {
      #expect(throws: FileError.self) {
        _ = try FileDigest(of: folder.path("nothing"), workers: workers)
      }
    }
  }
}
