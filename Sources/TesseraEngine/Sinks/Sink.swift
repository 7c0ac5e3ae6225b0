import TesseraCore
import TesseraFiles
import TesseraThreads

/// A step of one image's run that takes what flows out of it: an encoder, a comparison.
package protocol Sink: AnyObject {
  /// Takes some units; `loaded` holds the same rows of the image as it was loaded, where the sink
  /// asked for them.
  func take(_ units: Range<Int>, from input: RowWindow, loaded: RowWindow?) throws(RunError)
  /// Ends the work once every unit was taken.
  func finish() throws(RunError)
  /// What was measured of the image; nothing before the end.
  var figures: [ImageResult.Figure] { get }
  /// What was odd about the values.
  ///
  /// - Parameter counts: What a step has rounded before, in place of the sink.
  /// - Returns: One for each oddity; none where there is nothing to tell.
  func warnings(roundedBefore counts: QuantizationCounts?) -> [RunWarning]
  /// Metadata that the outputs do not have, in words.
  var losses: [String] { get }
}

extension Sink {
  package var figures: [ImageResult.Figure] { [] }
  package func warnings(roundedBefore counts: QuantizationCounts?) -> [RunWarning] { [] }
  package var losses: [String] { [] }
}

/// A sink that writes files, or keeps in memory what they would hold.
package protocol OutputSink: Sink {
  /// The files, which have no final names yet.
  var files: [AtomicFile] { get }
  /// Whether they are to be read back before they get their names.
  var verifies: Bool { get }
  /// Sides of the array in one file, slowest first; known once the sink has finished.
  var shape: [Int] { get }
  /// The type of its values.
  var storedType: StoredType { get }
  /// What was rounded on the way.
  var counts: QuantizationCounts { get }
  /// Numbers of the blocks that were written, where some may have been let go.
  var keptBlocks: [Int]? { get }
  /// How many blocks were let go before; `nil` where none could be.
  var dropped: DroppedBlocks? { get }
  /// Gives what was kept in memory, once the sink has finished.
  func takeArrays() -> [ValueArray]
  /// Reads finished files back and compares them with what was written.
  ///
  /// - Parameter cancellation: Asked between rows or pieces.
  /// - Throws: `RunError`.
  func verify(_ cancellation: Cancellation) throws(RunError)
}

extension OutputSink {
  package var keptBlocks: [Int]? { nil }
  package var dropped: DroppedBlocks? { nil }
}

/// Where one array or picture goes.
enum OutputPlace {
  /// A file beside its final name.
  case file(AtomicFile)
  /// Memory of its own.
  case memory

  /// The file, if it is one.
  var file: AtomicFile? { if case .file(let file) = self { file } else { nil } }
}

extension AtomicFile {
  /// Creates files beside their final names.
  ///
  /// - Throws: `RunError.output` where the system refuses one.
  static func beside(_ paths: [String]) throws(RunError) -> [AtomicFile] {
    var files: [AtomicFile] = []
    do throws(FileError) {
      for path in paths { files.append(try AtomicFile(at: path)) }
    } catch {
      throw .output(error)
    }
    return files
  }
}
