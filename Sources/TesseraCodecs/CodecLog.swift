import CTesseraCodecs
import TesseraFiles

/// What a C library said while it worked, in Swift's words.
struct CodecLog {
  let format: FileFormat
  /// What the library asks of files.
  let operation: FileError.Operation
  let log: UnsafePointer<tsr_log>

  /// Distinct complaints, the first ones.
  var warnings: [String] {
    (0..<log.pointee.note_count).map { String(cString: tsr_log_note(log, $0)) }
  }

  /// The first complaint that a part of the image is not in the file.
  var missing: CodecError? { first(tsr_missing).map { .truncated(format, $0) } }

  /// The first complaint that pixels may be wrong.
  var damage: CodecError? { first(tsr_damage).map { .damaged(format, $0) } }

  private func first(_ severity: tsr_severity) -> String? {
    guard log.pointee.damage_count > 0 else { return nil }
    return (0..<log.pointee.note_count)
      .first { tsr_log_severity(log, $0) == severity }
      .map { String(cString: tsr_log_note(log, $0)) }
  }

  /// The error of a call that ended with this status; `nil` for `tsr_ok`.
  func failure(_ status: tsr_status) -> CodecError? {
    let text = String(cString: tsr_log_text(log))
    switch status {
    case tsr_ok: return nil
    case tsr_damaged: return .damaged(format, text)
    case tsr_unsupported: return .unsupported(format, text)
    case tsr_over_limit, tsr_no_memory: return .overLimit(format, text)
    case tsr_truncated: return .truncated(format, text)
    case tsr_cancelled: return .cancelled
    case tsr_io: return .io(operation, errno: log.pointee.error_number)
    default: return .malformed(format, text)
    }
  }

  /// Throws the error of a call that did not end with `tsr_ok`.
  func check(_ status: tsr_status) throws(CodecError) {
    if let failure = failure(status) { throw failure }
  }
}
