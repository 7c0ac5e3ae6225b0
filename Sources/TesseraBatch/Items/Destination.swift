import TesseraConfiguration
import TesseraFiles

/// One place that a pipeline writes to, known from the pipeline alone.
public struct Destination: Hashable, Sendable {
  /// The `encode` stage that writes there, counted from 0.
  public var stageIndex: Int
  /// The folder that holds all of its outputs.
  public var directory: String
  /// Extension of the outputs, without the dot.
  public var fileExtension: String
  /// How outputs are named; `nil` keeps the input's folder and stem.
  public var nameTemplate: NameTemplate?

  /// Takes what an `encode` says, its folder as seen from the working directory.
  public init(
    stageIndex: Int, directory: String, fileExtension: String, nameTemplate: NameTemplate? = nil
  ) {
    self.stageIndex = stageIndex
    self.directory = directory
    self.fileExtension = fileExtension
    self.nameTemplate = nameTemplate
  }

  /// The output's path for an input, always inside ``directory``.
  ///
  /// Where every channel has a file of its own this is the name that all of them derive from: two
  /// inputs with different ones never write the same file.
  public func basePath(for item: Item) -> String {
    if let nameTemplate {
      return Path.join(directory, name(of: nameTemplate, for: item, channel: "0"))
    }
    // Nearly all names are as short as can be, and lead out of no folder.
    let given = item.stemmedName
    if Path.isNormalized(given), given.utf8.first != UInt8(ascii: "/") {
      let end = given.utf8.lastIndex(of: UInt8(ascii: ".")) ?? given.endIndex
      let isInName = !given.utf8[end...].contains(UInt8(ascii: "/"))
      let stem = isInName ? given[..<end] : given[...]
      return Path.join(directory, "\(stem)\(item.viewSuffix).\(fileExtension)")
    }
    let parts = Self.confined(given)
    let stem = Path.split(name: parts.last ?? "").stem
    let name = (parts.dropLast() + ["\(stem)\(item.viewSuffix).\(fileExtension)"]).joined(
      separator: "/")
    return Path.join(directory, name)
  }

  /// The path of the file that holds one channel, where every channel has a file of its own:
  /// stem.channel.extension, unless the template has a place for the channel.
  ///
  /// - Parameters:
  ///   - item: the input.
  ///   - channel: a number from 0 on, or a name of small letters, digits and `_` after a letter.
  /// - Returns: the path, inside ``directory``.
  public func path(for item: Item, channel: String) -> String {
    if let nameTemplate, nameTemplate.namesChannels {
      return Path.join(directory, name(of: nameTemplate, for: item, channel: channel))
    }
    return path(for: item, part: channel)
  }

  /// The path of a file that lies beside the one of ``basePath(for:)``: stem.part.extension.
  package func path(for item: Item, part: String) -> String {
    let base = basePath(for: item)
    let (stem, fileExtension) = Path.split(name: Path.name(of: base))
    let name = "\(stem).\(part)" + (fileExtension.isEmpty ? "" : ".\(fileExtension)")
    return Path.join(Path.folder(of: base), name)
  }

  /// Whether an input might be written there, with however many channels.
  package func writes(_ path: String, for item: Item) -> Bool {
    // Most often the paths are spelt alike, and the system need not be asked for links.
    writes(path, for: item, spelt: Path.normalized)
      || writes(path, for: item, spelt: RunPlaces.resolved(file:))
  }

  /// Whether what goes along with an input's array might be written there: stem.name.extension, with
  /// small letters and _ for a name.
  package func writesPart(_ path: String, for item: Item) -> Bool {
    let (path, base) = (Path.normalized(path), Path.normalized(basePath(for: item)))
    let (stem, end) = Path.split(name: Path.name(of: base))
    let name = Path.name(of: path).utf8
    guard Path.folder(of: path).utf8.elementsEqual(Path.folder(of: base).utf8),
      name.starts(with: "\(stem).".utf8), name.count > stem.utf8.count + end.utf8.count + 2,
      name.suffix(end.utf8.count + 1).elementsEqual(".\(end)".utf8)
    else { return false }
    return name.dropFirst(stem.utf8.count + 1).dropLast(end.utf8.count + 1).allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
    }
  }

  private func writes(_ path: String, for item: Item, spelt: (String) -> String) -> Bool {
    let path = spelt(path).utf8
    if spelt(basePath(for: item)).utf8.elementsEqual(path) { return true }
    let first = spelt(self.path(for: item, channel: "0")).utf8
    if first.elementsEqual(path) { return true }
    // Channels begin where the number of the first one stands.
    let same = zip(first, path).prefix { $0 == $1 }.count
    let word = path.dropFirst(same).prefix(while: ChannelWord.isPart)
    return (0...min(word.count, ChannelWord.longest)).dropFirst().contains { count in
      let channel = word.prefix(count)
      return ChannelWord.isWhole(channel)
        && spelt(self.path(for: item, channel: String(decoding: channel, as: UTF8.self))).utf8
          .elementsEqual(path)
    }
  }

  /// A template under which no two of some items write the same file; `nil` where none is known.
  public func template(separating items: ItemList) -> NameTemplate? {
    let end =
      (items.viewCount == nil ? "" : "_v{view}")
      + (nameTemplate?.namesChannels == true ? "-{channel}" : "") + ".\(fileExtension)"
    let names = [
      "{dir}/{stem}", "{dir}/{stem}-{ext}", "{root}/{dir}/{stem}", "{root}/{dir}/{stem}-{ext}",
      "{parent}/{stem}", "{parent}/{stem}-{ext}",
    ]
    return names.lazy.compactMap { try? NameTemplate($0 + end) }.first { template in
      var paths: Set<PathKey> = []
      return items.allSatisfy {
        paths.insert(PathKey(name(of: template, for: $0, channel: "0"))).inserted
      }
    }
  }

  private func name(
    of template: NameTemplate, for item: Item, channel: String
  ) -> String {
    let (stem, fileExtension) = Path.split(name: Path.name(of: item.stemmedName))
    let name = template.name { placeholder in
      switch placeholder {
      case .dir: Path.folder(of: item.name)
      case .stem: stem
      case .ext: fileExtension
      case .parent: Path.name(of: Path.folder(of: Path.absolute(item.source.path)))
      case .root: item.root
      case .channel: channel
      case .view: String(item.view ?? 0)
      }
    }
    return Self.confined(name).joined(separator: "/")
  }

  /// The parts of a relative path without those that would lead out of the folder it starts at.
  private static func confined(_ path: String) -> [String] {
    Path.normalizedParts(path).filter { $0 != ".." }
  }
}

extension Item {
  /// What tells outputs of its views apart: `_v0`, `_v1` and so on.
  package var viewSuffix: String { view.map { "_v\($0)" } ?? "" }
}
