import TesseraFiles

/// One self-contained HTML file: it asks for nothing else, from nowhere.
struct Page {
  /// What the file is, in a comment at its beginning.
  enum Kind: String {
    case report
    case view

    /// What a file of this kind begins with.
    var beginning: String { "<!DOCTYPE html>\n<!-- tessera \(rawValue) -->\n" }
  }

  var kind: Kind
  var title: String
  /// What stands below the title, as HTML.
  var lead: String
  /// Parts with their headings.
  var sections: [Section] = []
  /// Scripts, in order.
  var scripts: [String] = []

  /// A part with a heading.
  struct Section {
    /// What links lead to.
    var name: String
    var heading: String
    /// HTML.
    var content: String
  }

  /// The whole file.
  var text: String {
    let links = sections.map {
      ##"<li><a href="#\##($0.name)">\##(PageText.escaped($0.heading))</a></li>"##
    }
    let parts = sections.map {
      #"<section id="\#($0.name)" aria-labelledby="\#($0.name)-heading"><h2 id="\#($0.name)-heading">"#
        + "\(PageText.escaped($0.heading))</h2>\n\($0.content)\n</section>\n"
    }
    let policy =
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return kind.beginning + """
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <link rel="icon" href="data:,">
      <title>\(PageText.escaped(title))</title>
      <style>
      \(Self.asset(PackageResources.page_css))</style>
      </head>
      <body>
      <header>
      <h1>\(PageText.escaped(title))</h1>
      \(lead)
      </header>
      <nav aria-label="Parts of this page"><ul>\(links.joined())</ul></nav>
      <main>
      \(parts.joined())</main>
      <footer>Made by Tessera \(TesseraVersion.text). This file asks for nothing else.</footer>
      \(scripts.map { "<script>\n\($0)</script>\n" }.joined())</body>
      </html>

      """
  }

  /// Writes the file, which appears under its name once it is whole.
  ///
  /// - Throws: `FileError`, with `EEXIST` where something that is not of this kind has the name, and is not
  ///   to be replaced.
  func write(to path: String, replacing: Bool) throws(FileError) {
    let file = try AtomicFile.removingLeftovers(at: path)
    try file.write(text.utf8)
    let kind = kind
    try file.finish(replacing: replacing) { kind.isKind(of: $0) }
  }

  /// A file that is part of the page.
  static func asset(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Page.Kind {
  /// Whether a file is one of this kind; a link is somebody's, whatever is behind it.
  func isKind(of path: String) -> Bool {
    guard FileStatus(of: path, followingLinks: false)?.kind == .file,
      let source = try? OpenSource(ByteSource(path: path)),
      let start = try? source.bytes(at: 0, count: beginning.utf8.count)
    else { return false }
    return start.elementsEqual(beginning.utf8)
  }
}
