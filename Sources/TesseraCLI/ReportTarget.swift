import Tessera
import TesseraBatch
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Where the page of a run goes: beside its report.
struct ReportTarget {
  /// The page.
  let path: String
  private let replaces: Bool

  /// Looks whether the place is free, before anything runs.
  ///
  /// - Parameters:
  ///   - reportPath: the report; the page lies in the same folder.
  ///   - overwriting: whether whatever has the name is replaced.
  /// - Throws: ``CommandFailure`` where something else has the name.
  init(beside reportPath: String, overwriting: Bool) throws(CommandFailure) {
    path = Path.join(Path.folder(of: reportPath), ReportPage.name)
    replaces = overwriting
    try Self.checkPlace(path, isFree: overwriting || ReportPage.isPage(path)) {
      "exists and is no page of a run: move it, or have --overwrite replace it with all that is in the way"
    }
  }

  /// Refuses a place for a page that something else has.
  ///
  /// - Parameters:
  ///   - path: the place.
  ///   - isFree: whether a file there may be replaced.
  ///   - objection: what else is said of one.
  /// - Throws: ``CommandFailure``.
  static func checkPlace(
    _ path: String, isFree: Bool, objection: () -> String
  ) throws(CommandFailure) {
    guard let status = FileStatus(of: path, followingLinks: false) else { return }
    if status.kind == .folder {
      throw CommandFailure(.cannotCreate, "'\(path.printable)' is a folder", file: path)
    }
    if !isFree {
      throw CommandFailure(.cannotCreate, "'\(path.printable)' \(objection())", file: path)
    }
  }

  /// Makes the page and writes it.
  ///
  /// - Parameters:
  ///   - run: what ran.
  ///   - isQuiet: whether nothing is said of it where all is well.
  /// - Returns: the page, or why it could not be written.
  func write(_ run: ReportPage.Run, isQuiet: Bool) -> Result<String, FileError> {
    do throws(FileError) {
      let page = try ReportPage(of: run, cancellation: SignalWatch.cancellation)
      try page.write(to: path, replacing: replaces)
      if !isQuiet {
        let pictures =
          page.pictureCount == 0 ? "" : ", \(page.pictureCount.counted("input")) drawn"
        Console.note("page: \(path.printable) (\(page.rowCount.counted("row"))\(pictures))")
      }
      return .success(path)
    } catch {
      return .failure(error)
    }
  }
}
