import Glibc
import TesseraFiles
import TesseraThreads

/// Where inputs come from.
public enum InputSource: Hashable, Sendable {
  /// A folder, a file, or a glob where nothing has that very name.
  case path(String)
  /// A text file with one path a line, or NUL after each; "-" is standard input.
  case list(String)
}

/// What was found to process.
public struct DiscoveredInputs: Sendable {
  /// The inputs, in the order of the bytes of their names.
  public var items: ItemList
  /// Files that were passed over because they are not known images.
  public var skippedCount: Int
  /// FIFOs, sockets and devices that were met in folders, and passed over.
  public var specialFiles: FirstFound<SpecialFile>
  /// Folders that could not be read, so that inputs may be missing.
  public var unreadableFolders: FirstFound<FileError>
  /// What else was passed over, in sentences.
  public var warnings: [String]

  /// Puts together what a search has found.
  public init(
    items: ItemList, skippedCount: Int = 0, specialFiles: FirstFound<SpecialFile> = [],
    unreadableFolders: FirstFound<FileError> = [], warnings: [String] = []
  ) {
    self.items = items
    self.skippedCount = skippedCount
    self.specialFiles = specialFiles
    self.unreadableFolders = unreadableFolders
    self.warnings = warnings
  }
}

/// Finds the inputs of a run.
///
/// In folders and under globs an input is a visible file with a known extension or known first
/// bytes; a file that is named outright or in a list is one whatever it is, as long as `include`,
/// `exclude` and `isRecursive` take its name.
public struct InputDiscovery: Sendable {
  /// Globs of which an input must fit one; empty: all do.
  ///
  /// A glob without a slash is held against the name, one with a slash against the whole path from
  /// the folder that is loaded.
  public var include: [String]
  /// Globs that an input, and every folder on its way, must not fit.
  public var exclude: [String]
  /// Whether folders inside the folder count.
  public var isRecursive: Bool
  /// Whether links to folders outside of the one that is walked are followed.
  public var followsLinks: Bool
  /// Folders of outputs: nothing in them is found by walking.
  public var outputFolders: [String]

  private let recognition: FileRecognition

  /// Says what counts; nothing is looked at yet.
  public init(
    of recognition: FileRecognition, include: [String] = [], exclude: [String] = [],
    isRecursive: Bool = true, followsLinks: Bool = false, outputFolders: [String] = []
  ) {
    self.recognition = recognition
    self.include = include
    self.exclude = exclude
    self.isRecursive = isRecursive
    self.followsLinks = followsLinks
    self.outputFolders = outputFolders
  }

  /// Finds all inputs of some sources, each of them once.
  ///
  /// A path that is missing is a mistake, and ends the search. What is there and cannot be asked for,
  /// such as a link to nothing, is an input that fails by itself, as long as there are others.
  ///
  /// - Parameters:
  ///   - sources: where they are.
  ///   - cancellation: ends the search early.
  /// - Returns: the inputs, and what was passed over.
  /// - Throws: ``DiscoveryError`` where a source is missing, nothing is found, or the search was
  ///   cancelled.
  public func inputs(
    in sources: [InputSource], cancellation: Cancellation = Cancellation()
  ) throws(DiscoveryError) -> DiscoveredInputs {
    var search = try InputSearch(
      recognition: recognition,
      selection: InputNames(include: include, exclude: exclude, isRecursive: isRecursive),
      followsLinks: followsLinks, outputFolders: outputFolders, cancellation: cancellation)
    for source in sources {
      switch source {
      case .path(let path): try search.add(path)
      case .list(let list): try search.addList(list)
      }
    }
    let found = search.found()
    // What was not looked at may be missing.
    if cancellation.isCancelled { throw .cancelled }
    if let refusal = search.refusal(of: found) { throw .unreadable(refusal) }
    if !found.items.isEmpty { return found }
    if let error = found.unreadableFolders.kept.first { throw .unreadable(error) }
    throw .nothingMatches(
      sources, skippedCount: found.skippedCount, kinds: recognition.kinds,
      specialFiles: found.specialFiles, warnings: found.warnings)
  }
}
