import TesseraConfiguration
import TesseraCore
import TesseraEngine

extension Resize {
  /// The size that an image gets.
  func targetSize(of image: Size) throws(StageError) -> Size {
    let target = wantedSize(of: image)
    guard max(target.height, target.width) <= AxisGrid.largestSide else {
      throw StageError(Refusal.tooLarge(image: image, size: target, key: key))
    }
    return target
  }

  private var key: String {
    size != nil ? "size" : longestSide != nil ? "longest_side" : "scale"
  }

  private func wantedSize(of image: Size) -> Size {
    let (shortest, longest) = (min(image.height, image.width), max(image.height, image.width))
    switch size {
    case .exact(let target):
      if enlarge { return target }
      return Size(
        height: min(image.height, target.height), width: min(image.width, target.width))
    case .shortestSide(let target):
      if shortest == target || !enlarge && shortest < target { return image }
      return image.sides { $0 == shortest ? target : $0.saturating(times: target) / shortest }
    case nil:
      break
    }
    if let target = longestSide {
      if longest == target || !enlarge && longest < target { return image }
      return image.sides {
        $0 == longest ? target : max($0.saturating(times: target) / longest, 1)
      }
    }
    guard let scale else { preconditionFailure("a stage that was checked has a size") }
    if !enlarge && scale > 1 { return image }
    return image.sides { side in
      let length = (Double(side) * scale + 0.5).rounded(.down)
      return length < Double(Int32.max) ? max(Int(length), 1) : Int(Int32.max)
    }
  }

  /// What fits no image of this size.
  enum Refusal: StageRefusal {
    case tooLarge(image: Size, size: Size, key: String)

    var key: String? {
      switch self {
      case .tooLarge(_, _, let key): key
      }
    }

    var description: String {
      switch self {
      case .tooLarge(let image, let size, _):
        "the image of \(image) would become one of \(size), and an image has at most "
          + "\(AxisGrid.largestSide) rows and columns"
      }
    }
  }
}

extension Size {
  /// The same change of both sides.
  fileprivate func sides(_ change: (Int) -> Int) -> Size {
    Size(height: change(height), width: change(width))
  }
}

extension ParameterKind where Value == Resize.Target {
  /// One integer, or two as [height, width].
  static var target: Self {
    let pair = ParameterKind<Size>.pair(in: Limits.image)
    let side = ParameterKind<Int>.integer(in: Limits.image)
    let expected =
      "an integer in \(Phrase.range(Limits.image)), or two as [height, width]"
    return ParameterKind(
      expected: expected, schema: pair.schema,
      read: { value, findings in
        guard value.elements != nil else {
          return pair.read(value, &findings).map { .shortestSide($0.height) }
        }
        return pair.read(value, &findings).map { .exact($0) }
      },
      write: { target in
        switch target {
        case .shortestSide(let size): side.write(size)
        case .exact(let size): [side.write(size.height), side.write(size.width)]
        }
      })
  }
}
