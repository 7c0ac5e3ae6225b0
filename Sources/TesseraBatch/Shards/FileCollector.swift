import TesseraFiles

/// Gathers files that are written one by one, and names them together.
public final class FileCollector: Collector {
  /// The files of one item.
  public final class Slot: ItemSink {
    private let collector: FileCollector
    private let position: Int
    private var files: [File] = []

    fileprivate init(_ collector: FileCollector, _ position: Int) {
      self.collector = collector
      self.position = position
    }

    /// Takes a file that is written but has no name yet.
    ///
    /// - Parameters:
    ///   - file: the file, whole under its temporary name.
    ///   - shape: lengths of the array's axes, slowest first.
    ///   - dtype: type of the values, as NumPy spells it.
    public func add(_ file: AtomicFile, shape: [Int], dtype: String) {
      files.append(File(file: file, position: position, shape: shape, dtype: dtype))
    }

    /// Hands the files over; they are open no longer.
    public func finish() throws(InputFailure) {
      for file in files {
        do throws(FileError) {
          try file.file.close()
        } catch {
          discard()
          throw InputFailure(output: error)
        }
      }
      collector.files += files
    }

    /// Removes the files.
    public func discard() {
      for file in files { file.file.discard() }
      files = []
    }
  }

  private struct File {
    let file: AtomicFile
    let position: Int
    let shape: [Int]
    let dtype: String
  }

  private var files: [File] = []

  /// Begins without any file.
  public init() {}

  /// The place of the next item.
  public func slot(_ position: Int) -> Slot { Slot(self, position) }

  /// Names the files, in order of the items.
  public func commit() throws(InputFailure) -> [OutputFile] {
    var outputs: [OutputFile] = []
    for file in files {
      do throws(FileError) {
        try file.file.finish()
      } catch {
        // Where one cannot have its name, none keeps it.
        for output in outputs { FileSystem.remove(output.path) }
        discard()
        throw InputFailure(output: error)
      }
      let path = file.file.path
      outputs.append(
        OutputFile(
          path: path, byteCount: FileStatus(of: path)?.byteCount ?? 0, shape: file.shape,
          dtype: file.dtype, position: file.position))
    }
    files = []
    return outputs
  }

  /// Removes the files that have no name yet.
  public func discard() {
    for file in files { file.file.discard() }
    files = []
  }
}
