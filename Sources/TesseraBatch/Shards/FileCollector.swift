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
      collector.waiting += files
    }

    /// Removes the files.
    public func discard() {
      for file in files { file.file.discard() }
      files = []
    }
  }

  fileprivate struct File {
    let file: AtomicFile
    /// The item whose own file it is; `nil`: all share it.
    let position: Int?
    let shape: [Int]
    let dtype: String
  }

  private var waiting: [File] = []

  /// Files that wait for their names, in order of the items.
  public var files: [AtomicFile] { waiting.map(\.file) }

  /// Begins without any file.
  public init() {}

  /// Takes a file that the items share, closed and without a name yet.
  ///
  /// - Parameters:
  ///   - file: the file, whole under its temporary name.
  ///   - shape: lengths of the array's axes, slowest first.
  ///   - dtype: type of the values, as NumPy spells it.
  public func add(_ file: AtomicFile, shape: [Int], dtype: String) {
    waiting.append(File(file: file, position: nil, shape: shape, dtype: dtype))
  }

  /// The place of the next item.
  public func slot(_ position: Int) -> Slot { Slot(self, position) }

  /// Names the files, in order of the items.
  public func commit(besides names: TakenNames = .none) throws(InputFailure) -> [OutputFile] {
    var outputs: [OutputFile] = []
    var new: [String] = []
    do throws(InputFailure) {
      // All are held against what is there before one gets its name.
      let adopted = try waiting.map { (file) throws(InputFailure) in
        try names.adopts(file.file)
      }
      for (file, isAdopted) in zip(waiting, adopted) {
        let isNew = FileStatus(of: file.file.path, followingLinks: false) == nil
        outputs.append(try file.named(isAdopted, names))
        if isNew, outputs.last?.isAdopted == false { new.append(file.file.path) }
      }
    } catch {
      // Where one cannot have its name, none appears. What has replaced a good file stays: it is as
      // good, and the other is gone.
      for path in new { FileSystem.remove(path) }
      discard()
      throw error
    }
    waiting = []
    return outputs
  }

  /// Removes the files that have no name yet.
  public func discard() {
    for file in waiting { file.file.discard() }
    waiting = []
  }
}

extension FileCollector.File {
  /// The file under its name: this one, or the one that is there.
  fileprivate func named(
    _ isAdopted: Bool, _ names: TakenNames
  ) throws(InputFailure) -> OutputFile {
    var isAdopted = isAdopted
    if isAdopted { file.discard() } else { isAdopted = try names.name(file) }
    let byteCount = FileStatus(of: file.path)?.byteCount ?? 0
    var output = OutputFile(
      path: file.path, byteCount: byteCount, shape: shape, dtype: dtype, position: position)
    output.isAdopted = isAdopted
    return output
  }
}
