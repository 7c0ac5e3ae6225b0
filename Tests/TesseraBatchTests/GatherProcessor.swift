import Glibc
import TesseraCore

@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraThreads

/// Puts the contents of several items into one file, and fails as they ask.
///
/// An item whose text begins with "fail", "misfit", "locked", "full" fails while it is processed,
/// when it is planned, as something that may pass, and when its slot is closed; "nameless" lets the
/// whole file fail at the end.
final class GatherProcessor: InputProcessor {
  let itemsPerShard: Int
  /// Names in the order in which they were processed.
  let processed = Locked<[String]>([])
  /// Items in work, now and at most.
  let inWork = Locked((now: 0, most: 0))
  /// How collectors and their slots have ended, in the order in which they were told to.
  let ends = Locked<[String]>([])
  private let folder: String
  private let fileName: @Sendable (Int) -> String
  private let delay: @Sendable (Item) -> Int
  private let onProcess: @Sendable (Int) -> Void
  private let onOpening: @Sendable (String) -> Void

  init(
    to folder: String, itemsPerShard: Int,
    fileName: @escaping @Sendable (Int) -> String = { "part-\($0).txt" },
    delay: @escaping @Sendable (Item) -> Int = { _ in 0 },
    onProcess: @escaping @Sendable (Int) -> Void = { _ in },
    onOpening: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.folder = folder
    self.itemsPerShard = itemsPerShard
    self.fileName = fileName
    self.delay = delay
    self.onProcess = onProcess
    self.onOpening = onOpening
  }

  struct Preparation: PreparedInput {
    var item: Item
    var text: String
    var planned: PlannedInput
  }

  /// One file, to which slots append their texts when they are closed.
  final class Gathering: Collector {
    final class Slot: ItemSink {
      private let gathering: Gathering
      private let position: Int
      var text = ""

      init(_ gathering: Gathering, _ position: Int) {
        self.gathering = gathering
        self.position = position
      }

      func finish() throws(InputFailure) {
        gathering.tell("finish \(position)")
        try gathering.append(text)
      }

      func discard() { gathering.tell("discard \(position)") }
    }

    private let file: AtomicFile
    var files: [AtomicFile] { [file] }
    private var byteCount = 0
    private var isNameless = false
    private let tell: @Sendable (String) -> Void

    init(at path: String, tell: @escaping @Sendable (String) -> Void) throws(FileError) {
      file = try AtomicFile(at: path)
      self.tell = tell
    }

    func slot(_ position: Int) -> Slot { Slot(self, position) }

    private func append(_ text: String) throws(InputFailure) {
      if text.hasPrefix("full") {
        throw InputFailure(output: FileError(.write, file.path, code: ENOSPC))
      }
      if text.hasPrefix("nameless") { isNameless = true }
      do throws(FileError) {
        try file.write((text + "\n").utf8)
      } catch {
        throw InputFailure(output: error)
      }
      byteCount += text.utf8.count + 1
    }

    func commit(besides names: TakenNames) throws(InputFailure) -> [OutputFile] {
      tell("commit")
      var output = OutputFile(
        path: file.path, byteCount: byteCount, shape: [byteCount], dtype: "uint8")
      do throws(InputFailure) {
        output.isAdopted = try names.adopts(file)
        do throws(FileError) {
          if isNameless { throw FileError(.create, file.path, code: EACCES) }
          if output.isAdopted { file.discard() } else { try file.finish() }
        } catch {
          throw InputFailure(output: error)
        }
      } catch {
        file.discard()
        throw error
      }
      return [output]
    }

    func discard() {
      tell("discard")
      file.discard()
    }
  }

  func outputs(of place: ShardPlace, in items: ItemList) -> [OutputName] {
    [OutputName(Path.join(folder, fileName(place.items.lowerBound / itemsPerShard)))]
  }

  func prepare(_ item: Item, cancellation: Cancellation) throws(InputFailure) -> Preparation {
    let text: String
    do throws(FileError) {
      text = String(decoding: try FileSystem.content(of: item.source.path), as: UTF8.self)
    } catch {
      throw InputFailure(input: error)
    }
    if text.hasPrefix("misfit") {
      throw InputFailure(.plan, "3 channels, expected 1", stageIndex: 1, isPlanning: true)
    }
    return Preparation(
      item: item, text: text,
      planned: PlannedInput(outputs: [], memoryByteCount: text.utf8.count, summary: ""))
  }

  func collector(
    for shard: Shard, plans: [PlannedInput?]
  ) throws(InputFailure) -> Gathering {
    onOpening(shard.outputs[0].path)
    do throws(FileError) {
      return try Gathering(at: shard.outputs[0].path) { [ends] end in
        ends.withLock { $0.append(end) }
      }
    } catch {
      throw InputFailure(output: error)
    }
  }

  func collectorByteCount(for shard: Shard, plans: [PlannedInput?]) -> Int { 5 }

  func process(
    _ prepared: Preparation, into slot: Gathering.Slot, cancellation: Cancellation
  ) throws(Cancelled) -> InputResult {
    inWork.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
    defer { inWork.withLock { $0.now -= 1 } }
    let count = processed.withLock {
      $0.append(prepared.item.name)
      return $0.count
    }
    onProcess(count)
    usleep(UInt32(delay(prepared.item)))
    try cancellation.check()
    if prepared.text.hasPrefix("fail") {
      return InputResult(error: InputFailure(.malformed, "its data ends early"))
    }
    if prepared.text.hasPrefix("locked") {
      return InputResult(error: InputFailure(.unreadable, "cannot read it"))
    }
    slot.text = prepared.text
    var result = InputResult()
    result.source = ImageShape(channels: 1, height: 1, width: prepared.text.utf8.count)
    return result
  }
}
