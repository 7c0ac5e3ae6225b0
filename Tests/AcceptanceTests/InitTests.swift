import Foundation
import Testing

/// Pipelines to start from, and what the bare command says.
@Suite struct InitTests {
  private static let kinds = ["roundtrip", "filter", "tiles", "vit", "denoise"]

  /// A folder of two photographs, one with opacity.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["astronaut.jpg", "coffee-rgba.png"] {
      try folder.copy(Repository.sample(name), to: name)
    }
    return folder
  }

  private static func text(in folder: TemporaryFolder, _ name: String) throws -> String {
    String(decoding: try folder.bytes(name), as: UTF8.self)
  }

  @Test("Every start runs as it is, again and again, and takes nothing from what others wrote")
  func runs() throws {
    let folder = try folder()
    for kind in Self.kinds {
      let written = try Command.run(["init", kind], in: folder.path)
      #expect(written.status == 0 && written.errors.isEmpty, "\(written.errors)")
      #expect(written.output.contains("tessera run \(kind).json"), "\(written.output)")
      #expect(try Command.run(["validate", "\(kind).json"], in: folder.path).status == 0)
    }
    #expect(try Self.text(in: folder, "pipeline.schema.json") == Command.run(["schema"]).output)
    for kind in Self.kinds + Self.kinds {
      let run = try Command.run(["run", "\(kind).json", "--json"], in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect((run.json?["counts"] as? [String: Int])?["total"] == 2, "\(kind): \(run.output)")
      let records = try folder.report(in: "out/\(kind)")
      #expect(records.map(\.source) == ["astronaut.jpg", "coffee-rgba.png"])
    }
    #expect(folder.files(in: "out/tiles").contains("astronaut_r0_c0.png"))
    #expect(folder.files(in: "out/vit").contains("data-00000.npy"))
  }

  @Test("Each says what it does and what to change, and names the schema beside it")
  func texts() throws {
    let folder = try folder()
    let listing = try Command.run(["init"], in: folder.path)
    #expect(listing.status == 0)
    for kind in Self.kinds {
      #expect(listing.output.contains("\n  \(kind) "), "\(listing.output)")
      #expect(try Command.run(["init", kind, "-o", "new/\(kind)"], in: folder.path).status == 0)
      let text = try Self.text(in: folder, "new/\(kind)/\(kind).json")
      #expect(text.contains(". To change: ") && text.contains(#""pipeline.schema.json""#))
      #expect(text.split(separator: "\n").allSatisfy { !$0.hasSuffix(" ") })
      #expect(
        folder.files(in: "new/\(kind)").sorted()
          == ["\(kind).json", "pipeline.schema.json"].sorted())
    }
  }

  @Test("What is there stays: a pipeline is refused, a schema serves")
  func existing() throws {
    let folder = try folder()
    try folder.write("mine", to: "filter.json")
    try folder.write("older", to: "pipeline.schema.json")
    let refused = try Command.run(["init", "filter"], in: folder.path)
    #expect(refused.status == 73 && refused.output.isEmpty)
    #expect(refused.errors == "error: 'filter.json' exists already; it stays as it is\n")
    #expect(try Self.text(in: folder, "filter.json") == "mine")
    #expect(try Command.run(["init", "tiles"], in: folder.path).status == 0)
    #expect(try Self.text(in: folder, "pipeline.schema.json") == "older")
  }

  @Test("Where the schema cannot be written, no pipeline is left")
  func noRoom() throws {
    let folder = try folder()
    try FileManager.default.createDirectory(
      atPath: folder.path("pipeline.schema.json"), withIntermediateDirectories: false)
    let refused = try Command.run(["init", "vit"], in: folder.path)
    #expect(refused.status == 73 && refused.errors.contains("pipeline.schema.json"))
    #expect(!folder.files(in: ".").contains("vit.json"))
    let onFile = try Command.run(["init", "vit", "--output", "astronaut.jpg"], in: folder.path)
    #expect(onFile.status == 73 && onFile.errors.contains("astronaut.jpg"), "\(onFile.errors)")
  }

  @Test(
    "Other kinds are refused, with the one that was meant",
    arguments: [
      ("fliter", "did you mean 'filter'?"), ("zzzzzz", "there are roundtrip, filter, tiles"),
    ])
  func unknown(_ kind: String, _ hint: String) throws {
    let folder = try folder()
    let refused = try Command.run(["init", kind], in: folder.path)
    #expect(refused.status == 64 && refused.errors.contains("there is no kind '\(kind)'"))
    #expect(refused.errors.contains(hint), "\(refused.errors)")
    #expect(folder.files(in: ".").count == 2)
  }

  @Test("A path that a shell would cut is shown in quotes")
  func quotes() throws {
    let folder = try folder()
    let name = "it's mine"
    let written = try Command.run(["init", "vit", "--output", name], in: folder.path)
    #expect(written.output.contains(#"tessera run 'it'\''s mine/vit.json'"#), "\(written.output)")
  }

  @Test("The bare command says what to try where there are images, and helps where there are none")
  func bare() throws {
    let folder = try folder()
    let said = try Command.run([], in: folder.path)
    #expect(said.status == 0 && said.errors.isEmpty)
    #expect(said.output.hasPrefix("2 images here (PNG, JPEG). Three things to try:\n"))
    let lines = said.output.split(separator: "\n").map(String.init)
    let commands = lines.filter { $0.hasPrefix("  tessera ") }
    #expect(commands.count == 3, "\(said.output)")
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(said.output)")
    // They are typed as they stand, by whoever has the command on the path.
    let path = URL(fileURLWithPath: Command.path).deletingLastPathComponent().path
    for command in commands {
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/bin/sh")
      shell.arguments = ["-ec", command]
      shell.currentDirectoryURL = URL(fileURLWithPath: folder.path)
      shell.environment = ["PATH": "\(path):/usr/bin:/bin"]
      (shell.standardOutput, shell.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
      try shell.run()
      shell.waitUntilExit()
      #expect(shell.terminationStatus == 0, "\(command)")
    }
    let empty = try TemporaryFolder()
    let help = try Command.run([], in: empty.path)
    #expect(help.status == 0 && help.output.contains("SUBCOMMANDS"))
    #expect(try Command.run(["--help"], in: folder.path).output == help.output)
  }
}
