import TesseraFiles
import Testing

@testable import TesseraBatch

@Suite("Lists of items")
struct ItemListTests {
  private static func item(
    _ name: String, at path: String, root: String = "", byteCount: Int = 1
  ) -> Item {
    var item = Item(
      name: name, source: ByteSource(path: path), byteCount: byteCount, modificationTime: -7)
    item.root = root
    return item
  }

  private static let items = [
    item("b/x.png", at: "in/b/x.png", root: "in", byteCount: 3),
    item("a.png", at: "a.png"),
    item("e\u{301}.png", at: "in/e\u{301}.png", byteCount: .max),
    item("\u{E9}.png", at: "in/\u{E9}.png"),
    // The path is no path to a file of this name, as in a list that spells it otherwise.
    item("b/x.png", at: "in/./b/../b//x.png", root: "other"),
    item(String(repeating: "n", count: 300), at: "/" + String(repeating: "n", count: 300)),
    item("", at: ""),
    {
      var part = item("member.png", at: "shards/member.png")
      part.source = ByteSource(path: "shards/member.png", offset: 5, byteCount: 9)
      return part
    }(),
  ]

  @Test("every item comes back as it was given, whatever its name and path have in common")
  func items() {
    let list = ItemList(Self.items)
    #expect(list.count == Self.items.count)
    for (kept, given) in zip(list, Self.items) {
      #expect(kept == given && kept.root == given.root)
    }
  }

  @Test("an item can be changed, in its name too, and the others stay")
  func changed() {
    var list = ItemList(Self.items)
    list[1].byteCount = 99
    list[2] = Self.item("z", at: "elsewhere/z", root: "r")
    var expected = Self.items
    expected[1].byteCount = 99
    expected[2] = Self.item("z", at: "elsewhere/z", root: "r")
    #expect(Array(list) == expected && list[2].root == "r")
  }

  @Test("the order is that of the bytes of names, then of paths")
  func order() {
    var list = ItemList(Self.items)
    list.sort()
    #expect(
      list.map(\.name) == [
        "", "a.png", "b/x.png", "b/x.png", "e\u{301}.png", "member.png",
        String(repeating: "n", count: 300), "\u{E9}.png",
      ])
    #expect(list[2].source.path == "in/./b/../b//x.png" && list[3].source.path == "in/b/x.png")
  }
}
