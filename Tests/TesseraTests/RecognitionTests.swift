import Tessera
import Testing

/// What a walk through folders takes for an image is what there are decoders for.
struct RecognitionTests {
  @Test(
    "Every format is found by its extensions and by its first bytes",
    arguments: ImageFormat.allCases)
  func formats(_ format: ImageFormat) {
    let images = FileRecognition.images
    for name in format.extensions { #expect(images.extensions.contains(name)) }
    let found = images.signatures.filter { $0.withUnsafeBytes(ImageFormat.sniff) == format }
    #expect(found == [format.signature])
  }

  @Test("Nothing else is")
  func nothingElse() {
    let images = FileRecognition.images
    #expect(images.extensions == ["png", "jpg", "jpeg", "jpe", "jfif", "npy"])
    #expect(images.signatures.count == ImageFormat.allCases.count)
    #expect(images.kinds == "PNG, JPEG or NPY")
  }
}
