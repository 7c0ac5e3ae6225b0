import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// One of the steps that a preset comes down to.
struct PresetStep: Hashable, Sendable {
  /// What is done.
  enum Work: Hashable, Sendable {
    /// Opacity goes onto white; what is not RGB becomes it.
    case onWhite
    /// A stage, as a pipeline file has it.
    case stage(JSONValue)
    /// A resize of floats with weights in single precision, which no stage has.
    case floats(Size, ResizeFilter)
  }

  var work: Work

  /// Appends what the step comes down to.
  func append(to lowered: inout Lowered, in context: StageContext) throws(StageError) {
    let next: Lowered
    let text: String
    switch work {
    case .onWhite:
      next = try lowered.layout.onWhite()
      text = "opacity onto white, gray repeated"
    case .floats(let size, let filter):
      next = lowered.layout.resized(to: size, filter: filter, precision: .single)
      text = "\(filter.rawValue) to \(size), of floats, weights in single precision"
    case .stage(let value):
      do throws(StageError) {
        text = JSONWriter.compact(value)
        next = try context.written.stage(value, text).lower(lowered.layout, in: context)
      } catch {
        // Keys of other stages are none of this one's.
        throw StageError(StepRefusal(step: name, reason: error.description))
      }
    }
    lowered.layout = next.layout
    lowered.operators += next.operators
    lowered.steps.append(Lowered.Step(name: name, layout: next.layout, text: text))
  }

  /// What tables call it.
  var name: String {
    switch work {
    case .onWhite: "rgb"
    case .stage(let value): value["stage"]?.string ?? ""
    case .floats: "resize"
    }
  }
}

/// Why one of a preset's steps cannot work.
private struct StepRefusal: StageRefusal {
  var step: String
  var reason: String
  var key: String? { nil }
  var description: String { "its \(step): \(reason)" }
}

extension PresetRecipe {
  /// The steps on an image.
  ///
  /// - Parameters:
  ///   - input: what reaches the stage.
  ///   - cutsPatches: whether the model's patches are cut.
  /// - Returns: the steps in their order.
  /// - Throws: `StageError` where the model takes no such image.
  func steps(on input: Layout, cutsPatches: Bool) throws(StageError) -> [PresetStep] {
    var works: [PresetStep.Work] = input.isOpaqueRGB ? [] : [.onWhite]
    let size = try computedSize(of: input.size)
    if resizesFloats {
      works.append(.stage(normalize(input, scales: true, centers: false)))
      if let size { works.append(.floats(size, filter)) }
    } else if let size {
      works.append(.stage(resize(to: .array([number(size.height), number(size.width)]))))
    } else if case .shortestSide(let side) = resizing {
      works.append(.stage(resize(to: .number(JSONNumber(side)))))
    }
    if let crop { works.append(.stage(cropStage(to: crop))) }
    if !resizesFloats {
      works.append(.stage(normalize(input, scales: true, centers: true)))
    } else if mean != nil {
      works.append(.stage(normalize(input, scales: false, centers: true)))
    }
    if cutsPatches, let patchSize {
      works.append(
        .stage(["stage": "unfold", "kernel_size": number(patchSize), "stride": number(patchSize)]))
    }
    return works.map { PresetStep(work: $0) }
  }

  private func number(_ value: Int) -> JSONValue { JSONValue(.number(JSONNumber(value))) }

  private func list(_ values: [Double]) -> JSONValue {
    JSONValue(.array(values.map { JSONValue(.number(JSONNumber($0))) }))
  }

  private func resize(to size: JSONValue.Kind) -> JSONValue {
    ["stage": "resize", "size": JSONValue(size), "filter": JSONValue(.string(filter.rawValue))]
  }

  private func cropStage(to size: Size) -> JSONValue {
    let sides: JSONValue = [number(size.height), number(size.width)]
    return cropsToEven
      ? ["stage": "crop", "size": sides, "rounding": "half_even"]
      : ["stage": "crop", "size": sides]
  }

  private func normalize(_ input: Layout, scales: Bool, centers: Bool) -> JSONValue {
    var members = [JSONMember("stage", "normalize")]
    let scale = scales ? scale(input) : "none"
    if scale.string != "unit" { members.append(JSONMember("scale", scale)) }
    if centers, let mean, let std {
      members += [JSONMember("mean", list(mean)), JSONMember("std", list(std))]
    }
    return JSONValue(.object(members))
  }

  /// What values are multiplied by, where factors are meant for bytes.
  private func scale(_ input: Layout) -> JSONValue {
    let factor: Double
    switch rescaling {
    case .unit: return "unit"
    case .none where input.fullScale == 255: return "none"
    case .none: factor = 1
    case .factor(let number): factor = number
    }
    let bytes = input.fullScale == 255 ? factor : factor * 255 / input.fullScale
    return JSONValue(.number(JSONNumber(bytes)))
  }
}
