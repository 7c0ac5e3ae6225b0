import Foundation
import Testing

/// Memory that files would take which claim more than they hold.
@Suite(.serialized) struct HostileMemoryTests {
  private static let vectors = Repository.path + "/Tests/TesseraCodecsTests/Vectors/"

  private func peak(_ file: [UInt8], failOn: String, status: Int32) throws -> Int {
    let folder = try TemporaryFolder()
    try folder.write(file, to: "in/file.png")
    try folder.write(
      pipeline(load: "\"path\": \"in\", \"fail_on\": \"\(failOn)\"", encode: #""path": "out""#),
      to: "copy.json")
    let (outcome, peak) = try Command.peak(["run", "copy.json", "--jobs", "1"], in: folder)
    #expect(outcome.status == status, "\(outcome.errors)")
    return peak
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.vectors + name)))
  }

  @Test("150 text chunks of 7 MB each are skipped, not inflated")
  func textBombs() throws {
    let file = try bytes("png/size-1-n.png")
    let bombs = Array(repeating: try bytes("png/bomb.chunk"), count: 150).joined()
    let base = try peak(file, failOn: "warning", status: 0)
    let hostile = file[..<33] + bombs + file[33...]
    #expect(try peak(Array(hostile), failOn: "warning", status: 0) < base + 7_000_000)
  }

  @Test("Text that is read for its metadata is inflated as far as those can go, and once")
  func metadataBombs() throws {
    let file = try bytes("png/size-1-n.png")
    let chunk = try bytes("png/bomb.chunk")
    let stream = try #require(chunk[8...].firstIndex(of: 0)) + 2
    for keyword in ["Raw profile type exif", "Raw profile type APP1", "XML:com.adobe.xmp"] {
      let isXMP = keyword.hasPrefix("XML")
      let content =
        Array(keyword.utf8) + (isXMP ? [0, 1, 0, 0, 0] : [0, 0]) + chunk[stream...].dropLast(4)
      let bombs = Array(
        repeating: Picture.chunk(isXMP ? "iTXt" : "zTXt", content), count: 150
      ).joined()
      let base = try peak(file, failOn: "error", status: 0)
      let hostile = file[..<33] + bombs + file[33...]
      #expect(try peak(Array(hostile), failOn: "error", status: 0) < base + 7_000_000)
    }
  }

  @Test(
    "A file that claims gigabytes takes no memory",
    arguments: ["png/x-claims-2gb.png", "png/x-claims-2gb-exif.png", "jpeg/x-65500.jpg"],
    ["none", "truncated", "error", "warning"])
  func claims(_ name: String, _ failOn: String) throws {
    let base = try peak(bytes("png/size-1-n.png"), failOn: failOn, status: 0)
    #expect(try peak(bytes(name), failOn: failOn, status: 65) < base + 7_000_000)
  }
}
