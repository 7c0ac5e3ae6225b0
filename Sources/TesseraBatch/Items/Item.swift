import TesseraFiles

/// One thing to process: a file today, a member of an archive as well where bytes are a part of one.
public struct Item: Sendable {
  /// The path from the folder that was loaded: what reports, names of outputs and the order use.
  public var name: String
  /// The input root that it was found in: its name, after as much of its path as tells the roots of
  /// the run apart.
  public var root = ""
  /// What it is called in the archive that it is a member of; `nil` for a file.
  public var member: String?
  /// Which of its views it is, where every input comes several times.
  public var view: Int?
  /// Where its bytes are.
  public var source: ByteSource
  /// How many there are.
  public var byteCount: Int
  /// When they last changed, since 1970 [ns].
  public var modificationTime: Int

  /// Describes an item of which everything is known.
  public init(name: String, source: ByteSource, byteCount: Int, modificationTime: Int) {
    self.name = name
    self.source = source
    self.byteCount = byteCount
    self.modificationTime = modificationTime
  }

  /// Describes a whole file as it is now.
  ///
  /// One that is missing is an item, too: it fails by itself, and the others go on.
  public init(file path: String, name: String) {
    self.init(file: path, name: name, FileStatus(of: path))
  }

  init(file path: String, name: String, _ status: FileStatus?) {
    self.init(
      name: name, source: ByteSource(path: path), byteCount: status?.byteCount ?? 0,
      modificationTime: status?.modificationTime ?? 0)
  }
}

extension Item {
  /// The path of its file with its page, or that of its archive and its own name there.
  var shownPath: String {
    member.map { Path.join(source.path, $0) } ?? source.path + (pageSuffix ?? "")
  }

  /// What a page has behind the name of its file: `#2`; `nil` for what is no page.
  private var pageSuffix: String? {
    source.page == nil ? nil : PageName(name).map { "#\($0.number)" }
  }

  /// The name without its page.
  package var fileName: String {
    source.page == nil ? name : PageName(name)?.file ?? name
  }

  /// The name that outputs follow from: that of a page has its number before the extension, `x-2.tif`.
  package var stemmedName: String {
    source.page == nil ? name : PageName(name)?.stemmed ?? name
  }

  /// The pages of a file, each as an item; itself, where there is one.
  ///
  /// Their names are as long as that of the last, so that names and pages have the same order.
  func pages(_ count: Int) -> [Item] {
    guard count > 1 else { return [self] }
    let digits = String(count).utf8.count
    return (0..<count).map { page in
      let number = String(page + 1)
      let suffix = "#" + String(repeating: "0", count: digits - number.utf8.count) + number
      var item = self
      item.source.page = page
      item.name += suffix
      item.member = member.map { $0 + suffix }
      return item
    }
  }

  /// What records tell it by: its name, and behind a byte that no name holds its view, and
  /// that it is a page.
  var recordName: String {
    // A file may have the name of a page of another.
    let name = source.page == nil ? name : "\(name)\0#"
    return view.map { "\(name)\0\($0)" } ?? name
  }
}

extension Item: Hashable {
  // Swift's == on text is canonical equivalence: "é" in its two spellings would be one item.

  /// Whether two descriptions agree in every byte of name and source, and in size and time.
  public static func == (a: Item, b: Item) -> Bool {
    a.name.utf8.elementsEqual(b.name.utf8) && a.source == b.source
      && a.view == b.view && a.byteCount == b.byteCount && a.modificationTime == b.modificationTime
  }

  /// Feeds size and time, which tell most items apart.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(byteCount)
    hasher.combine(modificationTime)
  }
}
