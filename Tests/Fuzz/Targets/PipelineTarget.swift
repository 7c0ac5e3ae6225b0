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
    let all = try outcome(of: image, by: planner)

    var plain = planner
    plain.rewrites = []
    try compare(all, try outcome(of: image, by: plain), "rewrites leave all bits alone")
    let parallel = try Planner(pipeline, kernels: .selected(), workers: 2)
    try compare(
      all, try outcome(of: image, by: parallel),
      "the result does not depend on the number of workers")
    guard case .arrays = all else { return }
    try writeFiles(of: image, by: planner, in: folder)
    try WrittenDataset.check(image, by: pipeline, in: folder, limited)
  }

  /// What became of an image.
  enum Outcome {
    /// What files would hold.
    case arrays([ValueArray])
    /// The image, or what its plan needs, is over a limit.
    case tooLarge
    /// It was asked to end before its end.
    case outOfTime
    /// Something else is wrong with the image or the pipeline.
    case refused(any Error)

    init(_ error: CodecError) {
      switch error.reason {
      case .cancelled: self = .outOfTime
      case .tooManyPixels, .overLimit: self = .tooLarge
      default: self = .refused(error)
      }
    }

    init(_ error: PlanningError) throws(BrokenLaw) {
      if error.isBug { throw BrokenLaw(description: "planning comes to an end: \(error)") }
      self = error.isCancelled ? .outOfTime : .refused(error)
    }

    init(_ failure: RunFailure) throws(BrokenLaw) {
      switch failure.error {
      case .bug: throw BrokenLaw(description: "a run comes to an end: \(failure.error)")
      case .pictureReadBack, .arrayReadBack, .arrayDiffers:
        throw BrokenLaw(description: "what is written is read back: \(failure.error)")
      case .cancelled: self = .outOfTime
      case .input(let error): self = Outcome(error)
      default: self = .refused(failure.error)
      }
    }
  }

  /// Expects the same bits of two ways to them, or a refusal of both.
  private static func compare(_ left: Outcome, _ right: Outcome, _ law: String) throws {
    switch (left, right) {
    case (.arrays(let left), .arrays(let right)): try expect(same(left, right), law)
    case (.arrays, .refused(let error)), (.refused(let error), .arrays):
      throw BrokenLaw(description: "\(law): one of two ways ends with \(error)")
    default: break
    }
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
    _ image: String, for planner: Planner, _ cancellation: Cancellation
  ) throws(CodecError) -> ImageReader {
    var options = planner.decodeOptions
    options.maxPixels = min(options.maxPixels, 1 << 14)
    options.maxScans = min(options.maxScans, 8)
    return try ImageReader(path: image, options: options, cancellation: cancellation)
  }

  /// Asks to end when its time has come.
  private static var limited: Cancellation {
    let end = ContinuousClock.now + mostTime
    return Cancellation(when: { ContinuousClock.now > end })
  }

  /// What becomes of an image.
  static func outcome(
    of image: String, as identity: ImageIdentity = .example, by planner: Planner
  ) throws -> Outcome {
    let cancellation = limited
    let reader: ImageReader
    do throws(CodecError) {
      reader = try opened(image, for: planner, cancellation)
    } catch {
      return Outcome(error)
    }
    return try outcome(of: reader, as: identity, by: planner, cancellation)
  }

  /// What becomes of an image that is open.
  static func outcome(
    of reader: ImageReader, as identity: ImageIdentity = .example, by planner: Planner,
    _ cancellation: Cancellation
  ) throws -> Outcome {
    let plan: Plan
    do throws(PlanningError) {
      plan = try planner.plan(reader.header, of: identity, cancellation)
    } catch {
      return try Outcome(error)
    }
    guard isSmall(plan) else { return .tooLarge }
    var result = ImageResult()
    do throws(RunFailure) {
      try ImageExecution(
        plan.work, reader: reader, openingTime: .zero, outputs: [:], planner.tools,
        cancellation: cancellation
      ).execute(into: &result, workers: plan.work.workers)
    } catch {
      return try Outcome(error)
    }
    return .arrays(result.arrays.map(\.array))
  }

  private static func isSmall(_ plan: Plan) -> Bool {
    plan.byteCount.saturating(plus: plan.arrayByteCount) <= mostMemory
  }

  /// Writes the files, and closes those that have one name each.
  private static func writeFiles(
    of image: String, by planner: Planner, in folder: ScratchFolder
  ) throws {
    let cancellation = limited
    let reader = try opened(image, for: planner, cancellation)
    let plan = try planner.plan(reader.header, of: .example, Cancellation())
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
      _ = try Outcome(error)
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
