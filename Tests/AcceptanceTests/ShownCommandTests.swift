import Foundation
import Testing

/// Every command that README, docs/ and `--help` show, typed as it stands there.
@Suite struct ShownCommandTests {
  /// Every page in Markdown, by its path from the repository; but those of engines, whose commands want
  /// the engines: Scripts/engines/ has their scripts at work; but that of packages, whose commands
  /// Scripts/bare-root.sh types; and but tutorials and pages that compare with other tools, which want
  /// those tools and Python: Tests/Pages types them.
  static let pages: [String] = {
    let paths = FileManager.default.enumerator(atPath: Repository.path)
    var pages: [String] = []
    while let path = paths?.nextObject() as? String {
      let name = path.split(separator: "/").last ?? ""
      if name.hasPrefix(".") || name == "node_modules"
        || ["docs/engines", "docs/tutorials", "docs/from", "site"].contains(path)
      {
        paths?.skipDescendants()
      } else if path == "docs/install.md" {
        continue
      } else if name.hasSuffix(".md") {
        pages.append(path)
      }
    }
    return pages.sorted()
  }()

  static let subcommands = [
    "run", "plan", "status", "merge", "validate", "explain", "stages", "schema", "verify",
    "roundtrip", "inspect", "fit", "view",
    "bank", "kernel-matrix",
  ]

  private func check(_ commands: [ShownCommand], _ page: String) throws {
    let place = try ReadersPlace()
    for command in commands {
      // Of a campaign, which installs what it needs and takes minutes, it is only seen that it is there.
      let campaign = command.text.prefixMatch(
        of:
          #/Scripts/(?:test\.sh )?(docs|pages|fuzz|torture|mutants|engines|(?:try-)?packages?|bare-root)/#
      )
      let outcome = try place.type(
        campaign.map { "bash -n Scripts/\($0.1).sh" } ?? command.text)
      #expect(
        outcome.status == 0 && !outcome.hasCrashed,
        "\(page):\(command.line): \(command.text): \(outcome.output.suffix(300)) \(outcome.errors)")
    }
  }

  @Test("Every command on a page can be typed, one after the other", arguments: pages)
  func page(_ path: String) throws {
    let text = try String(contentsOfFile: "\(Repository.path)/\(path)", encoding: .utf8)
    try check(ShownCommand.all(inPage: text), path)
  }

  @Test(
    "Every command in the help can be typed, and every subcommand shows one",
    arguments: [[]] + subcommands.map { [$0] })
  func help(_ subcommand: [String]) throws {
    let help = try Command.run(subcommand + ["--help"])
    #expect(help.status == 0)
    #expect(try Command.run(["help"] + subcommand).output == help.output)
    let commands = ShownCommand.all(inHelp: help.output)
    let name = (["tessera"] + subcommand).joined(separator: " ")
    #expect(commands.contains { $0.text.contains(name + " ") || $0.text == name })
    try check(commands, "\(name) --help")
  }

  @Test("Commands are found where pages and help show them, and nothing else is")
  func extraction() {
    let page = """
      # Title

      See `tessera stages` and `tessera
      schema`, `tessera`, `encode`, `Scripts/a.sh`, `Scripts`.

          tessera run a.json   # note

          find b

      ```json
          { "a": 1 }
      ```
      ```sh
      swift build
      ```
      - a list
          that goes on
      """
    #expect(
      ShownCommand.all(inPage: page) == [
        ShownCommand(line: 3, text: "tessera stages"),
        ShownCommand(line: 3, text: "tessera schema"),
        ShownCommand(line: 4, text: "Scripts/a.sh"),
        ShownCommand(line: 6, text: "tessera run a.json   # note"),
        ShownCommand(line: 8, text: "find b"), ShownCommand(line: 14, text: "swift build"),
      ])
    let help = """
      OVERVIEW: tessera does.

      USAGE: tessera run <file>

        tessera run a.json
            tessera is quick.
        find . | tessera run -
        -h   Show help.
      """
    #expect(ShownCommand.all(inHelp: help).map(\.line) == [5, 6, 7])
  }

  @Test("The pages and the help show at least what they are known to show")
  func counts() throws {
    let counts = try ["README.md", "CONTRIBUTING.md", "docs/benchmarks.md", "SECURITY.md"].map {
      ShownCommand.all(
        inPage: try String(contentsOfFile: "\(Repository.path)/\($0)", encoding: .utf8)
      ).count
    }
    #expect(zip(counts, [12, 10, 3, 3]).allSatisfy { $0 >= $1 }, "\(counts)")
    #expect(ShownCommand.all(inHelp: try Command.run(["--help"]).output).count >= 8)
  }

  @Test(
    "What is wrong fails, also where a program stands in",
    arguments: [
      "tessera run nowhere.json", "tessera stages unfoldd", "swift test --filter NoSuchThing",
      "swift tests", "Scripts/test.sh nothing", "Scripts/nothing.sh",
      "Benchmarks/run.sh --only nothing-of-this", "Benchmarks/run.sh --nothing",
      "false | tessera stages", "Scripts/sanitize.sh", "ls nothing",
    ])
  func wrong(_ line: String) throws {
    #expect(try ReadersPlace().type(line).status != 0)
  }

  @Test(
    "A list of paths on standard input is taken however it is spelt",
    arguments: [
      "find photos -print0 | tessera run blur.json --input - --output blurred",
      "find photos -print0 | tessera run blur.json -i @- -o blurred",
      "find photos -print0 | tessera run blur.json - -o blurred",
      "find photos -type f | tessera run blur.json @- -o blurred",
      "find photos -name '*.jpg' -print0 | tessera run blur.json --output blurred --input -",
      "find photos -print0 > list; tessera run blur.json @list -o blurred",
      "find photos -print0 | tessera run blur.json -i @/dev/stdin -o blurred",
      "find photos -print0 > list; tessera run blur.json @/dev/stdin -o blurred < list",
      "tessera run blur.json @<(find photos -type f) -o blurred",
    ])
  func lists(_ line: String) throws {
    let place = try ReadersPlace()
    let outcome = try place.type(line)
    #expect(outcome.status == 0 && outcome.errors.contains("2 images: 2 done"), "\(outcome.errors)")
    #expect(place.folder.outputs(in: "blurred") == ["photos/a.png", "photos/trip/b.png"])
  }

  @Test(
    "validate passes over a JSON Schema, which no other command takes for a pipeline",
    arguments: [
      ("tessera validate Pipelines/*.json", 0), ("tessera validate blur.json s.json", 0),
      ("tessera schema > s.json; tessera validate s.json blur.json", 0),
      ("tessera validate nowhere.json s.json", 66), ("tessera validate s.json", 66),
      (
        "echo '{ \"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"stages\": [] }' "
          + "> p.json; tessera validate p.json s.json", 78
      ),
      ("tessera run s.json", 78), ("tessera explain s.json", 78),
    ])
  func schemas(_ line: String, _ status: Int32) throws {
    let place = try ReadersPlace()
    try place.folder.copy("\(Repository.pipelines)/pipeline.schema.json", to: "s.json")
    let outcome = try place.type(line)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains("JSON Schema"))
    #expect(!outcome.errors.contains("unknown key") || line.contains("p.json"))
    #expect(try place.type("tessera validate <(cat blur.json)").status == 0)
  }
}
