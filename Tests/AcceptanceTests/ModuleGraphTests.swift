import Foundation
import Testing

/// Which modules may import which: as Package.swift, the sources and docs/architecture.md say it.
@Suite struct ModuleGraphTests {
  typealias Graph = [String: Set<String>]

  /// The modules under Sources/, with the dependencies that Package.swift gives them.
  static let declared: Result<Graph, any Error> = Result {
    let text = try String(contentsOfFile: Repository.path + "/Package.swift", encoding: .utf8)
    var graph: Graph = [:]
    for target in text.components(separatedBy: "\n    .").dropFirst() {
      guard let kind = target.split(separator: "(").first,
        ["target", "executableTarget", "systemLibrary"].contains(kind),
        !target.contains("path: \""), let name = quoted(target).first
      else { continue }
      let list = target.components(separatedBy: "dependencies: [").dropFirst().first ?? "]"
      graph[name] = Set(quoted(list.prefix { $0 != "]" }))
    }
    let modules = Set(graph.keys)
    return graph.mapValues { $0.intersection(modules) }
  }

  /// The modules under Sources/, with the imports of their Swift files.
  static let imported: Result<Graph, any Error> = Result {
    let modules = try Set(declared.get().keys)
    var graph: Graph = Dictionary(uniqueKeysWithValues: modules.map { ($0, []) })
    let pattern =
      /^\s*(?:(?:@?\w+)\s+)*import\s+(?:(?:struct|class|enum|protocol|func|var|let)\s+)?(\w+)/
    for file in SourceFile.all {
      for line in file.text.split(separator: "\n") {
        guard let name = line.firstMatch(of: pattern)?.1, modules.contains(String(name)) else {
          continue
        }
        graph[file.module, default: []].insert(String(name))
      }
    }
    return graph
  }

  /// The section "Modules" of docs/architecture.md.
  static let section: Result<String, any Error> = Result {
    let path = Repository.path + "/docs/architecture.md"
    let page = try String(contentsOfFile: path, encoding: .utf8)
    return try #require(page.components(separatedBy: "\n## Modules\n").dropFirst().first)
      .components(separatedBy: "\n## ")[0]
  }

  /// The table "module → may import" of that section.
  static let documented: Result<Graph, any Error> = Result {
    var graph: Graph = [:]
    for row in try section.get().split(separator: "\n") where row.hasPrefix("| `") {
      let cells = row.split(separator: "|")
      let names = cells.prefix(2).map { $0.split(separator: "`").map(String.init).filter(isModule) }
      for name in names[0] { graph[name] = Set(names[1]) }
    }
    return graph
  }

  static let names: [String] = ((try? declared.get()) ?? [:]).keys.sorted()

  @Test("There are the modules that the folder Sources has, and all are documented")
  func modules() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Repository.path + "/Sources")
    #expect(Self.names == folders.sorted())
    #expect(try Self.documented.get().keys.sorted() == folders.sorted())
  }

  @Test("A module imports what Package.swift gives it, and nothing else", arguments: names)
  func imports(of module: String) throws {
    #expect(try Self.imported.get()[module] == Self.declared.get()[module])
  }

  @Test("The table of the document has the dependencies that there are", arguments: names)
  func table(of module: String) throws {
    #expect(try Self.documented.get()[module] == Self.declared.get()[module])
  }

  @Test("In the drawing every module stands once, above all that it imports: so there is no cycle")
  func drawing() throws {
    let block = try #require(
      Self.section.get().components(separatedBy: "```text\n").dropFirst().first
    )
    .components(separatedBy: "```")[0]
    var lines: [String: Int] = [:]
    for (number, line) in block.components(separatedBy: "\n").enumerated() {
      for name in line.matches(of: /\w+/).map({ String($0.0) }).filter(Self.isModule) {
        #expect(lines[name] == nil, "\(name) stands twice")
        lines[name] = number
      }
    }
    #expect(lines.keys.sorted() == Self.names)
    for (module, dependencies) in try Self.declared.get() {
      for dependency in dependencies {
        let (upper, lower) = try (#require(lines[module]), #require(lines[dependency]))
        #expect(upper < lower, "\(module) imports \(dependency)")
      }
    }
  }

  @Test("Files that the document names are there")
  func files() throws {
    let path = Repository.path + "/docs/architecture.md"
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let names = page.matches(of: /C?Tessera\w*\/[\w\/+]+\.swift/).map { String($0.0) }
    #expect(names.count > 20)
    for name in names {
      #expect(SourceFile.all.contains { $0.path == name }, "\(name)")
    }
  }

  private static func isModule(_ name: String) -> Bool {
    name.hasPrefix("Tessera") || name.hasPrefix("CTessera")
  }

  private static func quoted(_ text: some StringProtocol) -> [String] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}
