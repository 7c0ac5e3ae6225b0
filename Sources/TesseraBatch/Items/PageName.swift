import TesseraFiles

/// The name of a page: that of its file, and a number behind `#`.
package struct PageName {
  /// The name of the file.
  package let file: String
  /// The digits of the number.
  package let number: String

  /// Reads a name such as `x.tif#2`; `nil` where no digits stand behind a `#`.
  package init?(_ name: String) {
    guard let mark = name.utf8.lastIndex(of: UInt8(ascii: "#")) else { return nil }
    let digits = name.utf8[name.utf8.index(after: mark)...]
    guard !digits.isEmpty,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    file = String(decoding: name.utf8[..<mark], as: UTF8.self)
    number = String(decoding: digits, as: UTF8.self)
  }

  /// The name with its number before the extension: `x-2.tif`.
  package var stemmed: String {
    let (stem, fileExtension) = Path.split(name: Path.name(of: file))
    return Path.join(
      Path.folder(of: file),
      "\(stem)-\(number)" + (fileExtension.isEmpty ? "" : ".\(fileExtension)"))
  }
}
