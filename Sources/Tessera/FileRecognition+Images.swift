import TesseraBatch
import TesseraCodecs

extension FileRecognition {
  /// The images that there are decoders for.
  public static var images: FileRecognition { images(takingPages: false) }

  /// The images that there are decoders for, each page of a file as one or only the first.
  static func images(takingPages: Bool) -> FileRecognition {
    var images = imageFiles
    images.takesPages = takingPages
    images.pageCount = { TIFFPages.count(in: $0, cancellation: $1) }
    return images
  }

  private static var imageFiles: FileRecognition {
    FileRecognition(
      kinds: ImageFormat.kinds,
      extensions: Set(ImageFormat.allCases.flatMap(\.extensions)),
      signatures: ImageFormat.allCases.flatMap(\.signatures),
      archives: ArchiveListing(extensions: ["tar"]) { path, take in
        do throws(TarReader.Damage) {
          try TarReader.forEachMember(of: path) {
            take(.init(name: $0.name, offset: $0.offset, byteCount: $0.byteCount))
          }
          return true
        } catch {
          return false
        }
      })
  }
}
