import TesseraFiles

/// Which links to folders a walk follows.
///
/// Those that stay inside the folder that is walked lead to what is met anyway. Others are followed
/// where that is wished for; never one to a folder that holds the walked one, such as `/`: it would
/// lead to everything.
struct LinkPolicy {
  /// Why a link is not followed.
  enum Refusal {
    /// It leaves the folder that is walked.
    case leaves
    /// It leads to a folder that holds the one that is walked.
    case holdsRoot
  }

  /// The folder that is walked.
  let root: String
  private let followsAll: Bool
  /// The folder by its path without links.
  private let real: [UInt8]

  /// - Throws: ``FileError`` where the system does not tell where the folder really is.
  init(walking root: String, followsAll: Bool) throws(FileError) {
    self.root = root
    self.followsAll = followsAll
    real = Self.closed(try FileSystem.real(root))
  }

  /// Why a link to a folder is not followed; `nil`: it is.
  ///
  /// - Throws: ``FileError`` where the system does not tell where it leads.
  func refusal(of link: String) throws(FileError) -> Refusal? {
    let target = Self.closed(try FileSystem.real(link))
    if target.starts(with: real) { return nil }
    if real.starts(with: target) { return .holdsRoot }
    return followsAll ? nil : .leaves
  }

  /// The bytes of a path, with a slash at the end.
  private static func closed(_ path: String) -> [UInt8] {
    let bytes = Array(path.utf8)
    return bytes.last == UInt8(ascii: "/") ? bytes : bytes + [UInt8(ascii: "/")]
  }
}
