import Foundation
import Testing

/// Sessions at a terminal: every line is typed again, and every word of the answers compared.
///
/// After a change that is meant, `TESSERA_TRANSCRIPTS=write swift test --filter TranscriptTests` writes
/// the answers anew; the difference is to be read as whoever gets them would.
@Suite(.timeLimit(.minutes(10))) struct TranscriptTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Transcripts").path

  static let names: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
    return (names ?? []).filter { $0.hasSuffix(".txt") }.sorted()
  }()

  @Test("All sessions are there")
  func all() { #expect(Self.names.count == 9) }

  @Test("What is typed is answered as it was before", arguments: names)
  func session(_ name: String) throws {
    let path = "\(Self.folder)/\(name)"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let place = try Place()
    var found: [String] = []
    for line in text.components(separatedBy: "\n") where line.hasPrefix("$ ") {
      found += [line] + (try place.answer(to: String(line.dropFirst(2))))
    }
    if ProcessInfo.processInfo.environment["TESSERA_TRANSCRIPTS"] == "write" {
      try (found.joined(separator: "\n") + "\n").write(
        toFile: path, atomically: true, encoding: .utf8)
    }
    let expected = text.components(separatedBy: "\n").dropLast()
    for change in found.difference(from: Array(expected)) {
      switch change {
      case .insert(let offset, let line, _): Issue.record("\(name):\(offset + 1): new: \(line)")
      case .remove(let offset, let line, _): Issue.record("\(name):\(offset + 1): gone: \(line)")
      }
    }
  }

  /// A folder with three small arrays in `in`, two photographs in `photos`, `copy.json`, and the command.
  private struct Place {
    let bench: Workbench

    init() throws {
      bench = try Workbench()
      try bench.folder.copy(Repository.sample("camera-gray.jpg"), to: "photos/camera.jpg")
      try bench.folder.copy(Repository.sample("coffee-rgba.png"), to: "photos/coffee.png")
      try FileManager.default.createDirectory(
        atPath: bench.folder.path("programs"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: bench.folder.path("programs/tessera"), withDestinationPath: Command.path)
    }

    /// The lines that come, and the status where it is not 0.
    func answer(to line: String) throws -> [String] {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
      let outcome = try Command.run(
        [], in: bench.folder.path,
        environment: [
          "PATH": "\(bench.folder.path("programs")):\(path)", "BASH_ENV": "", "LC_ALL": "C.UTF-8",
        ],
        through: ["bash", "-c", "exec 2>&1; \(line)"])
      var lines = masked(outcome.output).components(separatedBy: "\n")
      if lines.last == "" { lines.removeLast() }
      return outcome.status == 0 ? lines : lines + ["[\(outcome.status)]"]
    }

    /// An answer without what differs from machine to machine and from day to day.
    private func masked(_ text: String) -> String {
      text.replacing(bench.folder.path, with: "FOLDER")
        .replacing(/(digest (?:of the plan )?|"digest":"|with the pipeline )[0-9a-f]{16}/) {
          "\($0.1)DIGEST"
        }
        .replacing(/[\d.]+ (images|MPix)\/s/) { "# \($0.1)/s" }
        .replacing(/[\d.]+ s\b/, with: "# s")
        .replacing(/"seconds":[\d.e-]+/, with: "\"seconds\":#")
        // The words of the library that reads arguments.
        .replacing(/\n(Usage:|Help:|  See ')[^\n]*/, with: "")
    }
  }
}
