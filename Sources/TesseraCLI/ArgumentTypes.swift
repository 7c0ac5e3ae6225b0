import ArgumentParser
import Tessera
import TesseraCore

/// An amount of memory: "4G", "512M", "1.5GiB", or a number of bytes.
struct MemoryAmount: ExpressibleByArgument {
  let byteCount: Int

  init?(argument: String) {
    let digits = argument.prefix { $0.isNumber || $0 == "." }
    let unit = argument.dropFirst(digits.count).lowercased()
    let units = ["", "k", "m", "g", "t"]
    guard let value = Double(digits), value > 0,
      let power = units.firstIndex(where: { unit == $0 || unit == $0 + "b" || unit == $0 + "ib" }),
      !(power == 0 && unit == "ib")
    else { return nil }
    let bytes = (0..<power).reduce(value) { amount, _ in amount * 1024 }
    guard bytes >= 1, bytes < 1e18 else { return nil }
    byteCount = Int(bytes)
  }
}

/// The size of an image: "640x480" for three channels, "640x480x1".
struct ImageSizeArgument: ExpressibleByArgument {
  let shape: ImageShape

  init?(argument: String) {
    let parts = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
    let sides = parts.compactMap { Int($0) }
    guard sides.count == parts.count, (2...3).contains(sides.count),
      sides.allSatisfy({ (1...1_000_000_000).contains($0) })
    else { return nil }
    shape = ImageShape(channels: sides.count == 3 ? sides[2] : 3, height: sides[1], width: sides[0])
  }
}

/// A number of workers.
struct WorkerCount: ExpressibleByArgument {
  let count: Int

  init?(argument: String) {
    guard let count = Int(argument), (1...1024).contains(count) else { return nil }
    self.count = count
  }
}
