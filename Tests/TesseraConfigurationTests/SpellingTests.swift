import Testing

@testable import TesseraConfiguration

@Suite struct SpellingTests {
  static let keys = [
    "kernel_size", "stride", "padding", "padding_mode", "dilation", "edge",
    "transform.mean_removal",
  ]

  @Test(
    "The nearest word is found through typing errors, case, hyphens and the order of words",
    arguments: [
      ("kernal_size", "kernel_size"), ("KernelSize", "kernel_size"),
      ("kernel-size", "kernel_size"), ("size_kernel", "kernel_size"), ("kernel", "kernel_size"),
      ("strid", "stride"), ("stirde", "stride"), ("paddingMode", "padding_mode"),
      ("mode", "padding_mode"), ("dilatation", "dilation"), ("EDGE", "edge"),
      ("mean removal", "transform.mean_removal"),
    ])
  func found(_ word: String, _ meant: String) {
    #expect(Spelling.nearest(to: word, in: Self.keys) == meant)
  }

  @Test(
    "Words unlike all others, and those too long to be typing errors, have no neighbour",
    arguments: ["zoom", "x", "", "__", String(repeating: "stride", count: 50)])
  func notFound(_ word: String) {
    #expect(Spelling.nearest(to: word, in: Self.keys) == nil)
  }
}
