import Glibc
import TesseraFiles

/// Which files of a folder are inputs: those with a known extension or known first bytes.
struct FileRecognition: Sendable {
  /// Extensions in small letters, without the dot.
  var extensions: Set<String> = ["png", "jpg", "jpeg", "jpe", "jfif", "npy"]
  /// What files begin with: PNG, JPEG, NPY.
  var signatures: [[UInt8]] = [
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
    [0xFF, 0xD8, 0xFF],
    [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59],
  ]

  /// Whether the file is an input; opens it only if its extension is not known.
  func accepts(path: String, name: String) -> Bool {
    let fileExtension = Path.split(name: name).fileExtension.lowercased()
    return extensions.contains(fileExtension) || hasKnownStart(path)
  }

  private func hasKnownStart(_ path: String) -> Bool {
    let length = signatures.map(\.count).max() ?? 0
    guard let file = try? OpenFile(path, flags: O_RDONLY) else { return false }
    let start = withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { buffer in
      (try? file.read(into: buffer)).map { Array(buffer.prefix($0)) } ?? []
    }
    return signatures.contains { start.starts(with: $0) }
  }
}
