import Glibc
import TesseraCodecs
import TesseraCore
import TesseraFiles

/// What somebody may try who has typed the command's name alone, in a folder of images.
struct FirstSteps {
  /// Images in the folder.
  let imageCount: Int
  /// Their formats, the ones that there are.
  let formats: [ImageFormat]

  /// Looks at the names in a folder, not below it.
  ///
  /// - Returns: `nil` where none is that of an image, or the folder cannot be read.
  init?(in folder: String) {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var counts: [ImageFormat: Int] = [:]
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(pathBytes: UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0 }))
      }
      let fileExtension = Path.split(name: name).fileExtension.lowercased()
      if name.hasPrefix("."), fileExtension.isEmpty { continue }
      let format = ImageFormat.allCases.first { $0.extensions.contains(fileExtension) }
      if let format { counts[format, default: 0] += 1 }
    }
    imageCount = counts.values.reduce(0, +)
    formats = ImageFormat.allCases.filter { counts[$0] != nil }
    if imageCount == 0 { return nil }
  }

  /// Three things to try, in words.
  var text: String {
    let kinds = formats.map(\.name).joined(separator: ", ")
    return """
      \(imageCount.counted("image")) here (\(kinds)). Three things to try:

        tessera inspect .
            What they hold: sizes, types, colours.
        tessera init filter && tessera run filter.json
            Blurred copies in out/filter. The file says what to change; there are
            roundtrip, tiles and denoise, too.
        tessera init vit && tessera run vit.json
            A dataset of the patches that a vision transformer sees, for Python.

      tessera --help tells the rest.
      """
  }
}
