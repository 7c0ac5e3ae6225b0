import TesseraCodecs

/// Some patches of a tile on their way to a program, and what it makes of them on their way back.
///
/// Both go piece by piece: neither is in memory beside the tile.
package struct PatchConversation {
  /// Values of a piece.
  static let pieceLength = 1 << 14
  /// Floats of working memory: a piece of the question, one of the answer with up to eight bytes a
  /// value, and that as floats.
  package static let scratchCount = 4 * pieceLength + 2

  /// Patches side by side: value `d` of the patch in lane `l` lies at `d · pitch + l`.
  package struct Lanes {
    var values: UnsafeMutablePointer<Float>
    var pitch: Int
    var count: Int
    /// Sides of one patch: channels, rows, columns.
    var sides: [Int]

    /// Takes patches where they lie.
    ///
    /// - Parameters:
    ///   - values: the first of them.
    ///   - pitch: distance between values of one patch, at least `count`.
    ///   - count: how many patches there are.
    ///   - sides: channels, rows, columns.
    package init(values: UnsafeMutablePointer<Float>, pitch: Int, count: Int, sides: [Int]) {
      (self.values, self.pitch, self.count, self.sides) = (values, pitch, count, sides)
    }

    /// Values of one patch.
    var length: Int { sides.reduce(1, *) }
  }

  private let question: Lanes
  private let answer: Lanes
  private var header: [UInt8]
  private var sent = 0
  private let outgoing: UnsafeMutablePointer<Float>
  private let incoming: UnsafeMutableRawPointer
  private let floats: UnsafeMutablePointer<Float>
  /// Bytes of the answer that wait in `incoming`: of a header, or of a value that is not whole.
  private var waiting = 0
  private var beginning: [UInt8] = []
  private var array: StreamedArray?
  private var received = 0

  /// Begins with nothing sent and nothing received.
  ///
  /// - Parameters:
  ///   - question: what is sent.
  ///   - answer: where the answer goes.
  ///   - scratch: room for `scratchCount` floats.
  package init(_ question: Lanes, answer: Lanes, scratch: UnsafeMutablePointer<Float>) {
    self.question = question
    self.answer = answer
    header = StreamedArray.header(ofFloats: [question.count] + question.sides)
    outgoing = scratch
    floats = scratch + Self.pieceLength
    incoming = UnsafeMutableRawPointer(scratch + 2 * Self.pieceLength)
  }

  /// Whether the answer is whole.
  package var isAnswered: Bool { array != nil && received == answer.count * answer.length }

  /// What is sent next; nothing where all has been.
  ///
  /// - Returns: bytes that are there until this is asked again.
  package mutating func nextPiece() -> UnsafeRawBufferPointer {
    if !header.isEmpty {
      let piece = UnsafeMutableRawBufferPointer(start: outgoing, count: header.count)
      piece.copyBytes(from: header)
      header = []
      return UnsafeRawBufferPointer(piece)
    }
    let (length, total) = (question.length, question.count * question.length)
    let end = min(sent + Self.pieceLength, total)
    var target = outgoing
    var (lane, position) = sent.quotientAndRemainder(dividingBy: length)
    for _ in sent..<end {
      target.pointee = question.values[position * question.pitch + lane]
      target += 1
      position += 1
      if position == length { (lane, position) = (lane + 1, 0) }
    }
    defer { sent = end }
    return UnsafeRawBufferPointer(start: outgoing, count: (end - sent) * 4)
  }

  /// Where bytes of the answer go: a byte more than there should be, so that one is noticed.
  package var room: UnsafeMutableRawBufferPointer {
    var count = Self.pieceLength * 8 - waiting
    if let array {
      let left = (answer.count * answer.length - received) * array.valueByteCount - waiting
      count = min(count, left + 1)
    }
    return UnsafeMutableRawBufferPointer(start: incoming + waiting, count: count)
  }

  /// Takes bytes that have been read into `room`.
  ///
  /// - Parameter count: how many there are.
  /// - Throws: `ChildFailure.Reason` where they are no part of an answer.
  package mutating func take(_ count: Int) throws(ChildFailure.Reason) {
    waiting += count
    if array == nil {
      beginning += UnsafeRawBufferPointer(start: incoming, count: waiting)
      waiting = 0
      guard let found = try Self.array(beginning) else { return }
      let expected = [answer.count] + answer.sides
      guard found.shape == expected else { throw .shape(found.shape, expected: expected) }
      array = found
      // A header came alone, or with less than a piece of values behind it.
      let rest = beginning[found.dataOffset...]
      beginning = []
      UnsafeMutableRawBufferPointer(start: incoming, count: rest.count).copyBytes(from: rest)
      waiting = rest.count
    }
    guard let array else { return }
    let size = array.valueByteCount
    let whole = min(waiting / size, answer.count * answer.length - received)
    try take(whole, of: array)
    waiting -= whole * size
    if waiting > 0 {
      if isAnswered { throw .surplus }
      incoming.copyMemory(from: incoming + whole * size, byteCount: waiting)
    }
  }

  /// Puts values where they belong.
  private mutating func take(_ count: Int, of array: StreamedArray) throws(ChildFailure.Reason) {
    var done = 0
    while done < count {
      let piece = min(count - done, Self.pieceLength)
      do {
        try array.copyFloats(piece, from: incoming + done * array.valueByteCount, to: floats)
      } catch {
        throw .unreadable(error)
      }
      if array.isFortranOrder { scatterColumns(piece) } else { scatter(piece) }
      done += piece
    }
  }

  /// Values patch after patch.
  private mutating func scatter(_ count: Int) {
    let length = answer.length
    var (lane, position) = received.quotientAndRemainder(dividingBy: length)
    for index in 0..<count {
      answer.values[position * answer.pitch + lane] = floats[index]
      position += 1
      if position == length { (lane, position) = (lane + 1, 0) }
    }
    received += count
  }

  /// Values with the first side fastest: all patches, then channels, rows, columns.
  private mutating func scatterColumns(_ count: Int) {
    let (channels, rows, columns) = (answer.sides[0], answer.sides[1], answer.sides[2])
    for index in 0..<count {
      let (rest, lane) = (received + index).quotientAndRemainder(dividingBy: answer.count)
      let (place, channel) = rest.quotientAndRemainder(dividingBy: channels)
      let (column, row) = place.quotientAndRemainder(dividingBy: rows)
      let position = (channel * rows + row) * columns + column
      answer.values[position * answer.pitch + lane] = floats[index]
    }
    received += count
  }

  private static func array(_ bytes: [UInt8]) throws(ChildFailure.Reason) -> StreamedArray? {
    do {
      return try StreamedArray(bytes)
    } catch {
      throw .unreadable(error)
    }
  }
}
