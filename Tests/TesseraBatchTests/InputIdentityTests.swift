import Glibc
import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// Inputs that nothing may replace, also where the system does not tell what they are.
struct InputIdentityTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("x", to: "in/a.png")
    folder.link("in/link.png", to: "a.png")
    folder.link("in/broken.png", to: "nothing.png")
    folder.link("in/chain.png", to: "broken.png")
    folder.link("in/self", to: "self")
    folder.link("other", to: "in")
  }

  private func identities(of names: [String]) -> InputIdentities {
    InputIdentities(
      ItemList(names.map { Item(file: folder.path($0), name: Path.name(of: $0), nil) }), jobs: 2)
  }

  @Test(
    "An input is known by whatever path leads to it, and a link to nothing by itself",
    arguments: [
      ("in/a.png", "other/a.png"), ("in/link.png", "in/a.png"), ("other/link.png", "in/a.png"),
      ("in/broken.png", "other/broken.png"), ("in/chain.png", "in/chain.png"),
    ])
  func known(_ input: String, _ output: String) throws {
    let path = folder.path(output)
    #expect(identities(of: ["in/a.txt", input]).input(at: path) == folder.path(input))
    #expect(identities(of: ["in/a.txt"]).input(at: path) == nil)
  }

  @Test(
    "What cannot be asked for is known by its place",
    arguments: [
      ("in/self/a.png", "in/self/a.png"), ("in/self/a.png", "other/self/a.png"),
      ("other/self/b.png", "in/self/b.png"), ("in/self/c.png", "in//./self/c.png"),
      (
        "\(String(repeating: "long", count: 70))/d.png",
        "in/../\(String(repeating: "long", count: 70))/d.png"
      ),
    ])
  func unknown(_ input: String, _ output: String) {
    let inputs = identities(of: ["in/a.png", input, "in/missing.png"])
    #expect(inputs.input(at: folder.path(output)) == folder.path(input))
    // What is missing cannot be written over.
    for other in ["in/missing.png", "in/self/other.png", "in/self"] {
      #expect(inputs.input(at: folder.path(other)) == nil, "\(other)")
    }
  }
}
