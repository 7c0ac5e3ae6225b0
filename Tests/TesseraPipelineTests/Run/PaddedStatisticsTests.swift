import Testing

@testable import TesseraEngine

/// Rows that are made of padding alone, behind statistics of the whole image that the file undoes.
@Suite struct PaddedStatisticsTests {
  private static let stages = [
    #"{"stage": "convolve", "kernels": [[2, 3, -5, 1]], "padding": [9, 2], "edge": "pad"}"#,
    #"{"stage": "convolve", "kernels": [[1]], "padding": 12}"#,
    #"{"stage": "pad", "amount": [11, 13, 0, 0]}"#,
    #"{"stage": "crop", "size": [60, 60]}"#,
    #"{"stage": "unfold", "kernel_size": 2, "padding": 9}, {"stage": "fold"}"#,
    #"{"stage": "unfold", "kernel_size": 1, "padding": 9}, {"stage": "sample", "count": 900}, "#
      + #"{"stage": "fold", "uncovered": "zero"}"#,
  ]

  @Test(
    "They wait for the statistics, whatever the height of bands",
    arguments: stages, ["minmax", "standardize"])
  func bands(_ stage: String, _ kind: String) throws {
    let image = TestArray.noise([1, 21, 20], .uint8)
    let normalize = #"{"stage": "normalize", "per_image": "\#(kind)"}"#
    let png = #"{"stage": "encode", "range": "restore"}"#
    var outputs: [TestArray] = []
    for height in [nil, 1, 2, 5, 8] {
      for workers in [1, 2] {
        let workshop = try Workshop()
        workshop.banding = Banding(height: height, largeImage: 0)
        workshop.workers = workers
        outputs.append(try workshop.array("\(normalize), \(stage), \(png)", on: image))
      }
    }
    #expect(outputs.allSatisfy { $0 == outputs[0] })
    // The middle of what was only padded is the image itself.
    if stage.hasPrefix(#"{"stage": "pad""#) {
      #expect(Array(outputs[0].values.dropFirst(11 * 20).prefix(21 * 20)) == image.values)
    }
  }
}
