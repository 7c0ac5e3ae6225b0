import Glibc

/// The machine that this process runs on.
package enum Host {
  /// What it calls itself, as far as that can stand in the name of a file.
  package static let name: String = {
    var text = [CChar](repeating: 0, count: 256)
    let isKnown = gethostname(&text, text.count - 1) == 0
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let name = bytes.prefix { $0 != UInt8(ascii: ".") }.filter { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == UInt8(ascii: "-")
    }.prefix(32)
    return isKnown && !name.isEmpty ? String(decoding: name, as: UTF8.self) : "host"
  }()
}
