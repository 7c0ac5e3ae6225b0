import TesseraCodecs
import TesseraFiles

/// Why the run of one image ended before its end.
package enum RunError: Error, Hashable, Sendable {
  /// The file that is read, or its decoder.
  case input(CodecError)
  /// The system refuses a file that is written.
  case output(FileError)
  /// An encoder that refuses what it is given.
  case encoder(CodecError)
  /// Bounds of `compare` that the image misses.
  case missed([MissedBound])
  /// A picture that was read back is not what was written.
  case pictureReadBack(CodecError)
  /// An array that was read back cannot be read.
  case arrayReadBack(CodecError)
  /// An array that was read back has other values.
  case arrayDiffers
  /// A program that a stage runs has not done its work.
  case program(ChildFailure, stageIndex: Int)
  /// The run was asked to end.
  case cancelled
  /// A mistake in Tessera.
  case bug(Bug)

  /// What should be impossible.
  package enum Bug: Hashable, Sendable {
    /// No band of the image can be worked on.
    case stuck
    /// A comparison without the loaded rows.
    case nothingLoaded
  }

  /// What became of the file that is read.
  init(reading error: CodecError) {
    self = error == .cancelled ? .cancelled : .input(error)
  }

  /// What the system refused to an encoder, or what the encoder refuses.
  package init(_ error: CodecError, writing path: String) {
    switch error {
    case .io(let operation, let code): self = .output(FileError(operation, path, code: code))
    case .cancelled: self = .cancelled
    default: self = .encoder(error)
    }
  }
}

/// Why the run of one image ended, and where.
package struct RunFailure: Error, Hashable, Sendable {
  package var error: RunError
  /// The stage that could not go on; `nil` where none is to blame.
  package var stageIndex: Int?

  /// Puts an error down to the stage whose work met it, unless it is about the input or nobody.
  package init(_ error: RunError, stageIndex: Int?) {
    self.error = error
    switch error {
    // Transforms are carried out by who takes their patches.
    case .program(_, let index): self.stageIndex = index
    case .input, .cancelled, .bug(.stuck): self.stageIndex = nil
    case .output, .encoder, .missed, .pictureReadBack, .arrayReadBack, .arrayDiffers,
      .bug(.nothingLoaded):
      self.stageIndex = stageIndex
    }
  }
}

/// A bound of `compare`, and the figure that misses it.
package struct MissedBound: Hashable, Sendable {
  package var metric: MetricKind
  package var value: Double
  package var bound: Double
}

extension MissedBound: CustomStringConvertible {
  /// `psnr is 40.0, required is at least 50.0`.
  package var description: String {
    "\(metric.rawValue) is \(value), required is \(metric.isSimilarity ? "at least" : "at most") "
      + "\(bound)"
  }
}

extension RunError: CustomStringConvertible {
  /// One sentence.
  package var description: String {
    switch self {
    case .input(let error), .encoder(let error): error.description
    case .output(let error): error.description
    case .missed(let bounds): bounds.map(\.description).joined(separator: "; ")
    case .pictureReadBack(let error):
      "a file read back is not what was written: \(error)"
    case .arrayReadBack(let error): "an array read back is not what was written: \(error)"
    case .program(let failure, _): failure.description
    case .arrayDiffers: "an array read back has other values than were written"
    case .cancelled: "it was asked to end"
    case .bug(.stuck): "no band of the image can be worked on"
    case .bug(.nothingLoaded): "a comparison found nothing that was loaded"
    }
  }
}
