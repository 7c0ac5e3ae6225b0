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
    let found = images.signatures.filter { ImageFormat.sniff($0.map { $0 ?? 7 }) == format }
    #expect(found == format.signatures && !found.isEmpty)
  }

  @Test("Nothing else is")
  func nothingElse() {
    let images = FileRecognition.images
    #expect(
      images.extensions == [
        "png", "jpg", "jpeg", "jpe", "jfif", "npy", "webp", "tif", "tiff", "btf", "tf8",
      ])
    #expect(images.signatures.count == ImageFormat.allCases.flatMap(\.signatures).count)
    #expect(images.kinds == "PNG, JPEG, WebP, TIFF or NPY")
  }
}
