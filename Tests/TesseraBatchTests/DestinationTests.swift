import Testing

@testable import TesseraBatch
@testable import TesseraConfiguration
@testable import TesseraFiles

struct DestinationTests {
  private func input(_ relativePath: String) -> Item {
    Item(
      name: relativePath, source: ByteSource(path: "in/\(relativePath)"), byteCount: 0,
      modificationTime: 0)
  }

  private func destination(_ template: String? = nil) throws -> Destination {
    Destination(
      stageIndex: 1, directory: "out", fileExtension: "png",
      nameTemplate: try template.map { try NameTemplate($0) })
  }

  @Test(
    "an output keeps the input's folder and stem",
    arguments: [
      ("a.jpg", "out/a.png"), ("x/y/a.b.jpg", "out/x/y/a.b.png"), ("noext", "out/noext.png"),
      ("x.y/noext", "out/x.y/noext.png"), ("x/.h.a", "out/x/.h.png"), ("a.", "out/a.png"),
      ("x//y/./a.b", "out/x/y/a.png"), ("/a.b", "out/a.png"), ("x/../a..b", "out/a..png"),
      (".hidden", "out/.hidden.png"), ("../up/a.jpg", "out/up/a.png"), ("-rf.jpg", "out/-rf.png"),
    ])
  func standard(source: String, expected: String) throws {
    #expect(try destination().basePath(for: input(source)) == expected)
  }

  @Test(
    "a template says otherwise, and stays inside the folder",
    arguments: [
      ("{dir}/{stem}-{ext}.png", "x/a.jpg", "out/x/a-jpg.png"),
      ("{dir}/{stem}-{ext}.png", "a.jpg", "out/a-jpg.png"),
      ("flat/{stem}.png", "x/a.jpg", "out/flat/a.png"),
      ("{dir}/{stem}.png", "../../etc/a.jpg", "out/etc/a.png"),
      ("{stem}-{channel}.png", "a.jpg", "out/a-0.png"),
    ])
  func template(text: String, source: String, expected: String) throws {
    #expect(try destination(text).basePath(for: input(source)) == expected)
  }

  @Test(
    "what goes along with an array is known by the array's name and a word",
    arguments: [
      ("out/x/a.mask.png", true), ("./out/x/a.ids_restore.png", true), ("out/x/a.png", false),
      ("out/x/a..png", false), ("out/x/a.0.png", false), ("out/x/a.b.mask.png", false),
      ("out/x/ab.mask.png", false), ("out/a.mask.png", false), ("out/x/a.mask.npy", false),
    ])
  func parts(path: String, isOne: Bool) throws {
    #expect(try destination().writesPart(path, for: input("x/a.jpg")) == isOne)
  }

  @Test("every channel has a name of its own")
  func channels() throws {
    #expect(try destination().path(for: input("x/a.b.jpg"), channel: "2") == "out/x/a.b.2.png")
    #expect(try destination("{stem}.png").path(for: input("a.jpg"), channel: "1") == "out/a.1.png")
    #expect(
      try destination("{channel}/{stem}.png").path(for: input("a.jpg"), channel: "1")
        == "out/1/a.png")
  }

  @Test(
    "A file of any channel is known as the input's, and no other",
    arguments: [nil, "{stem}-{channel}.png", "c{channel}/{stem}.png", "12{channel}0-{stem}.png"])
  func channels(_ template: String?) throws {
    let destination = Destination(
      stageIndex: 1, directory: "out/2024", fileExtension: "png",
      nameTemplate: try template.map { try NameTemplate($0) })
    let (item, other) = (input("a1.jpg"), input("a2.jpg"))
    let numbers = [0, 1, 9, 10, 12, 99, 100, 1234, 65_535].map(String.init)
    for channel in numbers + ["r", "sobel_x", "gabor_s2_o3", "dct_u0_v10", "c0_laws_l5e5"] {
      let path = destination.path(for: item, channel: channel)
      #expect(destination.writes(path, for: item), "\(path)")
      #expect(!destination.writes(path, for: other), "\(path)")
    }
    #expect(destination.writes(destination.basePath(for: item), for: item))
  }
}
