import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// What a path holds: a dataset, a file of arrays, a tar archive, an image, or a folder of images.
///
/// Files are read a piece at a time, and nothing is written.
public struct Inspection: Sendable {
  /// Something that is known, for programs and for people.
  struct Fact: Sendable {
    var key: String
    var value: JSONValue
    /// Lines for people; `nil` where they need not see it.
    var text: String?

    init(_ key: String, _ value: JSONValue, _ text: String?) {
      (self.key, self.value, self.text) = (key, value, text)
    }

    init(_ key: String, _ text: String) { self.init(key, JSONValue(.string(text)), text) }

    init(_ key: String, _ count: Int) {
      self.init(key, JSONValue(.number(JSONNumber(count))), "\(count)")
    }
  }

  /// The path.
  public let path: String
  /// What there is.
  public let kind: Kind
  let facts: [Fact]

  /// The kinds of things that are told of.
  public enum Kind: String, Sendable, CaseIterable {
    /// A folder with a dataset.json.
    case dataset
    /// An .npy file.
    case array
    /// A .safetensors file.
    case tensors
    /// A tar archive.
    case archive
    /// A picture.
    case image
    /// A folder without one.
    case folder
  }

  /// Looks at a path.
  ///
  /// - Parameters:
  ///   - path: a folder or a file.
  ///   - takesStatistics: whether all values are read, not only what files say of themselves.
  ///   - cancellation: asked between pieces.
  /// - Throws: ``InspectionError``.
  public init(
    of path: String, takesStatistics: Bool = true, cancellation: Cancellation = Cancellation()
  ) throws(InspectionError) {
    self.path = path
    kind = try Kind(of: path)
    let reading = InspectionReading(takesStatistics, cancellation)
    facts =
      switch kind {
      case .dataset: try reading.dataset(path)
      case .folder: try reading.folder(path)
      case .archive: try reading.archive(path)
      case .array: try reading.array(path)
      case .tensors: try reading.tensors(path)
      case .image: try reading.image(path)
      }
  }

  /// One object, in one line, whose keys docs/inspect.md tells of.
  public var json: String {
    let own = [
      JSONMember("path", JSONValue(.string(path))),
      JSONMember("kind", JSONValue(.string(kind.rawValue))),
    ]
    return JSONWriter.compact(
      JSONValue(.object(own + facts.map { JSONMember($0.key, $0.value) })))
  }

  /// Lines for people.
  public var text: String {
    let shown = facts.compactMap { fact in fact.text.map { (fact.key, $0) } }
    let width = (shown.map(\.0.count).max() ?? 0) + 2
    let lines = shown.map { key, text in
      let label = key.replacing("_", with: " ")
      let indent = "\n" + String(repeating: " ", count: width + 2)
      return "  " + label + String(repeating: " ", count: width - label.count)
        + text.replacing("\n", with: indent)
    }
    return ([path + ": " + kind.words] + lines).joined(separator: "\n")
  }
}

extension Inspection.Kind {
  /// Tells by content what a path leads to.
  init(of path: String) throws(InspectionError) {
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(at: path)
    } catch {
      throw .unreadable(error)
    }
    guard status.kind != .folder else {
      let isDataset = FileStatus(of: DatasetDescription.path(in: path))?.kind == .file
      self = isDataset ? .dataset : .folder
      return
    }
    let start: [UInt8]
    do throws(FileError) {
      start = try OpenSource(ByteSource(path: path)).bytes(at: 0, count: 512)
    } catch {
      throw .unreadable(error)
    }
    let name = Path.split(name: Path.name(of: path)).fileExtension.lowercased()
    if let format = start.withUnsafeBytes(ImageFormat.sniff) {
      self = format == .npy ? .array : .image
    } else if start.dropFirst(257).starts(with: "ustar".utf8) || name == "tar" {
      self = .archive
    } else if SafetensorsFile.isLikely(firstBytes: start) || name == "safetensors" {
      self = .tensors
    } else {
      // Its reader says what the file may be.
      self = .image
    }
  }

  fileprivate var words: String {
    switch self {
    case .dataset: "a dataset"
    case .array: "an array"
    case .tensors: "tensors"
    case .archive: "a tar archive"
    case .image: "an image"
    case .folder: "a folder"
    }
  }
}

/// Why nothing can be told of a path.
public enum InspectionError: Error, Sendable {
  /// The system refuses it.
  case unreadable(FileError)
  /// A file is not what it should be.
  case file(String, CodecError)
  /// The files that tell of a dataset are wrong.
  case dataset(DatasetError)
  /// An archive cannot be read to its end.
  case archive(String, String)
  /// What was asked for does not apply.
  case request(String)
  /// An image cannot be drawn.
  case picture(String, String)
  /// There is no image in a folder.
  case nothing(DiscoveryError)
  /// A picture cannot be written.
  case output(FileError)
  /// Nobody wants to know any more.
  case cancelled
}

extension InspectionError: CustomStringConvertible {
  /// Which file, and what is wrong.
  public var description: String {
    switch self {
    case .unreadable(let error), .output(let error): error.description
    case .file(let path, let error): "\(path.printable): \(error)"
    case .dataset(let error): error.description
    case .archive(let path, let text): "\(path.printable): \(text)"
    case .picture(let name, let text): "\(name.printable): \(text)"
    case .request(let text): text
    case .nothing(let error): error.description
    case .cancelled: "it was asked to end"
    }
  }
}

extension InspectionError {
  /// Does what is asked of a file, and tells what it throws with its name.
  static func reading<Value>(
    _ path: String, _ body: () throws(CodecError) -> Value
  ) throws(InspectionError) -> Value {
    do throws(CodecError) {
      return try body()
    } catch {
      throw error == .cancelled ? .cancelled : .file(path, error)
    }
  }

  /// Opens what is drawn, and tells of an image that is too large in words of its own: `max_pixels` is
  /// no option of an inspection.
  static func drawing<Value>(
    _ name: String, _ body: () throws(CodecError) -> Value
  ) throws(InspectionError) -> Value {
    do throws(InspectionError) {
      return try reading(name, body)
    } catch {
      guard case .file(_, .tooManyPixels(let shape, let limit)) = error else { throw error }
      throw .picture(
        name,
        "an image of \(shape.pixelsInWords) is not drawn: expected at most \(limit) pixels")
    }
  }
}
