import ArgumentParser
import Tessera
import TesseraCore

/// What an argument should have been, as the parser of the command line shows it behind the value.
struct UnexpectedValue: Error, CustomStringConvertible {
  let expected: String

  var description: String { "expected \(expected)" }
}

/// An amount of memory: "4G", "512M", "1.5GiB", or a number of bytes.
struct MemoryAmount {
  let byteCount: Int

  init(_ argument: String) throws(UnexpectedValue) {
    let error = UnexpectedValue(expected: "a number with K, M, G or T, such as 4G or 512M")
    let digits = argument.prefix { $0.isNumber || $0 == "." }
    let unit = argument.dropFirst(digits.count).lowercased()
    let units = ["", "k", "m", "g", "t"]
    guard let value = Double(digits), value > 0,
      let power = units.firstIndex(where: { unit == $0 || unit == $0 + "b" || unit == $0 + "ib" }),
      !(power == 0 && unit == "ib")
    else { throw error }
    let bytes = (0..<power).reduce(value) { amount, _ in amount * 1024 }
    guard bytes >= 1, bytes < 1e18 else { throw error }
    byteCount = Int(bytes)
  }
}

/// The size of an image: "640x480" for three channels, "640x480x1".
struct ImageSizeArgument {
  let shape: ImageShape

  init(_ argument: String) throws(UnexpectedValue) {
    let parts = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
    let sides = parts.compactMap { Int($0) }
    guard sides.count == parts.count, (2...3).contains(sides.count),
      sides.allSatisfy({ (1...1_000_000_000).contains($0) })
    else {
      throw UnexpectedValue(expected: "width x height, such as 640x480, or 640x480x1 for gray")
    }
    shape = ImageShape(channels: sides.count == 3 ? sides[2] : 3, height: sides[1], width: sides[0])
  }
}

/// A number of workers.
struct WorkerCount {
  let count: Int

  init(_ argument: String) throws(UnexpectedValue) {
    guard let count = Int(argument), (1...1024).contains(count) else {
      throw UnexpectedValue(expected: "a number from 1 to 1024")
    }
    self.count = count
  }
}

/// A path that says nothing, as an unset variable of a shell does.
enum UnnamedPath {
  /// Refuses those of an argument.
  static func check(_ paths: [String?], as argument: String) throws {
    if paths.contains("") {
      throw ValidationError("\(argument) needs the name of a file or a folder, found nothing")
    }
  }
}
