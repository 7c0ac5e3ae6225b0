import TesseraCore
import Testing

@testable import TesseraPipeline

/// What channels are called once a bank has made them.
@Suite struct ChannelNameTests {
  private func names(_ stages: String, channels: Int = 1) throws -> [String]? {
    try Workshop().planner("\(stages), \(npy)").plan(
      ImageShape(channels: channels, height: 40, width: 40)
    ).finalLayout?.channelNames
  }

  private static func convolve(_ keys: String) -> String { #"{"stage": "convolve", \#(keys)}"# }

  @Test(
    "A bank names what it makes of a channel, its colour before the name where there are several",
    arguments: [
      (#""bank": "sobel""#, 1, ["sobel_x", "sobel_y"]),
      (#""bank": "sobel", "response": "abs""#, 1, ["sobel_x", "sobel_y"]),
      (#""bank": "sobel", "response": "energy""#, 1, ["sobel_x", "sobel_y"]),
      (#""bank": "sobel""#, 2, ["sobel_x", "sobel_y", "alpha"]),
      (
        #""bank": "sobel""#, 3,
        ["r_sobel_x", "r_sobel_y", "g_sobel_x", "g_sobel_y", "b_sobel_x", "b_sobel_y"]
      ),
      (
        #""bank": "haar", "response": "magnitude""#, 4,
        ["r_haar_0", "r_haar_1", "g_haar_0", "g_haar_1", "b_haar_0", "b_haar_1", "alpha"]
      ),
      (#""bank": "haar", "response": "max""#, 5, nil),
      (
        #""bank": "haar""#, 5,
        (0..<5).flatMap { c in ["a", "h", "v", "d"].map { "c\(c)_haar_\($0)" } }
      ),
      (#""bank": "sobel", "response": "magnitude""#, 3, nil),
      (#""bank": "sobel", "response": "magnitude""#, 1, nil),
      (#""bank": "gaussian""#, 3, nil), (#""kernels": [[[1]], [[2]]]"#, 1, nil),
      (
        #""bank": {"name": "mr8", "kernel_size": 9}"#, 1,
        [
          "mr8_edge_s0", "mr8_edge_s1", "mr8_edge_s2", "mr8_bar_s0", "mr8_bar_s1", "mr8_bar_s2",
          "mr8_gaussian", "mr8_log",
        ]
      ),
      (
        #""bank": {"name": "gabor", "kernel_size": 9}, "response": "max", "groups_of": 6"#, 1,
        ["gabor_s0", "gabor_s1"]
      ),
      (
        #""bank": {"name": "gabor", "kernel_size": 9}, "response": "max", "groups_of": 4"#, 1,
        ["gabor_s0", "gabor", "gabor_s1"]
      ),
    ] as [(String, Int, [String]?)])
  func names(_ keys: String, _ channels: Int, _ expected: [String]?) throws {
    #expect(try names(Self.convolve(keys), channels: channels) == expected)
  }

  @Test(
    "A second bank goes on from the names of the first; other stages pass names on or forget them")
  func chains() throws {
    let sobel = Self.convolve(#""bank": "sobel""#)
    let blur = Self.convolve(#""bank": "gaussian", "padding": 1"#)
    let haar = Self.convolve(#""bank": "haar", "stride": 2"#)
    #expect(try names("\(sobel), \(blur)") == ["sobel_x", "sobel_y"])
    #expect(
      try names("\(sobel), \(haar)")
        == ["x", "y"].flatMap { d in ["a", "h", "v", "d"].map { "sobel_\(d)_haar_\($0)" } })
    let mixed = Self.convolve(#""kernels": [[[[1]], [[1]]]]"#)
    #expect(try names("\(sobel), \(mixed)") == nil)
    let cut = #"{"stage": "unfold", "kernel_size": 4, "stride": 4, "edge": "shift"}"#
    #expect(try names("\(sobel), \(cut)") == ["sobel_x", "sobel_y"])
    #expect(try names(#"\#(sobel), \#(cut), {"stage": "fold"}"#) == ["sobel_x", "sobel_y"])
    #expect(
      try names(#"{"stage": "unfold", "kernel_size": 3}, \#(sobel)"#) == ["sobel_x", "sobel_y"])
  }

  @Test("explain lists names once, in lines of at most 100 columns")
  func table() throws {
    let plan = try Workshop().planner(
      #"{"stage": "convolve", "bank": "lm"}, {"stage": "convolve", "bank": "box"}, {"stage": "encode", "format": "npy"}"#
    ).plan(ImageShape(channels: 1, height: 60, width: 60))
    let lines = plan.table.split(separator: "\n")
    let first = try #require(lines.firstIndex { $0.hasPrefix("channels of 1 convolve: ") })
    let told = lines[first...].joined(separator: " ").split(separator: " ")
      .filter { $0.hasPrefix("lm_") }.map { $0.filter { $0 != "," } }
    #expect(told == LeungMalik().kernelNames)
    #expect(lines[first...].allSatisfy { $0.count <= 100 })
    #expect(lines.count { $0.contains("lm_edge_s0_o0") } == 1)
    let plain = try Workshop().planner(#"{"stage": "convolve", "bank": "box"}, \#(npy)"#)
      .plan(ImageShape(channels: 3, height: 60, width: 60))
    #expect(!plain.table.contains("channels of"))
  }
}
