import CTesseraCodecs
import TesseraFiles

/// Owns a reader or writer of the C shims and frees it.
final class CodecHandle {
  let pointer: OpaquePointer
  let log: CodecLog
  private let free: (OpaquePointer) -> Void

  /// Takes ownership of what a `make` function gave; `nil` means that there was no memory.
  init(
    _ pointer: OpaquePointer?, format: ImageFormat, operation: FileError.Operation,
    log: (OpaquePointer) -> UnsafePointer<tsr_log>?, free: @escaping (OpaquePointer) -> Void
  ) throws(CodecError) {
    guard let pointer, let log = log(pointer) else {
      throw .overLimit(format, "no memory is left for the codec")
    }
    self.pointer = pointer
    self.log = CodecLog(format: format, operation: operation, log: log)
    self.free = free
  }

  deinit { free(pointer) }
}
