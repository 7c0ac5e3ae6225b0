import Glibc
import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline

/// Files that name inputs: the first byte chooses which.
enum ListTarget {
  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    guard let kind = bytes.first else { return }
    let content = Array(bytes.dropFirst())
    switch kind {
    case UInt8(ascii: "F"): try checkPaths(content, in: folder)
    case UInt8(ascii: "L"): try checkLabels(content, in: folder)
    case UInt8(ascii: "P"): try PlanTarget.run(content, in: folder)
    case UInt8(ascii: "S"): checkNumbers(content)
    case UInt8(ascii: "G"): checkGlob(content)
    case UInt8(ascii: "T"): checkTemplate(content)
    default: break
    }
  }

  /// A list of paths, parted by line breaks or NULs.
  private static func checkPaths(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    _ = InputList.isWide(bytes)
    var paths: [String] = []
    InputList.forEachPath(in: bytes) { paths.append($0) }
    var joined: [UInt8] = []
    for path in paths {
      path.withPathBytes { bytes in
        joined += UnsafeRawBufferPointer(start: bytes, count: strlen(bytes))
      }
      joined.append(0)
    }
    // A mark at the beginning would be taken away.
    if !joined.starts(with: [0xEF, 0xBB, 0xBF]) {
      var again: [String] = []
      InputList.forEachPath(in: joined) { again.append($0) }
      try expect(
        again.elementsEqual(paths) { $0.utf8.elementsEqual($1.utf8) },
        "paths that are parted by NULs are the same")
    }
    let naming = InputList.Naming(bytes, in: folder.path)
    for path in paths { _ = naming.names(of: path) }
  }

  private static func checkLabels(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let path = try folder.write(bytes, to: "labels.csv")
    do throws(LabelTableError) {
      _ = try LabelTable(path)["a.png"]
    } catch {
      _ = error.description
    }
  }

  private static func checkNumbers(_ bytes: [UInt8]) {
    guard let numbers = ShardNumbers(String(decoding: bytes, as: UTF8.self)) else { return }
    _ = numbers.description
    _ = numbers.count
  }

  /// A glob in the first line, a path in the second.
  private static func checkGlob(_ bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
    guard lines.count == 2 else { return }
    let (glob, path) = (
      String(decoding: lines[0], as: UTF8.self), String(decoding: lines[1], as: UTF8.self)
    )
    _ = InputNames(include: [glob], exclude: [], isRecursive: true).take(path)
  }

  private static func checkTemplate(_ bytes: [UInt8]) {
    do throws(NameTemplateError) {
      let template = try NameTemplate(String(decoding: bytes, as: UTF8.self))
      _ = template.name { _ in "a/b" }
      _ = template.hasExtension("png")
    } catch {
      _ = error
    }
  }
}

/// The files of a plan, parted by NULs: plan.json, inputs.jsonl, what is written of its first shard when
/// it is complete, and of the first two while they run.
private enum PlanTarget {
  static func run(_ bytes: [UInt8], in scratch: ScratchFolder) throws {
    let parts = bytes.split(separator: 0, maxSplits: 4, omittingEmptySubsequences: false)
    let folder = PlanFolder(scratch.path)
    let names = [
      "plan.json", "inputs.jsonl", "shards/00000.done.json", "shards/00000/running.json",
      "shards/00001/running.json",
    ]
    for (name, part) in zip(names, parts) { try scratch.write(part, to: name) }
    _ = try? folder.read()
    // No input would find the digest of a plan.
    let sealed = RunPlan.sealed(String(decoding: parts[0], as: UTF8.self))
    try scratch.write(sealed.utf8, to: "plan.json")
    var plan: RunPlan
    let digest: String
    do throws(PlanError) {
      (plan, digest) = try folder.read()
    } catch {
      _ = error.sentence(for: .command)
      return
    }
    try scratch.write(plan.text.utf8, to: "plan.json")
    try expect(try folder.read().plan == plan, "a plan that is written says the same")
    if parts.count > 2 {
      // Nor would one find it here.
      let done = String(decoding: parts[2], as: UTF8.self).replacing("DIGEST", with: digest)
      try scratch.write(sealed.utf8, to: "plan.json")
      try scratch.write(done.utf8, to: "shards/00000.done.json")
    }
    let status = try PlanStatus(of: folder)
    _ = (status.endedCount, status.failedCount, status.rate, status.failedShards, status.missing)
    guard parts.count > 1 else { return }
    let lines = parts[1].last == UInt8(ascii: "\n") ? parts[1].dropLast() : parts[1]
    plan.inputsDigest =
      parts[1].isEmpty ? XXHash64.hash([]).hexadecimal : XXHash64.hash(lines + [10]).hexadecimal
    try checkInputs(of: plan, in: folder)
  }

  private static func checkInputs(of plan: RunPlan, in folder: PlanFolder) throws {
    for range in plan.shards.prefix(8) {
      do throws(PlanError) {
        let inputs = try PlannedInputs(range, of: plan, in: folder, lookingAtFiles: false)
        for item in inputs.items.prefix(1000) { _ = item.source.path }
        if let pipeline = try? Pipeline(parsing: JSONWriter.compact(plan.pipeline)),
          let planner = try? Planner(pipeline, kernels: .selected()),
          let processor = try? PipelineProcessor(planner)
        {
          _ = processor.take(common: plan.common, of: inputs)
        }
      } catch {
        _ = error.sentence(for: .command)
      }
    }
    do throws(PlanError) { _ = try plan.files(ofShard: 0, in: folder) } catch {}
  }
}
