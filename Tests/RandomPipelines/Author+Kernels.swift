/// Kernels with what planning will make of them.
struct Kernels: Sendable {
  /// Whether weights have four dimensions.
  enum Mixing: Sendable {
    case never
    case sometimes
    /// They have, with a kernel of its own for every channel.
    case channelwise
  }

  /// The key, and its value in JSON.
  var key: String
  var value: String
  var height: Int
  var width: Int
  /// Their name in a .safetensors file.
  var tensor: String?
  var count = 1
  var mixesChannels = false
  var groups = 1
  /// Whether the coefficients of every kernel sum to 1.
  var hasUnitGain = false
}

extension Author {
  /// Kernels, of a size of their own or of one that is given.
  ///
  /// - Parameters:
  ///   - channels: What they will meet.
  ///   - size: Height and width, where a window demands them.
  ///   - mixing: Whether weights of four dimensions may come.
  ///   - counts: How many kernels may come.
  /// - Returns: What to write.
  mutating func kernels(
    channels: Int, size: (height: Int, width: Int)? = nil, mixing: Kernels.Mixing, counts: [Int]
  ) -> Kernels {
    if mixing != .channelwise, random.chance(50) {
      let names = ["box", "gaussian", "sobel", "scharr", "prewitt", "laplacian", "sharpen"]
      let bank = self.bank(random.pick(names), size: size)
      let fits = size.map { $0 == (bank.height, bank.width) } ?? true
      if fits, counts.contains(bank.count) { return bank }
    }
    let own = random.pick([(3, 3), (3, 3), (5, 5), (1, 1), (2, 2), (1, 4), (3, 2), (5, 1), (7, 7)])
    let (height, width) = size ?? own
    var kernels = Kernels(key: "kernels", value: "", height: height, width: width)
    kernels.count = random.pick(counts)
    var shape = [kernels.count, height, width]
    if kernels.count == 1, random.chance(60) { shape = [height, width] }
    if mixing == .channelwise || mixing == .sometimes && random.chance(35) {
      kernels.mixesChannels = true
      let divisors = (1...channels).filter { channels % $0 == 0 }
      kernels.groups = mixing == .channelwise ? channels : random.pick(divisors)
      kernels.count = kernels.groups * (mixing == .channelwise ? 1 : random.pick([1, 1, 2, 3]))
      if kernels.count > 12 { kernels.count = kernels.groups }
      shape = [kernels.count, channels / kernels.groups, height, width]
    }
    if random.chance(30) || shape.reduce(1, *) > 120 {
      kernels.key = "weights"
      if generation >= 6, random.chance(50) { kernels.tensor = "layer.weight" }
      kernels.value = array(shape, tensor: kernels.tensor)
      return kernels
    }
    (kernels.value, kernels.hasUnitGain) = written(shape, isMixing: kernels.mixesChannels)
    return kernels
  }

  /// Says now and then what becomes of opacity; whether it is filtered as colours are.
  mutating func filtersOpacity(_ stage: inout StageText) -> Bool {
    guard flow.hasAlpha, !flow.isPremultiplied else { return true }
    guard generation >= 3, random.chance(80) else { return false }
    let word = random.pick(["keep", "filter"])
    stage.add("alpha", word: word)
    return word == "filter"
  }

  /// Nested lists of coefficients, and whether each kernel's sum to 1.
  private mutating func written(_ shape: [Int], isMixing: Bool) -> (String, Bool) {
    let taps = shape.suffix(2).reduce(1, *)
    let isIntegral = random.chance(40)
    let sumsToOne = !isMixing && random.chance(50)
    var eighths: [Int] = []
    for _ in 0..<shape.reduce(1, *) / taps {
      var kernel = (0..<taps).map { _ in
        isIntegral ? 8 * random.number(-3...3) : random.number(-12...12)
      }
      if sumsToOne { kernel[taps / 2] += 8 - kernel.reduce(0, +) }
      eighths += kernel
    }
    var numbers = eighths.map { isIntegral ? "\($0 / 8)" : "\(Double($0) / 8)" }
    for length in shape.reversed() {
      numbers = stride(from: 0, to: numbers.count, by: length).map {
        StageText.list(Array(numbers[$0..<$0 + length]))
      }
    }
    return (numbers[0], sumsToOne)
  }

  /// A bank by name, with or without its parameters.
  private mutating func bank(_ name: String, size: (height: Int, width: Int)?) -> Kernels {
    var kernels = Kernels(key: "bank", value: StageText.quoted(name), height: 3, width: 3)
    let isPlain = size.map { $0 == (3, 3) } ?? random.chance(35)
    var members: [String] = []
    let direction = random.pick(["xy", "xy", "x", "y"])
    switch name {
    case "box", "gaussian":
      kernels.hasUnitGain = true
      guard !isPlain else { return kernels }
      (kernels.height, kernels.width) = size ?? random.pick([(5, 5), (9, 9), (2, 6), (15, 3)])
      members = ["\"kernel_size\": \(StageText.pair(kernels.height, kernels.width))"]
      guard name == "gaussian", random.chance(60) else { break }
      members.append("\"sigma\": \(random.pick(["0.6", "1.5", "[2.5, 0.75]"]))")
      if size == nil, random.chance(30) {
        members = ["\"sigma\": 1.25"]
        (kernels.height, kernels.width) = (11, 11)
      }
    case "sobel":
      let side = size?.height ?? random.pick([3, 3, 5, 7])
      if direction != "xy" { members.append("\"direction\": \"\(direction)\"") }
      if side != 3, side % 2 == 1, side < 16, side > 1 {
        members.append("\"kernel_size\": \(side)")
        (kernels.height, kernels.width) = (side, side)
      }
      kernels.count = direction == "xy" ? 2 : 1
    case "scharr", "prewitt":
      if direction != "xy" { members.append("\"direction\": \"\(direction)\"") }
      kernels.count = direction == "xy" ? 2 : 1
    case "laplacian":
      let aperture = random.pick([1, 3, 5])
      if aperture > 1 { members.append("\"aperture\": \(aperture)") }
      kernels.height = max(aperture, 3)
      kernels.width = kernels.height
    default:
      kernels.hasUnitGain = true
      if random.chance(50) { members.append("\"amount\": \(random.pick(["0.5", "2", "0.3"]))") }
    }
    if !members.isEmpty {
      let all = ["\"name\": \(StageText.quoted(name))"] + members
      kernels.value = "{ " + all.joined(separator: ", ") + " }"
    }
    return kernels
  }
}
