import TesseraFiles
import TesseraThreads

extension FileSystem {
  /// All bytes of a file that a test has made, or had made.
  package static func content(of path: String) throws(FileError) -> [UInt8] {
    try content(of: path, as: [.file], limit: .max, cancellation: Cancellation())
  }
}
