import Glibc
import TesseraTestSupport
import TesseraThreads
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// What a search passes over, says of it, and takes once.
@Suite struct InputSearchTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["a.png", "b.jpg", "deep/c.png", "deep/er/d.png"] {
      try folder.write("x", to: name)
    }
  }

  private func found(
    _ discovery: InputDiscovery = InputDiscovery(), _ sources: InputSource...
  ) throws -> DiscoveredInputs { try discovery.inputs(in: sources) }

  private func path(_ name: String) -> InputSource { .path(folder.path(name)) }

  /// A list with some lines.
  private func list(_ lines: String..., named name: String = "list") throws -> InputSource {
    .list(try folder.write(lines.map { $0 + "\n" }.joined(), to: name))
  }

  @Test("Folders in lists are counted and passed over")
  func listedFolders() throws {
    let one = try found(InputDiscovery(), list("a.png", "deep"))
    #expect(one.items.map(\.name) == ["a.png"])
    #expect(one.warnings == ["passed over 1 folder in a list: only files in lists are inputs"])
    let more = try found(InputDiscovery(), list("deep", "a.png", "deep/er", "deep"))
    #expect(more.warnings == ["passed over 3 folders in a list: only files in lists are inputs"])
    #expect(try found(InputDiscovery(), list("a.png")).warnings == [])
  }

  @Test("Files that are named and that the pipeline does not take are counted")
  func leftOut() throws {
    let words = #"by "include", "exclude" and "recursive" of the pipeline"#
    let one = try found(InputDiscovery(include: ["*.png"]), path("a.png"), path("b.jpg"))
    #expect(one.items.map(\.name) == ["a.png"] && one.warnings == ["left out 1 file \(words)"])
    let listed = try found(
      InputDiscovery(isRecursive: false), list("a.png", "deep/c.png", "deep/er/d.png", "deep"))
    #expect(listed.items.map(\.name) == ["a.png"])
    #expect(
      listed.warnings == [
        "passed over 1 folder in a list: only files in lists are inputs",
        "left out 2 files \(words)",
      ])
    #expect(throws: DiscoveryError.self) {
      try self.found(InputDiscovery(exclude: ["*.png"]), path("a.png"))
    }
  }

  @Test("Paths that cannot be asked for fail by themselves beside others, and alone end the search")
  func refusals() throws {
    folder.link("self", to: "self")
    let beside = try found(InputDiscovery(), path("self"), path("a.png"))
    #expect(beside.items.map(\.name) == ["a.png", "self"])
    #expect {
      try self.found(InputDiscovery(), path("self"))
    } throws: { error in
      guard case .unreadable(let error)? = error as? DiscoveryError else { return false }
      return error.path == folder.path("self") && error.code == ELOOP
    }
    // What the pipeline leaves out is not asked for.
    let out = try found(InputDiscovery(exclude: ["self"]), path("self"), path("a.png"))
    #expect(out.items.map(\.name) == ["a.png"])
  }

  @Test("A glob below a file, or below nothing, is told by the folder that there is not")
  func globs() throws {
    #expect(
      throws: DiscoveryError.unreadable(FileError(.read, folder.path("a.png"), code: ENOTDIR))
    ) { try found(InputDiscovery(), path("a.png/*.png")) }
    #expect(throws: DiscoveryError.unreadable(FileError(.read, folder.path("no"), code: ENOENT))) {
      try found(InputDiscovery(), path("no/*.png"))
    }
  }

  @Test("The folder of the outputs is told as the one that is loaded, by the name that was given")
  func outputs() throws {
    folder.link("alias", to: folder.path("deep"))
    let discovery = InputDiscovery(outputFolders: [folder.path("deep"), folder.path("none")])
    #expect(throws: DiscoveryError.outputFolderIsInput(folder.path("alias"))) {
      try self.found(discovery, path("alias"))
    }
    folder.link("loop", to: "loop")
    let error = #expect(throws: DiscoveryError.self) {
      try self.found(InputDiscovery(outputFolders: [folder.path("loop")]), path("a.png"))
    }
    #expect(error == .outputFolderUnknown(FileError(.create, folder.path("loop"), code: ELOOP)))
    // A folder below a file is none, and holds nothing.
    let below = InputDiscovery(outputFolders: [folder.path("a.png/out")])
    #expect(try found(below, path("a.png")).items.count == 1)
  }

  @Test("Lists of wide characters are told by their names, and an ended search finds nothing")
  func wide() throws {
    let list = try folder.write([0xFF, 0xFE, 0x61, 0], to: "wide")
    #expect(throws: DiscoveryError.listOfWideCharacters(list)) {
      try self.found(InputDiscovery(), .list(list))
    }
    #expect(throws: DiscoveryError.cancelled) {
      try InputDiscovery().inputs(in: [path("")], cancellation: Cancellation { true })
    }
  }

  @Test(
    "A file counts once, under the source that was given first, by whatever links it is reached")
  func once() throws {
    folder.link("linked", to: folder.path("deep"))
    folder.link("e.png", to: folder.path("deep/c.png"))
    func paths(_ sources: InputSource...) throws -> [String] {
      try InputDiscovery().inputs(in: sources).items.map {
        String($0.source.path.dropFirst(folder.path.count + 1))
      }
    }
    #expect(try paths(path("deep"), path("linked")) == ["deep/c.png", "deep/er/d.png"])
    #expect(try paths(path("linked"), path("deep")) == ["linked/c.png", "linked/er/d.png"])
    #expect(try paths(path("e.png"), path("deep")) == ["e.png", "deep/er/d.png"])
    #expect(try paths(path("deep"), path("e.png")) == ["deep/c.png", "deep/er/d.png"])
    #expect(try paths(path("a.png"), path("deep/../a.png"), path("b.jpg")) == ["a.png", "b.jpg"])
    // One source may name a file by a link to it as well.
    #expect(try paths(path("")) == ["a.png", "b.jpg", "deep/c.png", "deep/er/d.png", "e.png"])
  }

  @Test("Files that are missing count once, unless nobody knows whether two spellings are of one")
  func missing() throws {
    func names(_ lines: String...) throws -> [String] {
      let list = try folder.write(lines.map { $0 + "\n" }.joined(), to: "list")
      return try InputDiscovery().inputs(in: [.list(list)]).items.map {
        String($0.source.path.dropFirst(folder.path.count + 1))
      }
    }
    #expect(
      try names("no/x.png", "no/./x.png", "no//x.png", "no/y.png") == ["no/x.png", "no/y.png"])
    #expect(try names("no/x.png", "no/up/../x.png") == ["no/up/../x.png", "no/x.png"])
    // A name with two dots in it goes nowhere.
    #expect(try names("no/..x.png", "no/./..x.png") == ["no/..x.png"])
    folder.link("broken.png", to: folder.path("nothing"))
    #expect(try names("broken.png", "./broken.png") == ["broken.png"])
  }
}
