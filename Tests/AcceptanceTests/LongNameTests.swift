import Foundation
import Testing

/// Names near the 255 bytes that a file system allows, where a suffix of 14 bytes no longer fits.
@Suite struct LongNameTests {
  /// A name of so many bytes, in letters of one or of two bytes.
  private static func name(_ byteCount: Int, _ letter: Character, _ fileExtension: String) -> String
  {
    let free = byteCount - fileExtension.utf8.count
    let (count, rest) = free.quotientAndRemainder(dividingBy: letter.utf8.count)
    let name = String(repeating: "x", count: rest) + String(repeating: letter, count: count)
    return name + fileExtension
  }

  @Test(
    "An output may have any name that a file may have",
    arguments: [1 + 4, 100, 239, 240, 241, 242, 243, 250, 254, 255])
  func lengths(_ byteCount: Int) throws {
    let names = ["w", "\u{E9}"].map { Self.name(byteCount, $0, ".npy") }
    let bench = try Workbench(names)
    let outcome = try bench.run("--jobs", "2")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out") == Set(names).sorted())
    for name in names {
      #expect(try bench.folder.bytes("out/\(name)") == bench.folder.bytes("in/\(name)"))
    }
    #expect(bench.halfFiles() == [])
    #expect(try bench.run().errors.contains("0 done, \(Set(names).count) done before"))
  }

  @Test("Long names that differ in their last letter alone do not meet on their way")
  func together() throws {
    let names = (0..<24).map {
      Self.name(254, "w", "\(Character(UnicodeScalar(UInt8(97 + $0)))).npy")
    }
    let bench = try Workbench(names)
    #expect(try bench.run("--jobs", "4").status == 0)
    for name in names {
      #expect(try bench.folder.bytes("out/\(name)") == bench.folder.bytes("in/\(name)"))
    }
  }

  @Test("A name that is too long fails its input alone", arguments: [254, 255, 256, 257, 261])
  func tooLong(_ byteCount: Int) throws {
    let bench = try Workbench([Self.name(byteCount - 6, "w", ".npy"), "a.npy"])
    try bench.writePipeline(encode: #", "name": "long--{stem}.npy""#)
    let outcome = try bench.run()
    let fits = byteCount <= 255
    #expect(outcome.status == (fits ? 0 : 73), "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out").count == (fits ? 2 : 1))
    #expect(try bench.sources("ok").contains("a.npy"))
    #expect(try bench.folder.report().compactMap(\.failureKind) == (fits ? [] : ["create"]))
    #expect(bench.halfFiles() == [])
  }
}
