/// Comparisons that choose the value of one rank of every window.
///
/// The columns of windows are put in order once for all windows that they belong to. Neighbouring
/// columns merge to runs of 2, 4, 8 columns, again once for all; a window is two runs. What does not
/// reach the result is left out. Merges are Batcher's odd-even ones, for lists of any two lengths.
public struct SelectionNetwork: Sendable {
  /// Compares two lines of values; keeps the lesser ones, the greater ones, or both.
  public struct Step: Sendable {
    /// The lines that are compared; those below the height of windows are rows of the image.
    @usableFromInline var first: Int
    @usableFromInline var second: Int
    /// Columns by which they are read further right.
    @usableFromInline var firstShift: Int
    @usableFromInline var secondShift: Int
    /// Where the results go; below 0 for nowhere.
    @usableFromInline var lesser = -1
    @usableFromInline var greater = -1
    /// Columns that are wanted beyond those of the result.
    @usableFromInline var reach = 0
    /// Whether a row of the image is read.
    @usableFromInline var readsImage: Bool
  }

  /// Rows of a window.
  @usableFromInline let height: Int
  /// Columns of a window.
  @usableFromInline let width: Int
  /// What is done.
  @usableFromInline let steps: [Step]
  /// Lines, those of the image among them.
  @usableFromInline let lineCount: Int
  /// The line of the result.
  @usableFromInline let result: Int

  /// Lines that are written for one line of results.
  public let cost: Int

  /// Bytes of the steps.
  public var byteCount: Int { steps.count * MemoryLayout<Step>.stride }

  /// The cheapest of some ways to choose the value number `rank`, counted from the smallest as 0.
  ///
  /// Windows have at least two values.
  public init(height: Int, width: Int, rank: Int) {
    precondition(height * width > 1 && (0..<height * width).contains(rank), "a rank of a window")
    var splits: Set<Int> = [1]
    if width > 2 { splits.formUnion([2, width / 2, width - 1, Self.largestPower(below: width)]) }
    // Counted from the nearer end: of any list no more values matter than are up to there.
    let last = height * width - 1
    let isMirrored = rank > last - rank
    let place = isMirrored ? last - rank : rank
    var best = Draft(height: height, width: width, rank: place, split: 1)
    for split in splits.sorted() where split > 1 && split < width {
      let draft = Draft(height: height, width: width, rank: place, split: split)
      if draft.cost < best.cost { best = draft }
    }
    self.height = height
    self.width = width
    cost = best.cost
    (steps, lineCount, result) = best.lines(isMirrored: isMirrored)
  }

  /// Whether a network is made for a window at all: for windows of many values it takes long, unless
  /// only the smallest or the largest is wanted.
  public static func suits(height: Int, width: Int, rank: Int) -> Bool {
    let count = height * width
    return count > 1 && (count <= 225 || rank == 0 || rank == count - 1)
  }

  /// The largest power of two below a number above 1.
  fileprivate static func largestPower(below number: Int) -> Int {
    1 << (Int.bitWidth - 1 - (number - 1).leadingZeroBitCount)
  }
}

/// A network while it is made: every comparison gives two new values.
private struct Draft {
  /// A value of the window that is so many columns further right.
  struct Place {
    var value: Int
    var shift = 0

    func shifted(by columns: Int) -> Place { Place(value: value, shift: shift + columns) }
  }

  /// A comparison; its results are the values `height + 2 · number` and the next one.
  struct Comparison {
    var first: Place
    var second: Place
  }

  let height: Int
  private let rank: Int
  private var comparisons: [Comparison] = []
  private var runs: [Int: [Place]] = [:]
  private var result = Place(value: 0)
  /// Columns that are wanted of a value beyond those of the result; below 0 where none are.
  private var reach: [Int] = []

  init(height: Int, width: Int, rank: Int, split: Int) {
    self.height = height
    self.rank = rank
    runs[1] = sorted((0..<height).map { Place(value: $0) })
    if width == 1 {
      result = run(of: 1)[rank]
    } else {
      let right = run(of: width - split).map { $0.shifted(by: split) }
      result = chosen(rank, of: run(of: split), right)
    }
    measure()
  }

  /// Lines that are written.
  var cost: Int { reach[height...].count { $0 >= 0 } }

  private mutating func compared(_ first: Place, _ second: Place) -> (lesser: Place, greater: Place)
  {
    comparisons.append(Comparison(first: first, second: second))
    let value = height + 2 * (comparisons.count - 1)
    return (Place(value: value), Place(value: value + 1))
  }

  /// A list in order of two that are, as far as it matters.
  private mutating func merged(_ first: [Place], _ second: [Place]) -> [Place] {
    Array(wholeMerged(first, second).prefix(rank + 1))
  }

