/// The 64-bit hash XXH64 with seed 0, fed in pieces.
///
/// It tells a changed file from an unchanged one at the speed of memory; it is no protection against
/// forgery. `xxhsum -H64` of the xxhash project prints the same number for a file.
/// Source: the XXH64 part of the xxHash specification.
public struct XXHash64: Sendable {
  private var lanes = initialLanes
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// Begins with no bytes; ``value`` is `EF46DB3751D8E999` then.
  public init() { pending.reserveCapacity(32) }

  /// The hash of some bytes.
  public static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.withContiguousStorageIfAvailable { hash(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { hash($0) }
  }

  /// The hash of bytes that are all there.
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var lanes = initialLanes
    let whole = bytes.count & ~31
    consume(UnsafeRawBufferPointer(rebasing: bytes.prefix(whole)), &lanes)
    return finish(
      lanes, byteCount: UInt64(bytes.count),
      UnsafeRawBufferPointer(rebasing: bytes.dropFirst(whole)))
  }

  /// Appends bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let taken = min(32 - pending.count, rest.count)
      pending.append(contentsOf: rest.prefix(taken))
      rest = rest.dropFirst(taken)
      guard pending.count == 32 else { return }
      pending.withUnsafeBytes { Self.consume($0, &lanes) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count & ~31
    Self.consume(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)), &lanes)
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  /// The hash of everything so far.
  public var value: UInt64 {
    pending.withUnsafeBytes { Self.finish(lanes, byteCount: byteCount, $0) }
  }

  private static let initialLanes: SIMD4<UInt64> = [
    prime1 &+ prime2, prime2, 0, 0 &- prime1,
  ]

  private static func consume(
    _ blocks: UnsafeRawBufferPointer, _ lanes: inout SIMD4<UInt64>
  ) {
    var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
    for offset in stride(from: 0, to: blocks.count, by: 32) {
      a = round(a, word(blocks, offset))
      b = round(b, word(blocks, offset + 8))
      c = round(c, word(blocks, offset + 16))
      d = round(d, word(blocks, offset + 24))
    }
    lanes = [a, b, c, d]
  }

  private static func finish(
    _ lanes: SIMD4<UInt64>, byteCount: UInt64, _ tail: UnsafeRawBufferPointer
  ) -> UInt64 {
    var hash = prime5
    if byteCount >= 32 {
      hash =
        rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12) &+ rotate(lanes[3], 18)
      for lane in 0..<4 { hash = (hash ^ round(0, lanes[lane])) &* prime1 &+ prime4 }
    }
    hash &+= byteCount
    var offset = 0
    while offset + 8 <= tail.count {
      hash = rotate(hash ^ round(0, word(tail, offset)), 27) &* prime1 &+ prime4
      offset += 8
    }
    if offset + 4 <= tail.count {
      let half = UInt32(littleEndian: tail.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      hash = rotate(hash ^ (UInt64(half) &* prime1), 23) &* prime2 &+ prime3
      offset += 4
    }
    for byte in tail[offset...] {
      hash = rotate(hash ^ (UInt64(byte) &* prime5), 11) &* prime1
    }
    hash = (hash ^ (hash >> 33)) &* prime2
    hash = (hash ^ (hash >> 29)) &* prime3
    return hash ^ (hash >> 32)
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* prime2, 31) &* prime1
  }

  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value << count | value >> (64 - count)
  }

  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
}
