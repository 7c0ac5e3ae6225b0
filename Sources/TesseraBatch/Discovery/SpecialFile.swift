import TesseraCore
import TesseraFiles

/// Something in a folder of inputs that is read by waiting, or without an end.
public struct SpecialFile: Located {
  /// Where it is.
  public let path: String
  private let kind: FileStatus.Kind

  /// `nil` for files and folders.
  init?(_ path: String, _ kind: FileStatus.Kind) {
    switch kind {
    case .pipe, .socket, .device: break
    case .file, .link, .folder: return nil
    }
    self.path = path
    self.kind = kind
  }
}

extension SpecialFile {
  /// What it is in a word: fifo, socket or device.
  public var word: String {
    switch kind {
    case .pipe: "fifo"
    case .socket: "socket"
    default: "device"
    }
  }
}

extension SpecialFile: CustomStringConvertible {
  /// `'in/a.png' is a FIFO`.
  public var description: String {
    "'\(path.printable)' is \(kind.name)"
  }

  /// The first three of some, and how many of each kind there are besides; of very many, how many:
  /// `passed over: 'in/a.png' is a FIFO`.
  public static func line(of files: FirstFound<SpecialFile>) -> String? {
    guard !files.isEmpty else { return nil }
    let names = files.kept.prefix(3).map(\.description).joined(separator: ", ")
    if files.count > files.kept.count {
      return "passed over: \(names), and \(files.count - 3) more FIFOs, sockets and devices"
    }
    let counts = [(FileStatus.Kind.pipe, "FIFO"), (.socket, "socket"), (.device, "device")]
      .compactMap { kind, noun -> String? in
        let count = files.kept.dropFirst(3).count { $0.kind == kind }
        return count == 0 ? nil : "\(count) more \(noun)\(count == 1 ? "" : "s")"
      }
    return "passed over: \(names)"
      + (counts.isEmpty ? "" : ", and " + counts.joined(separator: ", "))
  }
}
