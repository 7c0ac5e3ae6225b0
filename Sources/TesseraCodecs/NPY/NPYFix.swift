/// What to type in NumPy, or in a pipeline, to make an array that can be read.
enum NPYFix {
  /// The sides of an array as NumPy writes them, as far as anybody reads them.
  static func shape(_ sides: [Int]) -> String {
    guard sides.count > 8 else {
      return "(" + sides.map(String.init).joined(separator: ", ") + ")"
    }
    let first = sides.prefix(4).map(String.init).joined(separator: ", ")
    return "(\(first), …) of \(sides.count) sides"
  }

  /// A word of the header, as far as anybody reads it.
  static func short(_ word: String) -> String {
    word.unicodeScalars.count > 40 ? String(word.prefix(40)) + "…" : word
  }

  /// Types that no image has, by the letter of their kind.
  static func unsupported(_ descriptor: String) -> CodecError {
    let letter = descriptor.drop { "<>|=".contains($0) }.first
    let (name, fix) =
      switch letter {
      case "c": ("complex numbers", "np.abs(a) or a.real")
      case "f": ("numbers of a width that is not read", "a.astype(np.float32)")
      case "m", "M": ("dates or times", "a.astype(np.int64).astype(np.float32)")
      case "O": ("Python objects", "np.stack(list(a)).astype(np.float32)")
      case "S", "U": ("text", "a.astype(np.float32), if it is numbers")
      case "V": ("records", "a[a.dtype.names[0]]")
      default: ("a type that is not read", "a.astype(np.float32)")
      }
    return .unsupported(
      .npy, "values of type \(short(descriptor)), which are \(name); save it with \(fix)")
  }

  /// A value that float32 does not hold.
  static func inexact(
    _ inexact: NPYValues.Inexact, _ type: NPYType, ofImage: Bool = true
  ) -> CodecError {
    let start = "the value \(inexact.text) of type \(type.text)"
    if inexact.isTooLarge {
      return .unsupported(
        .npy,
        "\(start) is too large for float32; make it smaller, such as with "
          + "(a / np.abs(a).max()).astype(np.float32)")
    }
    let rounded = "a.astype(np.float32)"
    return .unsupported(
      .npy,
      "\(start) is not exact in float32; "
        + (ofImage
          ? "\"dtype\": \"float32\" in load rounds it, and so does \(rounded) before it is saved"
          : "round it with \(rounded) before it is saved"))
  }
}
