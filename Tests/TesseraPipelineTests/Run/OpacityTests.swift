import TesseraCore
import Testing

@testable import TesseraPipeline

/// What filters make of opacity, on every way that a filter can go.
@Suite struct OpacityTests {
  private static let shapes = [[4, 13, 18], [2, 9, 11], [4, 40, 33]]

  /// The same filter as one step, and as steps that a rewrite has nothing to do with.
  private static func ways(_ keys: String, padding: Int) -> [String] {
    [
      #"{"stage": "convolve", \#(keys), "padding": \#(padding)},"#,
      #"{"stage": "unfold", "kernel_size": 3, "padding": \#(padding)}, {"stage": "convolve", \#(keys)}, {"stage": "fold"},"#,
    ]
  }

  private func picture(_ shape: [Int], seed: UInt64) -> TestArray {
    .noise(shape, .uint8, seed: seed)
  }

  private func run(
    _ stages: String, on picture: TestArray, load: String = "", encode: String = ""
  ) throws -> TestArray {
    let workshop = try Workshop()
    let path = try workshop.savePNG(picture, hasAlpha: true, as: "input.png")
    let outcome = try workshop.run(
      #"\#(stages) {"stage": "encode", "format": "npy"\#(encode)}"#, load: load, onFile: path)
    return try #require(outcome.outputs.first, "\(String(describing: outcome.result.error))")
  }

  private func plane(_ array: TestArray, _ channel: Int) -> [Double] {
    let area = array.shape[1] * array.shape[2]
    return Array(array.values[channel * area..<(channel + 1) * area])
  }

  @Test(
    "Opacity stays as it is beside filtered colours, whatever kernels and responses",
    arguments: shapes,
    [
      #""bank": "laplacian""#, #""bank": "sobel""#, #""bank": "box", "response": "abs""#,
      #""bank": "sobel", "response": "magnitude""#, #""bank": "sobel", "response": "max""#,
      #""bank": "box", "response": "square""#, #""bank": "sobel", "response": "square""#,
      #""bank": "sobel", "response": "energy", "window": 5"#,
      #""bank": "box", "response": "energy""#,
      #""bank": {"name": "mr8", "kernel_size": 3}"#,
      #""bank": {"name": "gabor", "kernel_size": 3}, "response": "max", "groups_of": 4"#,
      #""kernels": [[[1, 2, 0], [0, -3, 1], [0.5, 0, 0]], [[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1, 1, 1], [1, 1, 1], [1, 1, 1]]]"#,
    ])
  func kept(_ shape: [Int], _ keys: String) throws {
    let picture = picture(shape, seed: 3)
    let colors = TestArray(
      [shape[0] - 1, shape[1], shape[2]], .uint8,
      Array(picture.values.dropLast(shape[1] * shape[2])))
    let workshop = try Workshop()
    let plain = try workshop.savePNG(colors, hasAlpha: false, as: "colors.png")
    for way in Self.ways(keys, padding: 1) {
      let found = try run(way, on: picture)
      let expected = try #require(
        try workshop.run(
          #"\#(way) {"stage": "encode", "format": "npy"}"#, onFile: plain
        ).outputs.first)
      #expect(found.shape == [expected.shape[0] + 1, shape[1], shape[2]])
      #expect(Array(found.values.prefix(expected.values.count)) == expected.values)
      #expect(plane(found, found.shape[0] - 1) == plane(picture, shape[0] - 1))
    }
  }

  @Test(
    "Where size or stride changes, opacity is that of each window's centre",
    arguments: [(3, 1), (3, 2), (5, 3), (4, 1), (4, 3), (1, 2)])
  func centre(_ kernel: Int, _ stride: Int) throws {
    let shape = [4, 21, 26]
    let picture = picture(shape, seed: 8)
    let found = try run(
      #"{"stage": "convolve", "bank": {"name": "box", "kernel_size": \#(kernel)}, "stride": \#(stride)},"#,
      on: picture)
    let (rows, columns) = ((21 - kernel) / stride + 1, (26 - kernel) / stride + 1)
    #expect(found.shape == [4, rows, columns])
    let alpha = plane(picture, 3)
    let middle = (kernel - 1) / 2
    let expected = (0..<rows).flatMap { row in
      (0..<columns).map { alpha[(row * stride + middle) * 26 + $0 * stride + middle] }
    }
    #expect(plane(found, 3) == expected)
  }

  @Test("With filter, opacity is one more channel")
  func filtered() throws {
    let picture = picture([4, 13, 18], seed: 4)
    for way in Self.ways(#""bank": "box", "alpha": "filter""#, padding: 1) {
      let found = try run(way, on: picture)
      #expect(found.shape == [4, 13, 18])
      let alone = TestArray([1, 13, 18], .uint8, plane(picture, 3))
      let workshop = try Workshop()
      let path = try workshop.savePNG(alone, hasAlpha: false, as: "alpha.png")
      let expected = try workshop.run(
        #"{"stage": "convolve", "bank": "box", "padding": 1}, {"stage": "encode", "format": "npy"}"#,
        onFile: path)
      #expect(plane(found, 3) == expected.outputs.first?.values)
    }
  }

