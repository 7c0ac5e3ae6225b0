import TesseraFiles

/// Which image it is that is planned: what random choices follow from.
public struct ImageIdentity: Hashable, Sendable {
  /// The image's name without its extension, from the folder that was loaded.
  public var key: String
  /// The number of the view, where every image comes several times; else 0.
  public var view: Int

  /// Names an image.
  ///
  /// - Parameters:
  ///   - key: its name without the extension.
  ///   - view: which of its views it is.
  public init(key: String, view: Int = 0) {
    self.key = key
    self.view = view
  }

  /// Stands for any image, where a plan is only looked at.
  public static let example = ImageIdentity(key: "example")
}

/// Random numbers for one stage at work on one view of one image.
///
/// They follow from what the image is called, never from when or where it is processed: the state
/// begins as XXH64 of "SEED/KEY/VIEW", combined by exclusive or with XXH64 of the stage's name, so that
/// stages with the same seed choose independently of each other. The second stage of a name in a
/// pipeline takes "NAME/1", the third "NAME/2".
///
/// Source: SplitMix64 by Steele, Lea and Flood.
struct ImageRandom: Sendable {
  private var state: UInt64

  /// Begins for a stage.
  ///
  /// - Parameters:
  ///   - seed: what the pipeline says.
  ///   - image: the image, and its view.
  ///   - stage: the stage's name.
  ///   - occurrence: how many stages of that name come before it.
  init(seed: Int, image: ImageIdentity, stage: String, occurrence: Int) {
    let word = occurrence == 0 ? stage : "\(stage)/\(occurrence)"
    state =
      XXHash64.hash("\(seed)/\(image.key)/\(image.view)".utf8) ^ XXHash64.hash(word.utf8)
  }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in 0..<1, one of 2⁵³.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in an interval, each as likely as the others.
  mutating func number(in interval: ClosedRange<Double>) -> Double {
    interval.lowerBound + unit() * (interval.upperBound - interval.lowerBound)
  }

  /// An integer in 0..<count.
  mutating func integer(below count: Int) -> Int { min(Int(unit() * Double(count)), count - 1) }
}

extension StageContext {
  /// Random numbers for the stage at work on this image.
  ///
  /// - Parameter seed: what the stage's keys say.
  /// - Returns: the same numbers whenever the same image is planned.
  func random(seed: Int) -> ImageRandom {
    ImageRandom(seed: seed, image: image, stage: stageName, occurrence: occurrence)
  }
}
