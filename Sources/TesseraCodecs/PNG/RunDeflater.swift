import TesseraCore

/// Deflates bytes that have few repetitions but runs, such as filtered rows of photographs.
///
/// Every block gets its own Huffman code (RFC 1951, 3.2.7), and the only matches are repetitions
/// of the byte before: what zlib's Z_RLE strategy does, at several times its speed, since runs are
/// found by comparing words and codes are put together two at a time.
struct RunDeflater: ~Copyable {
  /// Bytes that one block takes at most.
  static let blockBytes = 1 << 16

  private var tokens = AlignedBuffer(byteCount: 2 * blockBytes)
  /// Compressed bytes that are ready.
  private(set) var output = AlignedBuffer(byteCount: outputBytes)
  private(set) var outputCount = 0
  /// Bits that do not fill a byte yet.
  private var pending: UInt64 = 0
  private var pendingCount: UInt64 = 0

  private static let endOfBlock = 256
  /// The first token of a run; runs are 3…258 long.
  private static let firstRun = 257
  private static let shortestRun = 4
  private static let longestRun = 258
  /// With two tokens of at most 20 bits each, nothing is lost from 64.
  private static let codeLimit = 14
  /// A token takes at most 20 bits and stands for a byte at least; a block's code takes 160 bytes.
  private static let outputBytes = 3 * blockBytes + 4096

  /// Where deflate's 29 length codes begin, and their extra bits.
  private static let runCodes: [(first: Int, extraBits: Int)] = {
    var codes: [(Int, Int)] = []
    var first = 3
    for code in 0..<28 {
      let extraBits = code < 8 ? 0 : code / 4 - 1
      codes.append((first, extraBits))
      first += 1 << extraBits
    }
    // 258 has a code of its own.
    return codes + [(longestRun, 0)]
  }()

  /// Forgets the bytes that were ready.
  mutating func clearOutput() { outputCount = 0 }

  /// Appends a whole byte before the first block or after the last.
  mutating func store(_ byte: UInt8) {
    append(UInt32(byte), 8)
    flush()
  }

  /// Compresses one block and appends it to the output, which was cleared before.
  ///
  /// - Parameters:
  ///   - bytes: At most `blockBytes`, with 8 more that can be read.
  ///   - count: How many there are.
  ///   - isLast: Whether the stream ends with them; it is then filled up to a whole byte.
  mutating func deflate(_ bytes: UnsafePointer<UInt8>, count: Int, isLast: Bool) {
    precondition(count <= Self.blockBytes, "a block is as large as it may be")
    var counts = [UInt32](repeating: 0, count: Self.firstRun + 256)
    let tokenCount = findRuns(bytes, count, &counts)
    var symbols = Array(counts[...Self.endOfBlock])
    symbols[Self.endOfBlock] = 1
    var lengthOfRun = [Int](repeating: 0, count: 256)
    for (code, range) in Self.runCodes.enumerated() {
      let end = code == 28 ? range.first : min(range.first + (1 << range.extraBits), 258) - 1
      var total: UInt32 = 0
      for run in range.first...end {
        lengthOfRun[run - 3] = code
        total += counts[Self.firstRun + run - 3]
      }
      symbols.append(total)
    }
    let code = HuffmanCode(counts: symbols, limit: Self.codeLimit)
    writeHeader(code, isLast: isLast)
    writeTokens(tokenCount, Self.table(code, lengthOfRun))
    append(code.codes[Self.endOfBlock], Int(code.lengths[Self.endOfBlock]))
    flush()
    if isLast && pendingCount > 0 {
      append(0, 8 - Int(pendingCount))
      flush()
    }
  }