  @Test(
    "Where a channel becomes several, opacity stands once even with filter",
    arguments: [
      #""bank": "sobel""#, #""bank": "sobel", "response": "magnitude""#,
      #""bank": "sobel", "response": "max""#, #""bank": "sobel", "response": "energy""#,
      #""bank": {"name": "mr8", "kernel_size": 3}"#,
    ])
  func once(_ keys: String) throws {
    let picture = picture([4, 13, 18], seed: 4)
    for (kept, filtered) in zip(
      Self.ways(keys, padding: 1), Self.ways(keys + #", "alpha": "filter""#, padding: 1))
    {
      let found = try run(filtered, on: picture)
      #expect(plane(found, found.shape[0] - 1) == plane(picture, 3))
      #expect(try run(kept, on: picture).values == found.values)
    }
  }

  @Test("Premultiplied colours and their opacity are filtered alike, and keep is refused")
  func premultiplied() throws {
    let workshop = try Workshop()
    let picture = picture([4, 13, 18], seed: 5)
    let load = #", "alpha": "premultiply""#
    let box = #"{"stage": "convolve", "bank": "box", "padding": "same"},"#
    let found = try run(box, on: picture, load: load)
    let filtered = try run(
      #"{"stage": "convolve", "bank": "box", "padding": "same", "alpha": "filter"},"#, on: picture)
    #expect(plane(found, 3) == plane(filtered, 3))
    // Colours that opacity weighs are means of what can be seen.
    let (color, alpha) = (plane(picture, 0), plane(picture, 3))
    for (row, column) in [(0, 0), (5, 7), (12, 17)] {
      let near = (max(row - 1, 0)...min(row + 1, 12)).flatMap { y in
        (max(column - 1, 0)...min(column + 1, 17)).map { y * 18 + $0 }
      }
      let expected =
        near.reduce(0) { $0 + color[$1] * alpha[$1] } / near.reduce(0) { $0 + alpha[$1] }
      #expect(abs(plane(found, 0)[row * 18 + column] - expected) < 1e-3)
    }
    let path = try workshop.savePNG(picture, hasAlpha: true, as: "a.png")
    #expect(throws: (any Error).self) {
      let outcome = try workshop.run(
        #"{"stage": "convolve", "bank": "box", "alpha": "keep"}, {"stage": "encode", "format": "npy"}"#,
        load: load, onFile: path)
      if let error = outcome.result.error { throw error }
    }
  }

  @Test(
    "Squares, maxima and energies are of colours only: opacity stays even where one kernel filters",
    arguments: ["square", "max", "energy"])
  func colorsOnly(_ response: String) throws {
    let picture = picture([4, 13, 18], seed: 4)
    let keys = #""bank": "box", "response": "\#(response)""#
    for way in Self.ways(keys + #", "alpha": "filter""#, padding: 1) + Self.ways(keys, padding: 1) {
      #expect(plane(try run(way, on: picture), 3) == plane(picture, 3))
    }
    let error = try Workshop().refusal(
      #"{"stage": "convolve", \#(keys)}, \#(npy)"#, load: #", "alpha": "premultiply""#,
      shape: ImageShape(channels: 4, height: 13, width: 18))
    #expect("\(try #require(error))".contains("multiplied colours by opacity"))
  }

  @Test("Premultiplied colours under several kernels keep opacity once, and can be seen")
  func gradients() throws {
    let picture = TestArray(
      [2, 6, 6], .uint8, (0..<36).map { Double($0 % 6 * 20) } + Array(repeating: 128, count: 36))
    let found = try run(
      #"{"stage": "convolve", "bank": "sobel", "response": "magnitude"},"#, on: picture,
      load: #", "alpha": "premultiply""#)
    #expect(found.shape == [2, 4, 4])
    let named = try run(
      #"{"stage": "convolve", "bank": "sobel", "response": "magnitude", "alpha": "filter"},"#,
      on: picture, load: #", "alpha": "premultiply""#)
    #expect(named.values == found.values && named.shape == found.shape)
    #expect(plane(found, 1).allSatisfy { $0 == 128 })
    #expect(plane(found, 0).allSatisfy { abs($0 - 160) < 1e-3 })
  }

  @Test("Filters inside patches leave opacity as it is, unless it is asked for")
  func patches() throws {
    let picture = picture([4, 16, 16], seed: 6)
    let cut = #"{"stage": "unfold", "kernel_size": 8, "stride": 4},"#
    for (keys, isKept) in [
      ("", true), (#", "alpha": "keep""#, true), (#", "alpha": "filter""#, false),
    ] {
      let found = try run(
        #"\#(cut) {"stage": "transform.convolve", "bank": "laplacian"\#(keys)}, {"stage": "fold"},"#,
        on: picture)
      #expect((plane(found, 3) == plane(picture, 3)) == isKept)
      #expect(plane(found, 0) != plane(picture, 0))
    }
  }

  @Test("As one file for each channel, every file carries opacity")
  func files() throws {
    let workshop = try Workshop()
    let picture = picture([4, 10, 12], seed: 7)
    let path = try workshop.savePNG(picture, hasAlpha: true, as: "a.png")
    let outcome = try workshop.run(
      #"{"stage": "convolve", "bank": "sobel", "padding": "same"}, {"stage": "encode", "range": "symmetric", "verify": true}"#,
      onFile: path)
    #expect(outcome.result.error == nil)
    #expect(outcome.result.outputs.map(\.shape) == Array(repeating: [2, 10, 12], count: 6))
    #expect(outcome.outputs.count == 6)
    for file in outcome.outputs { #expect(plane(file, 1) == plane(picture, 3)) }
  }
}
