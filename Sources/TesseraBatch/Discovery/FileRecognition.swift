import Glibc
import TesseraFiles

/// Which files of a folder are inputs: those with a known extension or known first bytes.
public struct FileRecognition: Sendable {
  /// The kinds of files in words: "PNG, JPEG or NPY".
  public var kinds: String
  /// Extensions in small letters, without the dot.
  public var extensions: Set<String>
  /// What files begin with.
  public var signatures: [[UInt8]]

  /// Says by what files are known; Batch itself knows of no format.
  public init(kinds: String, extensions: Set<String>, signatures: [[UInt8]]) {
    self.kinds = kinds
    self.extensions = extensions
    self.signatures = signatures
  }

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