  /// Replaces runs by tokens and counts all tokens.
  private func findRuns(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ counts: inout [UInt32]
  ) -> Int {
    let raw = UnsafeRawPointer(bytes)
    let tokens = tokens.pointer(to: UInt16.self)
    var tokenCount = 0
    counts.withUnsafeMutableBufferPointer { counts in
      var position = 0
      while position < count {
        let byte = bytes[position]
        if position > 0 {
          let here = raw.loadUnaligned(fromByteOffset: position, as: UInt32.self)
          let before = raw.loadUnaligned(fromByteOffset: position - 1, as: UInt32.self)
          if here == before && position + Self.shortestRun <= count {
            let limit = min(count - position, Self.longestRun)
            var run = Self.shortestRun
            while run < limit && bytes[position + run] == byte { run += 1 }
            let token = Self.firstRun + run - 3
            tokens[tokenCount] = UInt16(truncatingIfNeeded: token)
            counts[token] &+= 1
            tokenCount &+= 1
            position &+= run
            continue
          }
        }
        tokens[tokenCount] = UInt16(byte)
        counts[Int(byte)] &+= 1
        tokenCount &+= 1
        position &+= 1
      }
    }
    return tokenCount
  }

  /// Code word and its length, in the top 8 bits, for every token.
  ///
  /// A run's word holds the extra bits of its length and the one distance code, a single 0.
  private static func table(_ code: HuffmanCode, _ lengthOfRun: [Int]) -> [UInt32] {
    var table = (0...endOfBlock).map { code.codes[$0] | UInt32(code.lengths[$0]) << 24 }
    for run in 3...longestRun {
      let range = runCodes[lengthOfRun[run - 3]]
      let symbol = firstRun + lengthOfRun[run - 3]
      let bits = Int(code.lengths[symbol])
      let word = code.codes[symbol] | UInt32(run - range.first) << UInt32(bits)
      table.append(word | UInt32(bits + range.extraBits + 1) << 24)
    }
    return table
  }

  /// Writes the block's code: the lengths of all words, themselves in a code, without runs.
  private mutating func writeHeader(_ code: HuffmanCode, isLast: Bool) {
    let distanceLengths: [UInt8] = [1]
    let lengths = code.lengths + distanceLengths
    var counts = [UInt32](repeating: 0, count: 19)
    for length in lengths { counts[Int(length)] += 1 }
    let lengthCode = HuffmanCode(counts: counts, limit: 7)
    append(isLast ? 1 : 0, 1)
    append(2, 2)
    append(UInt32(code.lengths.count - 257), 5)
    append(UInt32(distanceLengths.count - 1), 5)
    append(19 - 4, 4)
    flush()
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
      append(UInt32(lengthCode.lengths[symbol]), 3)
      flush()
    }
    for length in lengths {
      append(lengthCode.codes[Int(length)], Int(lengthCode.lengths[Int(length)]))
      flush()
    }
  }

  private mutating func writeTokens(_ count: Int, _ table: [UInt32]) {
    let tokens = tokens.pointer(to: UInt16.self)
    let target = output.base
    var (bits, bitCount, end) = (pending, pendingCount, outputCount)
    table.withUnsafeBufferPointer { table in
      var position = 0
      while position < count {
        let first = table[Int(tokens[position])]
        bits |= UInt64(first & 0xFF_FFFF) &<< bitCount
        bitCount &+= UInt64(first &>> 24)
        if position + 1 < count {
          let second = table[Int(tokens[position + 1])]
          bits |= UInt64(second & 0xFF_FFFF) &<< bitCount
          bitCount &+= UInt64(second &>> 24)
        }
        target.storeBytes(of: bits.littleEndian, toByteOffset: end, as: UInt64.self)
        end &+= Int(truncatingIfNeeded: bitCount &>> 3)
        bits &>>= bitCount & ~7
        bitCount &= 7
        position &+= 2
      }
    }
    (pending, pendingCount, outputCount) = (bits, bitCount, end)
  }

  private mutating func append(_ bits: UInt32, _ count: Int) {
    pending |= UInt64(bits) << pendingCount
    pendingCount += UInt64(count)
  }

  /// Moves whole bytes to the output.
  private mutating func flush() {
    while pendingCount >= 8 {
      output.base.storeBytes(
        of: UInt8(truncatingIfNeeded: pending), toByteOffset: outputCount, as: UInt8.self)
      outputCount += 1
      pending >>= 8
      pendingCount -= 8
    }
  }
}
