import Tessera
import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

/// A pipeline file up to the first NUL, and an image behind it.
enum PipelineTarget {
  /// Bytes that a plan may hold.
  private static let mostMemory = 32 << 20
  /// Seconds after which a run is asked to end, and must.
  private static let mostTime = Duration.seconds(2)

  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    guard let end = bytes.firstIndex(of: 0) else { return }
    let image = try folder.write(bytes[(end + 1)...], to: "image")
    guard
      let pipeline = try? Pipeline(
        parsing: Array(bytes[..<end]), file: folder.path("pipeline.json"))
    else { return }
    // What a program does is its own.
    if pipeline.stages.contains(where: { !$0.programs.isEmpty }) { return }
    guard let planner = try? Planner(pipeline, kernels: .selected()),
      planner.source.patchInputs == nil
    else { return }
    guard let all = arrays(of: image, by: planner) else { return }

    var plain = planner
    plain.rewrites = []
    if let arrays = arrays(of: image, by: plain) {
      try expect(same(arrays, all), "rewrites leave all bits alone")
    }
    if let parallel = try? Planner(pipeline, kernels: .selected(), workers: 2),
      let arrays = arrays(of: image, by: parallel)
    {
      try expect(same(arrays, all), "the result does not depend on the number of workers")
    }
    try writeFiles(of: image, by: planner, in: folder)
  }

  /// Bits, as no NaN equals itself.
  private static func same(_ left: [ValueArray], _ right: [ValueArray]) -> Bool {
    left.elementsEqual(right) { left, right in
      guard left.shape == right.shape else { return false }
      if case .float32(let left) = left.values, case .float32(let right) = right.values {
        return left.elementsEqual(right) { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }
      }
      return left.values == right.values
    }
  }

  private static func opened(
    _ image: String, by planner: Planner, _ cancellation: Cancellation
  ) -> (reader: ImageReader, plan: Plan)? {
    var options = planner.decodeOptions
    options.maxPixels = min(options.maxPixels, 1 << 14)
    options.maxScans = min(options.maxScans, 8)
    guard
      let reader = try? ImageReader(path: image, options: options, cancellation: cancellation),
      let plan = try? planner.plan(reader.header, of: .example, cancellation),
      isSmall(plan)
    else { return nil }
    return (reader, plan)
  }

  /// Asks to end when its time has come.
  private static var limited: Cancellation {
    let end = ContinuousClock.now + mostTime
    return Cancellation(when: { ContinuousClock.now > end })
  }

  /// What files would hold; `nil` where there would be none.
  private static func arrays(of image: String, by planner: Planner) -> [ValueArray]? {
    let cancellation = limited
    guard let (reader, plan) = opened(image, by: planner, cancellation) else { return nil }
    return arrays(of: reader, by: plan, planner.tools, cancellation)
  }

  /// What files would hold of an image that is open; `nil` where there would be none.
  static func arrays(
    of reader: ImageReader, by planner: Planner, _ cancellation: Cancellation
  ) -> [ValueArray]? {
    guard let plan = try? planner.plan(reader.header, of: .example, cancellation),
      isSmall(plan)
    else { return nil }
    return arrays(of: reader, by: plan, planner.tools, cancellation)
  }

  private static func isSmall(_ plan: Plan) -> Bool {
    plan.byteCount.saturating(plus: plan.arrayByteCount) <= mostMemory
  }

  private static func arrays(
    of reader: ImageReader, by plan: Plan, _ tools: RunTools, _ cancellation: Cancellation
  ) -> [ValueArray]? {
    var result = ImageResult()
    do throws(RunFailure) {
      try ImageExecution(
        plan.work, reader: reader, openingTime: .zero, outputs: [:], tools,
        cancellation: cancellation
      ).execute(into: &result, workers: plan.work.workers)
    } catch {
      return nil
    }
    return result.arrays.map(\.array)
  }

  /// Writes the files, and closes those that have one name each.
  private static func writeFiles(
    of image: String, by planner: Planner, in folder: ScratchFolder
  ) throws {
    let cancellation = limited
    guard let (reader, plan) = opened(image, by: planner, cancellation) else { return }
    var outputs: [Int: [String]] = [:]
    for (stage, files) in planner.pipeline.outputStages {
      if files.dataset != nil || plan.channelFiles(ofStage: stage) != nil { return }
      if let file = plan.file(ofStage: stage), !file.companions.isEmpty { return }
      outputs[stage] = [folder.path("out\(stage).\(files.fileExtension)")]
    }
    var result = ImageResult()
    do throws(RunFailure) {
      try ImageExecution(
        plan.work, reader: reader, openingTime: .zero, outputs: outputs, planner.tools,
        cancellation: cancellation
      ).execute(into: &result, workers: plan.work.workers)
    } catch {
      return
    }
    for file in result.files { try file.file.finish(synchronized: false) }
    for case let path? in outputs.values.map(\.first) where FileStatus(of: path) != nil {
      var options = DecodeOptions()
      options.maxPixels = 1 << 26
      if path.hasSuffix(".png") || path.hasSuffix(".jpg") {
        do throws(CodecError) {
          _ = try DecodedImage(path, options)
        } catch {
          throw BrokenLaw(description: "an image that is written can be read: \(error)")
        }
      }
    }
  }
}