  private mutating func wholeMerged(_ first: [Place], _ second: [Place]) -> [Place] {
    guard !first.isEmpty, !second.isEmpty else { return first + second }
    if first.count == 1, second.count == 1 {
      let pair = compared(first[0], second[0])
      return [pair.lesser, pair.greater]
    }
    func every(_ list: [Place], from start: Int) -> [Place] {
      stride(from: start, to: list.count, by: 2).map { list[$0] }
    }
    let odd = wholeMerged(every(first, from: 0), every(second, from: 0))
    let even = wholeMerged(every(first, from: 1), every(second, from: 1))
    var list = [odd[0]]
    for index in 0..<max(even.count, odd.count - 1) {
      if index < even.count, index + 1 < odd.count {
        let pair = compared(even[index], odd[index + 1])
        list += [pair.lesser, pair.greater]
      } else {
        list.append(index < even.count ? even[index] : odd[index + 1])
      }
    }
    return list
  }

  private mutating func sorted(_ list: [Place]) -> [Place] {
    guard list.count > 1 else { return list }
    let (left, right) = (Array(list[..<(list.count / 2)]), Array(list[(list.count / 2)...]))
    let halves = (sorted(left), sorted(right))
    return merged(halves.0, halves.1)
  }

  /// So many neighbouring columns in order.
  private mutating func run(of columns: Int) -> [Place] {
    if let run = runs[columns] { return run }
    let half = SelectionNetwork.largestPower(below: columns)
    let right = run(of: columns - half).map { $0.shifted(by: half) }
    let list = merged(run(of: half), right)
    runs[columns] = list
    return list
  }

  /// The value of a rank of two lists in order: the least of the greater ends of all ways to take
  /// `rank` + 1 values from their beginnings.
  private mutating func chosen(_ rank: Int, of first: [Place], _ second: [Place]) -> Place {
    var least: Place?
    for count in max(0, rank + 1 - second.count)...min(first.count, rank + 1) {
      let other = rank + 1 - count
      let end: Place
      if count == 0 {
        end = second[other - 1]
      } else if other == 0 {
        end = first[count - 1]
      } else {
        end = compared(first[count - 1], second[other - 1]).greater
      }
      least = least.map { compared($0, end).lesser } ?? end
    }
    guard let least else { preconditionFailure("a rank below the number of values") }
    return least
  }

  /// Finds what reaches the result.
  private mutating func measure() {
    reach = Array(repeating: -1, count: height + 2 * comparisons.count)
    reach[result.value] = result.shift
    for index in comparisons.indices.reversed() {
      let wanted = wantedReach(of: index)
      guard wanted >= 0 else { continue }
      for place in [comparisons[index].first, comparisons[index].second] {
        reach[place.value] = max(reach[place.value], wanted + place.shift)
      }
    }
  }

  private func wantedReach(of comparison: Int) -> Int {
    max(reach[height + 2 * comparison], reach[height + 2 * comparison + 1])
  }

  /// The steps, with lines that are used again once their values have been read for the last time.
  ///
  /// Mirrored, they keep the greater values where a network has the lesser ones.
  func lines(isMirrored: Bool) -> (steps: [SelectionNetwork.Step], count: Int, result: Int) {
    var lastUse = Array(repeating: -1, count: reach.count)
    for (index, comparison) in comparisons.enumerated() where wantedReach(of: index) >= 0 {
      lastUse[comparison.first.value] = index
      lastUse[comparison.second.value] = index
    }
    lastUse[result.value] = comparisons.count
    var lines = Array(0..<height) + Array(repeating: -1, count: 2 * comparisons.count)
    var free: [Int] = []
    var count = height
    var steps: [SelectionNetwork.Step] = []
    for (index, comparison) in comparisons.enumerated() where wantedReach(of: index) >= 0 {
      let (first, second) = (comparison.first, comparison.second)
      var step = SelectionNetwork.Step(
        first: lines[first.value], second: lines[second.value], firstShift: first.shift,
        secondShift: second.shift, reach: wantedReach(of: index),
        readsImage: first.value < height || second.value < height)
      let ended = Set([first.value, second.value]).filter { $0 >= height && lastUse[$0] == index }
        .map { lines[$0] }.sorted()
      // Where rows of the image are read, the last values are made twice: of what still must be there.
      if !step.readsImage { free += ended }
      func line(of value: Int) -> Int {
        guard reach[value] >= 0 else { return -1 }
        if free.isEmpty {
          free = [count]
          count += 1
        }
        lines[value] = free.removeLast()
        return lines[value]
      }
      step.lesser = line(of: height + 2 * index)
      step.greater = line(of: height + 2 * index + 1)
      if step.readsImage { free += ended }
      if isMirrored { swap(&step.lesser, &step.greater) }
      steps.append(step)
    }
    return (steps, count, lines[result.value])
  }
}
