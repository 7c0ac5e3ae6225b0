import TesseraBatch
import TesseraCodecs
import TesseraEngine
import TesseraPipeline

extension InputFailure {
  /// What ended the run of an image.
  init(_ failure: RunFailure) {
    let reason = failure.error.description
    switch failure.error {
    case .input(let error): self.init(input: error)
    case .output(let error): self.init(output: error, stageIndex: failure.stageIndex)
    case .encoder: self.init(.write, reason, stageIndex: failure.stageIndex)
    case .missed, .pictureReadBack, .arrayReadBack, .arrayDiffers:
      self.init(.requirement, reason, stageIndex: failure.stageIndex)
    case .program: self.init(.program, reason, stageIndex: failure.stageIndex)
    case .cancelled: self = .cancelled
    case .bug: self.init(.bug, reason, stageIndex: failure.stageIndex)
    }
  }

  /// What planning refused.
  init(_ error: PlanningError) {
    if error.isCancelled {
      self = .cancelled
    } else if error.isBug {
      self.init(.bug, error.description)
    } else {
      self.init(
        .plan, error.description, stageIndex: error.stageIndex, key: error.key, isPlanning: true)
    }
  }

  /// What a decoder refused.
  init(input error: CodecError) {
    if error == .cancelled {
      self = .cancelled
      return
    }
    let kind: Kind =
      switch error.reason {
      case .unknownFormat, .malformed: .malformed
      case .otherFormat(let format): format.isSound ? .unsupported : .malformed
      case .unsupported: .unsupported
      case .tooManyPixels, .overLimit: .limit
      case .truncated: .truncated
      case .damaged, .refused: .damaged
      case .warning: .warning
      case .notAFile, .changed, .io, .cancelled: .unreadable
      }
    self.init(kind, error.description)
  }
}
