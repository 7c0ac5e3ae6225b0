/// From which complaint of the decoder on a file is refused.
public enum FailOn: String, Hashable, Sendable, CaseIterable, Comparable {
  /// Some pixels may be wrong, even if the decoder could go on.
  case error
  /// Anything at all.
  case warning
  /// Rows are missing, or the decoder gave up.
  case truncated
  /// Nothing but a header that cannot be read: rows that did not come are 0.
  case none

  private var rank: Int {
    switch self {
    case .none: 0
    case .truncated: 1
    case .error: 2
    case .warning: 3
    }
  }

  /// Whether `left` refuses less than `right`.
  public static func < (left: FailOn, right: FailOn) -> Bool { left.rank < right.rank }
}

/// Where the channels of a three-dimensional array are.
public enum NPYLayout: String, Hashable, Sendable, CaseIterable {
  /// Channels, height, width.
  case chw
  /// Height, width, channels.
  case hwc
}

/// How a file is read.
public struct DecodeOptions: Hashable, Sendable {
  /// From which complaint on the file is refused.
  public var failOn = FailOn.error
  /// Width × height that is still accepted; of an array of more than four channels, width × height ×
  /// channels / 4.
  public var maxPixels = 178_956_970
  /// Scans of a JPEG that are still accepted: each costs a pass over the image.
  public var maxScans = 100
  /// Where the channels of a three-dimensional array are.
  public var npyLayout = NPYLayout.chw
  /// Whether values of an array that float32 does not hold are rounded; otherwise they are refused.
  public var roundsArrays = false
  /// Whether profile, resolution and Exif data are kept; the orientation is always read.
  public var wantsMetadata = true

  /// What `load` does unless it is told otherwise.
  public init() {}
}

/// What reading a file came to.
public struct DecodeReport: Hashable, Sendable {
  /// Distinct complaints of the decoder, in the order they came.
  public var warnings: [String] = []
  /// Whether a part of the image was not in the file.
  public var isPartial = false

  /// A file without fault.
  public init() {}
}
