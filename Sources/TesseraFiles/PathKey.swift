/// A path as a key: equal when the bytes are.
package struct PathKey: Hashable, Comparable {
  package let bytes: [UInt8]

  package init(_ path: String) { bytes = Array(path.utf8) }

  /// The path itself.
  package var path: String { String(decoding: bytes, as: UTF8.self) }

  package init(bytes: [UInt8]) { self.bytes = bytes }

  package static func < (a: PathKey, b: PathKey) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }
}
