import TesseraCore
import TesseraEngine

/// What a program answers that was sent patches.
enum ChildTarget {
  /// How an answer ends.
  private enum End: Equatable {
    case whole([UInt32])
    case partial
    case refused(ChildFailure.Reason)
    /// What the words are hangs on how much had come.
    case unreadable
  }

  /// Sides of the answer that is waited for: of one value, of several patches, of patches with every
  /// side, and of more values than a piece.
  private static let answers: [(count: Int, sides: [Int])] = [
    (1, [1, 1, 1]), (5, [1, 1, 3]), (4, [2, 3, 4]), (300, [1, 8, 8]),
  ]

  /// The first byte chooses what is waited for, the second how many bytes come at once.
  static func run(_ bytes: [UInt8]) throws {
    guard bytes.count > 2 else { return }
    let (count, sides) = answers[Int(bytes[0]) % answers.count]
    let answer = bytes[2...]
    let pieces = try end(of: answer, count: count, sides: sides, atOnce: 1 + Int(bytes[1]))
    let whole = try end(of: answer, count: count, sides: sides, atOnce: .max)
    try expect(pieces == whole, "it does not matter in what pieces an answer comes")
  }

  private static func end(
    of answer: ArraySlice<UInt8>, count: Int, sides: [Int], atOnce: Int
  ) throws -> End {
    let length = sides.reduce(1, *)
    // Lanes lie further apart than they are many, and what lies between them is nobody's.
    let pitch = count + 3
    let values = AlignedBuffer(byteCount: 4 * pitch * length)
    let floats = values.pointer(to: Float.self)
    let nobody = Float(bitPattern: 0xA5A5_A5A5)
    for index in 0..<pitch * length { floats[index] = nobody }
    let scratch = AlignedBuffer(byteCount: 4 * PatchConversation.scratchCount)
    let lanes = PatchConversation.Lanes(values: floats, pitch: pitch, count: count, sides: sides)
    var conversation = PatchConversation(
      lanes, answer: lanes, scratch: scratch.pointer(to: Float.self))
    while !conversation.nextPiece().isEmpty {}
    var rest = answer
    do throws(ChildFailure.Reason) {
      while !rest.isEmpty {
        let room = conversation.room
        let piece = rest.prefix(min(room.count, atOnce))
        if piece.isEmpty { break }
        room.copyBytes(from: piece)
        rest = rest.dropFirst(piece.count)
        try conversation.take(piece.count)
      }
    } catch {
      if case .unreadable = error {
        _ = error.description
        return .unreadable
      }
      return .refused(error)
    }
    for index in 0..<pitch * length where index % pitch >= count {
      try expect(
        floats[index].bitPattern == nobody.bitPattern,
        "an answer keeps to the lanes that are its own")
    }
    guard conversation.isAnswered else { return .partial }
    return .whole((0..<pitch * length).map { floats[$0].bitPattern })
  }
}
