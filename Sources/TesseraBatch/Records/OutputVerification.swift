import TesseraFiles

/// Checks that outputs still are what the run wrote.
public struct OutputVerification: Sendable {
  /// An output that is not.
  public struct Finding: Hashable, Sendable {
    /// What is wrong with it.
    public enum Problem: Hashable, Sendable {
      /// It cannot be read; most often it is missing.
      case unreadable(reason: String)
      /// Its size differs.
      case size(Int, recorded: Int)
      /// Its size is right, its content differs.
      case content
    }

    /// The output, seen from the folder of the run.
    public var path: String
    /// The input that it was made of, or the first and the last of several.
    public var source: String
    /// What is wrong with it.
    public var problem: Problem
  }

  /// Outputs that were looked at.
  public private(set) var checkedCount = 0
  /// Those that have changed, in order of the inputs.
  public private(set) var findings: [Finding] = []

  /// Reads every output that the records of a folder tell of.
  ///
  /// - Throws: ``FileError`` where the records cannot be read.
  public init(of folder: String) throws(FileError) {
    guard FileStatus(of: folder) != nil else { throw FileError(.read, folder) }
    for record in try RunFolder.records(in: folder).all where record.state == .done {
      for output in record.outputs {
        checkedCount += 1
        guard let problem = Self.problem(with: output, in: folder) else { continue }
        findings.append(Finding(path: output.path, source: record.source, problem: problem))
      }
    }
  }

  private static func problem(
    with output: RunRecord.Output, in folder: String
  ) -> Finding.Problem? {
    do throws(FileError) {
      let digest = try FileDigest(
        of: Path.join(folder, output.path), workers: BatchOptions.processorCount)
      guard digest.byteCount == output.byteCount else {
        return .size(digest.byteCount, recorded: output.byteCount)
      }
      return digest.hash == output.hash ? nil : .content
    } catch {
      return .unreadable(reason: error.reason)
    }
  }
}

extension OutputVerification.Finding: CustomStringConvertible {
  /// Which output, of which input, and what is wrong with it.
  public var description: String {
    let what =
      switch problem {
      case .unreadable(let reason): "cannot be read: \(reason)"
      case .size(let size, let recorded): "has \(size) bytes, the run wrote \(recorded)"
      case .content: "has changed since the run wrote it"
      }
    return "'\(path.printable)' (from '\(source.printable)') \(what)"
  }
}
