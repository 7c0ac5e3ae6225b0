import Glibc
import TesseraCore

@testable import TesseraBatch
@testable import TesseraConfiguration
@testable import TesseraFiles
@testable import TesseraThreads

/// Copies inputs, and fails as their contents ask.
///
/// A file whose text begins with "fail", "misfit", "full", "bug" fails in that way; "slow" takes
/// 20 ms and looks for a cancellation; "two" gives a file per channel.
final class CopyProcessor: InputProcessor {
  let destinations: [Destination]
  let itemsPerShard: Int
  /// Sources in the order in which they were processed.
  let processed = Locked<[String]>([])
  private let delay: @Sendable (Item) -> Int
  private let onProcess: @Sendable (Int) -> Void
  private let onPrepare: @Sendable (Item) -> Void

  /// Creates a processor that writes to `folders`, after so many microseconds for each input.
  ///
  /// `onProcess` is called with how many inputs have been begun, `onPrepare` with each that was opened.
  init(
    to folders: [String], fileExtension: String = "out", name: String? = nil,
    itemsPerShard: Int = 1,
    delay: @escaping @Sendable (Item) -> Int = { _ in 0 },
    onProcess: @escaping @Sendable (Int) -> Void = { _ in },
    onPrepare: @escaping @Sendable (Item) -> Void = { _ in }
  ) throws {
    let template = try name.map { try NameTemplate($0) }
    destinations = folders.enumerated().map { index, folder in
      Destination(
        stageIndex: index + 1, directory: folder, fileExtension: fileExtension,
        nameTemplate: template)
    }
    self.delay = delay
    self.itemsPerShard = itemsPerShard
    self.onProcess = onProcess
    self.onPrepare = onPrepare
  }

  /// An input and what it would give.
  struct Preparation: PreparedInput {
    var input: Item
    var planned: PlannedInput
  }

  func prepare(_ input: Item, cancellation: Cancellation) throws(InputFailure) -> Preparation {
    let file = FileStatus(of: input.source.path)
    let text = try Self.text(of: input)
    onPrepare(input)
    if text.hasPrefix("misfit") {
      throw InputFailure(.plan, "3 channels, expected 1", stageIndex: 1, isPlanning: true)
    }
    var planned = PlannedInput(
      outputs: finalNames(input, text), memoryByteCount: text.utf8.count,
      summary: "\(text.utf8.count) bytes")
    planned.openedFile = file
    return Preparation(input: input, planned: planned)
  }

  func outputs(of place: ShardPlace, in items: ItemList) -> [OutputName] {
    place.items.flatMap { index in
      destinations.map { OutputName($0.basePath(for: items[index]), item: index) }
    }
  }

  func writes(_ path: String, for item: Item) -> Bool {
    destinations.contains { $0.writes(path, for: item) }
  }

  func collector(for shard: Shard, plans: [PlannedInput?]) -> FileCollector { FileCollector() }

  func process(
    _ prepared: Preparation, into slot: FileCollector.Slot, cancellation: Cancellation
  ) throws(Cancelled) -> InputResult {
    let input = prepared.input
    let count = processed.withLock { sources in
      sources.append(input.name)
      return sources.count
    }
    onProcess(count)
    usleep(UInt32(delay(input)))
    do throws(InputFailure) {
      let text = try Self.text(of: input)
      if text.hasPrefix("slow") { usleep(20_000) }
      if cancellation.isCancelled { throw InputFailure(.bug, "cancelled") }
      return try written(text, finalNames(input, text), into: slot)
    } catch {
      try cancellation.check()
      return InputResult(error: error)
    }
  }

  private func finalNames(_ input: Item, _ text: String) -> [String] {
    guard text.hasPrefix("two") else { return destinations.map { $0.basePath(for: input) } }
    return destinations.flatMap {
      [$0.path(for: input, channel: "0"), $0.path(for: input, channel: "1")]
    }
  }

  private func written(
    _ text: String, _ paths: [String], into slot: FileCollector.Slot
  ) throws(InputFailure) -> InputResult {
    if text.hasPrefix("fail") { throw InputFailure(.malformed, "its data ends early") }
    if text.hasPrefix("bug") { throw InputFailure(.bug, "this cannot be") }
    var result = InputResult()
    do throws(FileError) {
      if text.hasPrefix("full") { throw FileError(.write, paths[0], code: ENOSPC) }
      for path in paths {
        let file = try AtomicFile(at: path)
        try file.write(text.utf8)
        slot.add(file, shape: [text.utf8.count], dtype: "uint8")
      }
    } catch {
      throw InputFailure(output: error)
    }
    result.source = ImageShape(channels: 1, height: 1, width: text.utf8.count)
    return result
  }

  private static func text(of input: Item) throws(InputFailure) -> String {
    do throws(FileError) {
      return String(decoding: try FileSystem.content(of: input.source.path), as: UTF8.self)
    } catch {
      throw InputFailure(input: error)
    }
  }
}
