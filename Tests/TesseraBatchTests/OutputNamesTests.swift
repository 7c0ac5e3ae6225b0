import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Outputs that need each other's names.
@Suite("Names of outputs")
struct OutputNamesTests {
  private func items(_ names: [String]) -> ItemList {
    ItemList(
      names.map {
        Item(name: $0, source: ByteSource(path: "in/" + $0), byteCount: 0, modificationTime: 0)
      })
  }

  private func names(
    _ names: [String], to folder: String = "o", as template: String? = nil
  ) throws -> OutputNames<CopyProcessor> {
    let processor = try CopyProcessor(to: [folder], fileExtension: "png", name: template)
    return try OutputNames(
      of: ShardList(ArrangedItems(items(names)), for: processor), in: OutputRoots([folder]), jobs: 2
    )
  }

  @Test(
    "a file and a folder of one name are found before anything is written",
    arguments: [
      (["a.jpg", "a.png/b.jpg"], "in/a.jpg", "in/a.png/b.jpg", "o/a.png"),
      (["a.png/deep/er/b.jpg", "a.webp"], "in/a.webp", "in/a.png/deep/er/b.jpg", "o/a.png"),
      (
        ["x/a.png/b.jpg", "x/a.png/c.jpg", "x/a.npy", "y"], "in/x/a.npy", "in/x/a.png/c.jpg",
        "o/x/a.png"
      ),
    ])
  func fileForFolder(_ names: [String], _ file: String, _ below: String, _ output: String) {
    let error = #expect(throws: BatchError.self) { try self.names(names) }
    guard case .collisions(let collisions, nil)? = error, let only = collisions.first else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(collisions.count == 1 && only.first == file && only.output == output)
    #expect(
      only.isFolder && only.second?.hasPrefix("in/") == true
        && only.second?.contains("a.png/") == true)
    #expect(
      error?.description.contains("'\(file)' would write '\(output)', and 'in/") == true)
  }

  @Test("names that only look alike are no conflict")
  func apart() throws {
    _ = try names(["a.png/b.jpg", "a.pn.jpg", "a.png.jpg", "a.pngs/c.jpg", "b/a.jpg"])
    _ = try names(["e\u{301}.jpg", "\u{E9}.png"])
    _ = try names(["a/b.png", "a-b.png"], as: "{dir}/{stem}.png")
  }

  @Test("the item of another shard is found by the name of its output, by whatever spelling")
  func other() throws {
    let names = try names(["a.jpg", "b.jpg", "deep/c-0.jpg"])
    #expect(names.other("o/b.png", than: 0) == 1 && names.other("./o//b.png", than: 0) == 1)
    #expect(names.other("o/b.png", than: 1) == nil && names.other("o/d.png", than: 0) == nil)
    #expect(names.others(derivingTo: "o/deep/c-17.png", than: 0) == [2])
    #expect(names.others(derivingTo: "o/deep/c-sobel_x.png", than: 0) == [2])
    for channel in ["X", "017", "x-y", ""] {
      #expect(names.others(derivingTo: "o/deep/c-\(channel).png", than: 0) == [], "\(channel)")
    }
  }

  @Test("a folder below the output folder that is a link is told of, whatever it leads to")
  func links() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("out/real/deep")
    try folder.makeFolder("elsewhere/deep")
    folder.link("out/link", to: folder.path("elsewhere"))
    folder.link("out/inside", to: folder.path("out/real"))
    folder.link("out/broken", to: folder.path("nothing"))
    folder.link("linked", to: folder.path("out"))
    for root in ["out", "linked"].map({ folder.path($0) }) {
      let roots = OutputRoots([root])
      for (path, link) in [
        ("a.png", nil), ("real/deep/a.png", nil), ("missing/a.png", nil), ("link/a.png", "link"),
        ("link/deep/a.png", "link"), ("inside/deep/a.png", "inside"), ("broken/a.png", "broken"),
      ] {
        #expect(roots.link(onWayTo: "\(root)/\(path)") == link.map { "\(root)/\($0)" })
      }
      #expect(roots.resolved("\(root)/x/a.png") == folder.path("out/x/a.png"))
    }
  }
}
