import TesseraCodecs
import TesseraCore

/// A picture in a page.
struct PagePicture {
  /// What it shows, for those who do not see it.
  var label: String
  /// What is said below it, as HTML.
  var caption: String
  private let size: Size
  private let bytes: [UInt8]

  /// Larger pictures are kept as well as eyes can tell.
  private static let mostExactBytes = 40_000

  /// Encodes a picture.
  ///
  /// - Parameters:
  ///   - sheet: its pixels.
  ///   - isExact: whether every pixel is kept, unless that takes much: of patches and differences.
  ///   - label: what it shows.
  ///   - caption: HTML.
  init?(_ sheet: DrawnSheet, isExact: Bool, label: String, caption: String) {
    var settings = WebPSettings()
    // Few pixels are seen one by one.
    settings.isLossless = isExact || sheet.size.height * sheet.size.width <= 4096
    settings.quality = 82
    guard
      var bytes = try? WebPWriter.encoded(sheet.pixels, size: sheet.size, settings: settings)
    else { return nil }
    if bytes.count > Self.mostExactBytes, settings.isLossless {
      settings.isLossless = false
      settings.quality = 92
      bytes =
        (try? WebPWriter.encoded(sheet.pixels, size: sheet.size, settings: settings)) ?? bytes
    }
    self.bytes = bytes
    self.label = label
    self.caption = caption
    size = sheet.size
  }

  /// What it takes of the page [bytes].
  var byteCount: Int { (bytes.count + 2) / 3 * 4 }

  /// Width by height.
  var aspect: Double { Double(size.width) / Double(size.height) }

  /// A figure with its caption.
  var html: String {
    let isSmall = max(size.height, size.width) < 200
    return #"<figure><div class="picture"><img"# + (isSmall ? #" class="small""# : "")
      + #" src="data:image/webp;base64,\#(PageText.base64(bytes))" width="\#(size.width)""#
      + #" height="\#(size.height)" alt="\#(PageText.escaped(label))"></div>"#
      + "<figcaption>\(caption)</figcaption></figure>"
  }
}

extension DrawnView.Figures {
  /// The values as a small drawing, with their ends in words.
  var html: String {
    guard let extremes else {
      return #"<p class="soft">No value is finite.</p>"#
    }
    let colors = histograms.count >= 3 ? ["red", "green", "blue", "first"] : ["second", "first"]
    let most = histograms.flatMap(\.self).max() ?? 1
    let paths = zip(histograms, colors).map { histogram, color in
      let points = histogram.enumerated().map { index, count in
        // Roots: what is rare is seen, too.
        let height = most > 0 ? (Double(count) / Double(most)).squareRoot() : 0
        return "\(index * 4),\(PageText.number(50 - (height * 48).rounded()))"
      }
      return #"<path d="M\#(points.joined(separator: "L"))" class="\#(color)"/>"#
    }
    let words =
      "\(PageText.number(extremes.minimum)) … \(PageText.number(extremes.maximum)), mean "
      + PageText.number(extremes.mean)
    let odd = notFiniteCount > 0 ? ", \(PageText.count(notFiniteCount)) not finite" : ""
    let width = ((histograms.first?.count ?? 1) - 1) * 4
    return
      #"<svg class="histogram" viewBox="0 0 \#(width) 52" preserveAspectRatio="none" role="img" "#
      + #"aria-label="Histogram of the values: \#(words)\#(odd)">\#(paths.joined())</svg>"#
      + #"<p class="soft">\#(words)\#(odd)</p>"#
  }
}
