/// RFC 1951, as slow and as plain as the text of it: the tests' own way to read what was written.
struct Inflate {
  enum Mistake: Error { case endOfData, badBlock, badCode, badDistance }

  private let bytes: [UInt8]
  private var position: Int
  private var bit = 0
  private var result: [UInt8] = []

  /// The data of a zlib stream (RFC 1950), whose checksum is compared.
  static func zlib(_ bytes: [UInt8]) throws -> [UInt8] {
    guard bytes.count > 6, bytes[0] & 15 == 8, (Int(bytes[0]) * 256 + Int(bytes[1])) % 31 == 0,
      bytes[1] & 32 == 0
    else { throw Mistake.badBlock }
    var inflate = Inflate(bytes: bytes, position: 2)
    try inflate.blocks()
    var (low, high) = (1, 0)
    for byte in inflate.result {
      low = (low + Int(byte)) % 65521
      high = (high + low) % 65521
    }
    guard bytes.suffix(4).reduce(0, { $0 << 8 | Int($1) }) == high << 16 | low else {
      throw Mistake.badBlock
    }
    return inflate.result
  }

  private init(bytes: [UInt8], position: Int) {
    self.bytes = bytes
    self.position = position
  }

  private mutating func bits(_ count: Int) throws -> Int {
    var value = 0
    for place in 0..<count {
      guard position < bytes.count else { throw Mistake.endOfData }
      value |= Int(bytes[position] >> UInt8(bit) & 1) << place
      bit += 1
      if bit == 8 { (bit, position) = (0, position + 1) }
    }
    return value
  }

  private mutating func blocks() throws {
    var isLast = false
    while !isLast {
      isLast = try bits(1) == 1
      switch try bits(2) {
      case 0: try stored()
      case 1: try compressed(Self.fixedLiterals, Self.fixedDistances)
      case 2: try dynamic()
      default: throw Mistake.badBlock
      }
    }
  }

  private mutating func stored() throws {
    if bit > 0 { (bit, position) = (0, position + 1) }
    let count = try bits(16)
    guard try bits(16) == count ^ 0xFFFF, position + count <= bytes.count else {
      throw Mistake.badBlock
    }
    result += bytes[position..<position + count]
    position += count
  }

  private mutating func dynamic() throws {
    let (literals, distances, codes) = (try bits(5) + 257, try bits(5) + 1, try bits(4) + 4)
    var lengths = [Int](repeating: 0, count: 19)
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    for symbol in order.prefix(codes) { lengths[symbol] = try bits(3) }
    let code = Code(lengths)
    lengths = []
    while lengths.count < literals + distances {
      switch try symbol(of: code) {
      case 16:
        guard let last = lengths.last else { throw Mistake.badCode }
        lengths += Array(repeating: last, count: try bits(2) + 3)
      case 17: lengths += Array(repeating: 0, count: try bits(3) + 3)
      case 18: lengths += Array(repeating: 0, count: try bits(7) + 11)
      case let length: lengths.append(length)
      }
    }
    guard lengths.count == literals + distances else { throw Mistake.badCode }
    try compressed(Code(Array(lengths[..<literals])), Code(Array(lengths[literals...])))
  }

  private mutating func compressed(_ literals: Code, _ distances: Code) throws {
    while true {
      let symbol = try symbol(of: literals)
      if symbol < 256 {
        result.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol < 286 else { throw Mistake.badCode }
      let length = try Self.lengthBase[symbol - 257] + bits(Self.lengthBits[symbol - 257])
      let far = try self.symbol(of: distances)
      guard far < 30 else { throw Mistake.badCode }
      let distance = try Self.distanceBase[far] + bits(max(far / 2 - 1, 0))
      guard distance <= result.count else { throw Mistake.badDistance }
      for _ in 0..<length { result.append(result[result.count - distance]) }
    }
  }

  private mutating func symbol(of code: Code) throws -> Int {
    var (value, first, index) = (0, 0, 0)
    for length in 1...15 {
      value = try value << 1 | bits(1)
      let count = code.counts[length]
      if value - first < count { return code.symbols[index + value - first] }
      (first, index) = ((first + count) << 1, index + count)
    }
    throw Mistake.badCode
  }

  /// A canonical prefix code: how many codes of each length, and the symbols in their order.
  private struct Code {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    init(_ lengths: [Int]) {
      for length in lengths where length > 0 { counts[length] += 1 }
      for length in 1...15 {
        symbols += lengths.indices.filter { lengths[$0] == length }
      }
    }
  }

  private static let fixedLiterals = Code(
    (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = Code(Array(repeating: 5, count: 30))
  private static let lengthBits = (0..<29).map { $0 == 28 ? 0 : max($0 / 4 - 1, 0) }
  private static let lengthBase = (0..<29).map { code in
    code == 28 ? 258 : 3 + lengthBits[..<code].reduce(0) { $0 + 1 << $1 }
  }
  private static let distanceBase = (0..<30).map { code in
    1 + (0..<code).reduce(0) { $0 + 1 << max($1 / 2 - 1, 0) }
  }
}
