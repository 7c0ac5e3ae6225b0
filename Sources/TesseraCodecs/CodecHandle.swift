import CTesseraCodecs
import TesseraFiles
import TesseraThreads

/// Owns a reader or writer of the C shims and frees it.
final class CodecHandle {
  let pointer: OpaquePointer
  let log: CodecLog
  private let free: (OpaquePointer) -> Void
  /// The shims ask it as long as they live.
  private let cancellation: Cancellation

  /// Takes ownership of what a `make` function gave; `nil` means that there was no memory.
  init(
    _ pointer: OpaquePointer?, format: FileFormat, operation: FileError.Operation,
    cancellation: Cancellation,
    log: (OpaquePointer) -> UnsafePointer<tsr_log>?, free: @escaping (OpaquePointer) -> Void
  ) throws(CodecError) {
    guard let pointer, let log = log(pointer) else {
      throw .overLimit(format, "no memory is left for the codec")
    }
    self.pointer = pointer
    self.log = CodecLog(format: format, operation: operation, log: log)
    self.free = free
    self.cancellation = cancellation
  }

  deinit { free(pointer) }
}

extension Cancellation {
  /// The same question for the C shims; whoever asks it keeps the cancellation.
  var forShims: tsr_stop {
    tsr_stop(
      is_wanted: { context in
        guard let context else { return false }
        return Unmanaged<Cancellation>.fromOpaque(context).takeUnretainedValue().isCancelled
      }, context: Unmanaged.passUnretained(self).toOpaque())
  }
}
