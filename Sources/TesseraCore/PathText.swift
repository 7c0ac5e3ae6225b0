/// File names as text, without loss.
///
/// A file name on Linux is any bytes but NUL and slash, a Swift string is always valid UTF-8. Bytes
/// that are not part of valid UTF-8 become the private-use characters U+EF80…U+EFFF, one each; a name
/// that really holds such a character has its three bytes written that way, so every name has one
/// text and every text one name. Whoever opens a file goes through ``withPathBytes(_:)``.
extension String {
  /// The text of a path given by its bytes.
  public init(pathBytes bytes: some Collection<UInt8>) {
    if let text = String(validating: bytes, as: UTF8.self), !text.hasEscapedPathBytes {
      self = text
      return
    }
    self.init()
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var position = bytes.startIndex
    while true {
      let length: Int
      switch parser.parseScalar(from: &rest) {
      case .valid(let encoded):
        length = encoded.count
        let scalar = Unicode.UTF8.decode(encoded)
        if !Self.escapes.contains(scalar) {
          unicodeScalars.append(scalar)
          position = bytes.index(position, offsetBy: length)
          continue
        }
      case .error(let count): length = count
      case .emptyInput: return
      }
      let end = bytes.index(position, offsetBy: length)
      for byte in bytes[position..<end] { unicodeScalars.append(Self.escape(byte)) }
      position = end
    }
  }

  /// The bytes of the path that this text stands for.
  public var pathBytes: [UInt8] {
    guard hasEscapedPathBytes else { return Array(utf8) }
    var bytes: [UInt8] = []
    for scalar in unicodeScalars {
      if Self.escapes.contains(scalar) {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
      }
    }
    return bytes
  }

  /// Calls `body` with the bytes of the path that this text stands for, closed by a NUL.
  public func withPathBytes<Result, Failure: Error>(
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if hasEscapedPathBytes {
      let bytes = pathBytes.map { CChar(bitPattern: $0) } + [0]
      return try body(bytes)
    }
    // The text itself, which is not copied.
    let result: Swift.Result<Result, Failure> = withCString { text in
      do throws(Failure) { return .success(try body(text)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Whether some character stands for a byte that is not text.
  private var hasEscapedPathBytes: Bool {
    // U+EF80…U+EFFF are EE BE xx and EE BF xx in UTF-8.
    var previous: UInt8 = 0
    for byte in utf8 {
      if previous == 0xEE && (byte == 0xBE || byte == 0xBF) { return true }
      previous = byte
    }
    return false
  }

  private static let escapes: ClosedRange<Unicode.Scalar> = "\u{EF80}"..."\u{EFFF}"

  private static func escape(_ byte: UInt8) -> Unicode.Scalar {
    // Bytes of invalid sequences are 0x80 or more: ASCII is always valid.
    Unicode.Scalar(0xEF00 + UInt16(byte)) ?? "\u{FFFD}"
  }
}

extension Unicode.Scalar {
  /// The byte of a file name that this character stands for, where it stands for one that is not
  /// text.
  public var escapedPathByte: UInt8? {
    (0xEF80...0xEFFF).contains(value) ? UInt8(truncatingIfNeeded: value) : nil
  }
}
