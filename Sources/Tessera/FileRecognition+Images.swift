import TesseraBatch
import TesseraCodecs

extension FileRecognition {
  /// The images that there are decoders for.
  public static var images: FileRecognition {
    FileRecognition(
      kinds: ImageFormat.kinds,
      extensions: Set(ImageFormat.allCases.flatMap(\.extensions)),
      signatures: ImageFormat.allCases.map(\.signature))
  }
}
