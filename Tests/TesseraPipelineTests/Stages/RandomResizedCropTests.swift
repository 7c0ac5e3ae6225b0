import TesseraCore
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// `random_resized_crop`: which windows it takes, and what it makes of them.
struct RandomResizedCropTests {
  private func windows(_ stage: RandomResizedCrop, _ image: Size, count: Int) -> [ImageWindow] {
    (0..<count).map { view in
      var random = ImageRandom(
        seed: 0, image: ImageIdentity(key: "photo", view: view), stage: "random_resized_crop",
        occurrence: 0)
      return stage.window(of: image, &random)
    }
  }

  @Test(
    "Windows lie within the image, within the shares and aspects that are asked for",
    arguments: [
      Size(height: 100, width: 100), Size(height: 480, width: 640), Size(height: 61, width: 37),
    ])
  func bounds(image: Size) {
    let windows = windows(RandomResizedCrop(), image, count: 2000)
    var shares: [Double] = []
    for window in windows {
      #expect(window.lies(in: image))
      let (height, width) = (Double(window.size.height), Double(window.size.width))
      // Sides are rounded, each by half a pixel at most.
      #expect((width + 0.5) / (height - 0.5) >= 3.0 / 4)
      #expect((width - 0.5) / (height + 0.5) <= 4.0 / 3)
      shares.append(height * width / Double(image.height * image.width))
    }
    #expect(shares.allSatisfy { $0 > 0.06 && $0 <= 1 })
    // Even between 8 % and 100 %, but that large ones fit less often.
    #expect(shares.count { $0 < 0.31 } > 400)
    if image.height == image.width { #expect(shares.count { $0 > 0.77 } > 100) }
    #expect(Set(windows.map(\.top)).count > image.height / 3)
    #expect(Set(windows.map(\.left)).count > image.width / 3)
  }

  @Test(
    "Windows of the smallest images have a row and a column at least",
    arguments: [Size(1), Size(height: 1, width: 2), Size(height: 3, width: 1), Size(2)])
  func tiny(image: Size) {
    for window in windows(RandomResizedCrop(), image, count: 500) {
      #expect(window.lies(in: image) && window.size.height >= 1 && window.size.width >= 1)
    }
  }

  @Test(
    "Where no window fits it is the largest of a right aspect, in the center",
    arguments: [
      (Size(height: 1, width: 300), ImageWindow(top: 0, left: 149, size: Size(1))),
      (Size(height: 300, width: 1), ImageWindow(top: 149, left: 0, size: Size(1))),
      (
        Size(height: 40, width: 4000),
        ImageWindow(
          top: 0, left: 1973, size: Size(height: 40, width: 53))
      ),
      (
        Size(height: 4000, width: 40),
        ImageWindow(
          top: 1973, left: 0, size: Size(height: 53, width: 40))
      ),
    ])
  func fallback(image: Size, expected: ImageWindow) {
    var stage = RandomResizedCrop()
    stage.scale = 0.9...1
    #expect(windows(stage, image, count: 20).allSatisfy { $0 == expected })
  }

  @Test("The window is cut out, and then resized")
  func pixels() throws {
    for type in ElementType.allCases {
      let image = TestArray.noise([3, 31, 43], type, seed: 9)
      let workshop = try Workshop()
      let identity = ImageIdentity(key: "input")
      var random = ImageRandom(
        seed: 5, image: identity, stage: "random_resized_crop", occurrence: 0)
      let window = RandomResizedCrop().window(of: Size(height: 31, width: 43), &random)
      let found = try workshop.array(
        #"{"stage": "random_resized_crop", "size": [20, 24], "seed": 5}, \#(npy)"#, on: image)
      let expected = try workshop.array(
        #"{"stage": "crop", "offset": [\#(window.top), \#(window.left)], "#
          + #""size": [\#(window.size.height), \#(window.size.width)]}, "#
          + #"{"stage": "resize", "size": [20, 24], "filter": "bilinear"}, \#(npy)"#, on: image)
      #expect(found == expected, "\(type)")
    }
  }

  @Test(
    "Keys that make no sense are mistakes",
    arguments: [
      #"{"stage": "random_resized_crop"}"#,
      #"{"stage": "random_resized_crop", "size": 8, "scale": [0, 1]}"#,
      #"{"stage": "random_resized_crop", "size": 8, "scale": [0.5, 0.4]}"#,
      #"{"stage": "random_resized_crop", "size": 8, "ratio": 1}"#,
      #"{"stage": "random_resized_crop", "size": 8, "filter": "cubic"}"#,
    ])
  func mistakes(stage: String) throws {
    let error = #expect(throws: PipelineFileError.self) {
      try Workshop().planner("\(stage), \(npy)")
    }
    #expect(error?.diagnostics.count == 1, "\(error?.description ?? "")")
  }
}
