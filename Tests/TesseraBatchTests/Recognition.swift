@testable import TesseraBatch

extension InputDiscovery {
  /// A search for the files that these tests take for images.
  init(
    include: [String] = [], exclude: [String] = [], isRecursive: Bool = true,
    followsLinks: Bool = false, outputFolders: [String] = []
  ) {
    let recognition = FileRecognition(
      kinds: "PNG, JPEG or NPY", extensions: ["png", "jpg", "jpeg"],
      signatures: [
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], [0xFF, 0xD8, 0xFF],
        [0x93] + "NUMPY".utf8.map { $0 },
      ])
    self.init(
      of: recognition, include: include, exclude: exclude, isRecursive: isRecursive,
      followsLinks: followsLinks, outputFolders: outputFolders)
  }
}
