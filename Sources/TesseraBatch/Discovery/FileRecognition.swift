import Glibc
import TesseraFiles
import TesseraThreads

/// Which files of a folder are inputs: those with a known extension or known first bytes.
public struct FileRecognition: Sendable {
  /// The kinds of files in words: "PNG, JPEG, WebP, TIFF or NPY".
  public var kinds: String
  /// Extensions in small letters, without the dot.
  public var extensions: Set<String>
  /// What files begin with, `nil` for any byte.
  public var signatures: [[UInt8?]]
  /// Files that hold inputs; `nil` where there are none.
  public var archives: ArchiveListing?
  /// How many pages a file has, at least 1.
  public var pageCount: @Sendable (ByteSource, Cancellation) -> Int = { _, _ in 1 }
  /// Whether each page of a file is an input.
  public var takesPages = false

  /// Says by what files are known; Batch itself knows of no format.
  public init(
    kinds: String, extensions: Set<String>, signatures: [[UInt8?]], archives: ArchiveListing? = nil
  ) {
    self.archives = archives
    self.kinds = kinds
    self.extensions = extensions
    self.signatures = signatures
  }

  /// Whether a file is an archive of inputs, by its name.
  package func isArchive(_ name: String) -> Bool { archives?.isArchive(name) == true }

  /// What is made of a file that was met.
  enum Verdict {
    /// An input, or what may be one: a file that cannot be read fails by itself, and by name.
    case input
    /// Something else.
    case other
    /// Nothing has the name any more, or a link leads nowhere.
    case gone
  }

  /// Judges a file; opens it only if its extension is not known.
  func judge(path: String, name: String) -> Verdict {
    let fileExtension = Path.split(name: name).fileExtension.lowercased()
    if extensions.contains(fileExtension) || archives?.isArchive(name) == true { return .input }
    do throws(FileError) {
      return try hasKnownStart(ByteSource(path: path)) ? .input : .other
    } catch {
      return error.code == ENOENT ? .gone : .input
    }
  }

  /// Whether a member of an archive is an input.
  func takes(_ item: Item) -> Bool {
    let name = Path.name(of: item.name)
    if name.utf8.first == UInt8(ascii: ".") { return false }
    if archives?.membersLieBeside == true { return true }
    let fileExtension = Path.split(name: name).fileExtension.lowercased()
    return extensions.contains(fileExtension) || (try? hasKnownStart(item.source)) == true
  }

  private func hasKnownStart(_ source: ByteSource) throws(FileError) -> Bool {
    let length = signatures.map(\.count).max() ?? 0
    let start = try OpenSource(source).bytes(at: 0, count: length)
    return signatures.contains { signature in
      start.starts(with: signature) { byte, expected in expected.map { $0 == byte } ?? true }
    }
  }
}
