import Foundation
import TesseraCore
import TesseraKernels
import Testing

/// The reference vectors, through whole pipelines: arrays in, arrays out.
struct VectorTests {
  static let vectors = Result { try GeometryVector.load() }

  @Test("Unfolding gives PyTorch's columns, bit by bit, on every geometry")
  func unfold() throws {
    let workshop = try Workshop()
    for vector in try Self.vectors.get() {
      let columns = try workshop.array("\(vector.unfoldStage), \(npy)", on: vector.imageArray)
      #expect(columns.shape == [vector.depth, vector.grid[0] * vector.grid[1]])
      #expect(fnv1a(columns.floats) == vector.unfold, "\(vector.testDescription)")
    }
  }

  @Test("Folding columns of no image gives PyTorch's sums on every geometry that it can express")
  func foldOwnGeometry() throws {
    let workshop = try Workshop()
    var count = 0
    for vector in try Self.vectors.get() where vector.edge == "drop" {
      guard case .symmetric(let padding) = vector.padding.value else { continue }
      // The columns come in as an image of D channels whose pixels are the blocks.
      let columns = TestArray([vector.depth, vector.grid[0], vector.grid[1]], vector.columns)
      let fold = """
        {"stage": "unfold", "kernel_size": 1},
        {"stage": "fold", "normalize": "sum", "output_size": \(vector.size),
         "kernel_size": \(vector.kernelSize), "stride": \(vector.stride),
         "padding": [\(padding.height), \(padding.width)], "dilation": \(vector.dilation)}, \(npy)
        """
      let image = try workshop.array(fold, on: columns)
      #expect(image.shape == [vector.channels] + vector.size)
      #expect(vector.fold.largestError(of: image.floats) < 1e-5, "\(vector.testDescription)")
      count += 1
    }
    #expect(count > 100)
  }

  @Test("Folding what was unfolded gives coverage times the image on every geometry")
  func foldUnfolded() throws {
    let workshop = try Workshop()
    for vector in try Self.vectors.get() {
      let stages = """
        \(vector.unfoldStage),
        {"stage": "fold", "normalize": "sum", "uncovered": "zero"}, \(npy)
        """
      let image = vector.imageArray
      let grid = try vector.window.grid(
        on: Size(height: vector.size[0], width: vector.size[1]))
      let columns = grid.columns.coverage()
      let coverage = grid.rows.coverage().flatMap { row in columns.map { Double(row * $0) } }
      #expect(fnv1a(coverage.map { Float($0) }) == vector.coverage)
      var expected = image
      for index in expected.values.indices {
        expected.values[index] *= coverage[index % coverage.count]
      }
      let folded = try workshop.array(stages, on: image)
      // Sums of equal floats in double precision are exact; they are rounded once.
      #expect(folded.floats == expected.floats, "\(vector.testDescription)")
    }
  }

  @Test("Convolutions are PyTorch's on every geometry, in all their spellings, to the same bytes")
  func convolve() throws {
    let workshop = try Workshop()
    for vector in try Self.vectors.get() {
      try workshop.save(
        TestArray(
          [vector.outChannels, vector.channels / vector.groups] + vector.kernelSize,
          vector.weights), as: "weights.npy")
      try workshop.save(TestArray([vector.outChannels], vector.bias), as: "bias.npy")
      let arrays = """
        "weights": "weights.npy", "bias": "bias.npy", "groups": \(vector.groups)
        """
      let image = vector.imageArray
      let straight = try workshop.array(
        #"{"stage": "convolve", \#(arrays), \#(vector.windowKeys)}, \#(npy)"#, on: image)
      #expect(straight.shape == [vector.outChannels] + vector.grid)
      #expect(
        vector.convolve.largestError(of: straight.floats) < 1e-5, "\(vector.testDescription)")
      for normalize in ["sum", "count"] {
        let spelled = try workshop.array(
          """
          \(vector.unfoldStage), {"stage": "convolve", \(arrays)},
          {"stage": "fold", "normalize": "\(normalize)"}, \(npy)
          """, on: image)
        #expect(spelled == straight, "\(vector.testDescription)")
      }
    }
  }

  @Test("Published examples of torch.nn.Unfold and torch.nn.Fold come out as printed")
  func published() throws {
    struct File: Decodable { var cases: [Example] }
    struct Example: Decodable {
      var name: String
      var kernel_size, stride, padding, dilation: [Int]
      var input: [[[[Double]]]]
      var unfold: [[[Double]]]
      var fold: [[[[Double]]]]
      var tolerance: Double
    }
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Vectors/unfold_fold_published.json")
    let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
    let workshop = try Workshop()
    for example in file.cases {
      let unfold = """
        {"stage": "unfold", "kernel_size": \(example.kernel_size), "stride": \(example.stride),
         "padding": \(example.padding), "dilation": \(example.dilation)}
        """
      for (index, planes) in example.input.enumerated() {
        let image = TestArray(
          [planes.count, planes[0].count, planes[0][0].count],
          planes.joined().joined().map { Float($0) })
        let columns = try workshop.array("\(unfold), \(npy)", on: image)
        let expected = example.unfold[index]
        #expect(columns.shape == [expected.count, expected[0].count])
        for (a, b) in zip(columns.values, expected.joined()) {
          #expect(abs(a - b) <= example.tolerance, "\(example.name)")
        }
        let folded = try workshop.array(
          #"\#(unfold), {"stage": "fold", "normalize": "sum"}, \#(npy)"#, on: image)
        for (a, b) in zip(folded.values, example.fold[index].joined().joined()) {
          #expect(abs(a - b) <= example.tolerance, "\(example.name)")
        }
      }
    }
  }
}

extension GeometryVector {
  var imageArray: TestArray { TestArray([channels] + size, image) }

  /// Everything of the window but its size, as keys of a stage.
  var windowKeys: String {
    let common = """
      "stride": \(stride), "dilation": \(dilation), "padding_mode": "\(paddingMode)"
      """
    guard case .symmetric(let pair) = padding.value else {
      return #"\#(common), "padding": "same""#
    }
    return #"\#(common), "padding": [\#(pair.height), \#(pair.width)], "edge": "\#(edge)""#
  }

  var unfoldStage: String {
    #"{"stage": "unfold", "kernel_size": \#(kernelSize), \#(windowKeys)}"#
  }
}
