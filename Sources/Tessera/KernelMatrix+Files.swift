import Glibc
import TesseraCodecs
import TesseraFiles
import TesseraPipeline

extension KernelMatrix {
  /// Writes the matrix as a .npy file of float32, output values × input values.
  ///
  /// - Parameters:
  ///   - path: the file; it appears when it is complete.
  ///   - replacing: whether a file that is there is replaced.
  /// - Throws: `FileError` where it cannot be written, or is there.
  public func write(to path: String, replacing: Bool = false) throws(FileError) {
    let file = try AtomicFile.removingLeftovers(at: path)
    do throws(CodecError) {
      let rows = output.channels * output.height * output.width
      let writer = try NPYFileWriter(
        path: file.temporaryPath, shape: [rows, values.count / max(rows, 1)], elementType: .float32)
      var failure: CodecError?
      values.withUnsafeBytes { bytes in
        do throws(CodecError) { try writer.append(bytes) } catch { failure = error }
      }
      if let failure { throw failure }
      try writer.finish()
    } catch {
      guard case .io(_, let code) = error else { throw FileError(.write, path, code: EIO) }
      throw FileError(.write, path, code: code)
    }
    try file.finish(replacing: replacing)
  }
}
