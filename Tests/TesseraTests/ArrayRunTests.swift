import Foundation
import Tessera
import Testing

/// Pipelines on images in memory, which give what a run on files with the same values writes.
struct ArrayRunTests {
  /// A pipeline without its `load`, and the shape of an image for it.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var shape = ImageShape(channels: 3, height: 37, width: 29)
    var load = Load()
    let stages: [any Stage]
  }

  static let window = Window(kernelSize: Size(8), stride: Size(5), edge: .shift)

  static func tokens(_ order: PatchOrder) -> Case {
    Case(
      testDescription: "patches, \(order.rawValue)",
      stages: [
        Normalize(), Unfold(window), TransformStandardize(),
        Encode {
          $0.format = .npy
          $0.layout = order
        },
      ])
  }

  static let cases: [Case] =
    [
      Case(
        testDescription: "a round trip, to PNG",
        stages: [Unfold(window), Fold(), Encode { $0.verify = true }]),
      Case(
        testDescription: "a blur from bytes to bytes",
        stages: [
          Convolve {
            $0.bank = AnyKernelBank(Gaussian())
            $0.window.padding = .symmetric(Size(1))
          }, Encode(),
        ]),
      Case(
        testDescription: "gray from RGB, stretched", load: Load { $0.color = .gray },
        stages: [Encode { $0.range = .auto }]),
      Case(
        testDescription: "a file for each of five channels",
        shape: ImageShape(channels: 5, height: 11, width: 70), stages: [Encode()]),
      Case(
        testDescription: "all channels side by side",
        stages: [
          Convolve(bank: Haar()),
          Encode {
            $0.channels = .montage
            $0.range = .auto
          },
        ]),
      Case(
        testDescription: "a file for each output of a bank",
        stages: [Convolve(bank: Sobel()), Encode { $0.range = .auto }]),
      Case(
        testDescription: "statistics of the image, circular padding",
        shape: ImageShape(channels: 1, height: 23, width: 41),
        stages: [
          Normalize { $0.perImage = .minmax },
          Pad {
            $0.amount = Pad.Amount(top: 3, left: 3, bottom: 3, right: 3)
            $0.paddingMode = .padding(.circular)
          }, Encode { $0.format = .npy },
        ]),
      Case(
        testDescription: "two encodes and figures",
        stages: [
          Normalize(),
          Encode {
            $0.format = .npy
            $0.outputName = try? NameTemplate("a.npy")
          }, Unfold(window), Fold(), Compare(), Encode(),
        ]),
      Case(
        testDescription: "one pixel", shape: ImageShape(channels: 1, height: 1, width: 1),
        stages: [Encode { $0.format = .npy }]),
    ] + PatchOrder.allCases.filter { $0 != .qwen2vl }.map(tokens)

  @Test("Arrays are what files of the same run hold, for every type", arguments: cases)
  func equalsFiles(_ each: Case) throws {
    try check(each, pixels(each.shape) { UInt8(truncatingIfNeeded: $0 >> 13) })
    try check(each, pixels(each.shape) { UInt16(truncatingIfNeeded: $0 >> 9) })
    try check(each, pixels(each.shape) { Float($0 >> 40) / Float(1 << 24) })
  }

  private func check<Value: Element>(_ each: Case, _ pixels: [Value]) throws {
    let isFloat = Value.elementType == .float32
    // What cannot compare floats without a range is nothing to test here.
    if isFloat, each.stages.contains(where: { $0 is Compare }) { return }
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = try NPYFileWriter(
      path: "\(folder)/in.npy", shape: each.shape.sides, elementType: Value.elementType)
    try pixels.withUnsafeBytes { try writer.append($0) }
    try writer.finish()

    let pipeline = try Pipeline(stages: [each.load] + each.stages)
    let filed = try pipeline.run(on: "\(folder)/in.npy", outputDirectory: "\(folder)/out")
    let made = try pipeline.run(on: pixels, shape: each.shape)
    #expect(made.outputs.map(\.shape) == filed.outputs.map(\.shape))
    #expect(made.outputs.map(\.dtype) == filed.outputs.map(\.dtype))
    for (output, file) in zip(made.outputs, filed.outputs) {
      #expect(output.array.floats == (try values(of: file.path)), "\(file.path)")
    }
    #expect(made.metrics == filed.metrics)
    #expect(made.warnings == filed.warnings)
    #expect(made.saturatedFraction == filed.saturatedFraction)
    #expect(made.blocks == filed.blocks)
    #expect(made.stageTimes.map(\.stageIndex) == filed.stageTimes.map(\.stageIndex))
  }

  /// The values of a file over channel, row, column, or over the axes of an array.
  private func values(of path: String) throws -> [Float] {
    if path.hasSuffix(".npy") { return try NPYArray.load(path: path).values }
    let reader = try ImageReader(path: path)
    let shape = reader.header.shape
    let rows = AlignedBuffer(byteCount: shape.height * reader.bytesPerRow)
    try reader.readRows(into: rows.base, count: shape.height, bytesPerRow: reader.bytesPerRow)
    return (0..<shape.channels).flatMap { channel in
      (0..<shape.height * shape.width).map { pixel in
        let place = pixel * shape.channels + channel
        return reader.header.elementType == .uint8
          ? Float(rows.pointer(to: UInt8.self)[place])
          : Float(rows.pointer(to: UInt16.self)[place])
      }
    }
  }

  /// Values from a seed (Knuth's MMIX generator).
  private func pixels<Value>(_ shape: ImageShape, _ value: (UInt64) -> Value) -> [Value] {
    var state: UInt64 = 7
    return (0..<shape.channels * shape.height * shape.width).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return value(state)
    }
  }

  @Test("In a picture of all channels with opacity that is a plane, and lies over each of them")
  func opaqueMontage() throws {
    let shape = ImageShape(channels: 2, height: 5, width: 6)
    let pixels = pixels(shape) { UInt8(truncatingIfNeeded: $0 >> 13) }
    let made = try [Encode.ChannelFiles.files, .montage].map { channels in
      try Pipeline(stages: [
        Load(), Convolve(bank: Haar()),
        Encode {
          $0.channels = channels
          $0.range = .clip
        },
      ]).run(on: pixels, shape: shape, colorModel: .gray, hasAlpha: true).outputs
    }
    let (cells, sheet) = (made[0], try #require(made[1].first))
    let (height, width) = (cells[0].shape[1], cells[0].shape[2])
    // Two rows of two, and two white pixels between them.
    #expect(cells.count == 4 && sheet.shape == [2, 2 * height + 2, 2 * width + 2])
    var expected = [Float](repeating: 255, count: sheet.shape.reduce(1, *))
    for (number, cell) in cells.enumerated() {
      let (down, across) = number.quotientAndRemainder(dividingBy: 2)
      for (place, value) in cell.array.floats.enumerated() {
        let (plane, y, x) = (
          place / (height * width), place / width % height, place % width
        )
        let row = plane * sheet.shape[1] + down * (height + 2) + y
        expected[row * sheet.shape[2] + across * (width + 2) + x] = value
      }
    }
    #expect(sheet.array.floats == expected)
  }

  @Test("JPEG gives the values before its codec")
  func beforeCodec() throws {
    let shape = ImageShape(channels: 3, height: 20, width: 33)
    let pixels = pixels(shape) { UInt8(truncatingIfNeeded: $0 >> 13) }
    let pipeline = try Pipeline(stages: [Load(), Encode { $0.format = .jpeg }])
    let output = try #require(pipeline.run(on: pixels, shape: shape).outputs.first)
    #expect(output.array == ValueArray(shape: [3, 20, 33], values: .uint8(pixels)))
    #expect(output.array.values(as: UInt8.self) == pixels)
    #expect(output.array.values(as: Float.self) == nil)
    #expect(output.stageIndex == 1)
  }

  @Test("Colour model and alpha say what channels mean, before npy_color does")
  func colors() throws {
    let shape = ImageShape(channels: 4, height: 1, width: 2)
    let pixels: [UInt8] = [10, 20, 30, 40, 50, 60, 255, 255]
    let gray = try Pipeline(stages: [
      Load {
        $0.color = .gray
        $0.npyColor = .rgb
      }, Encode { $0.format = .npy },
    ])
    let rgba = try gray.run(on: pixels, shape: shape, colorModel: .rgb, hasAlpha: true)
    #expect(rgba.outputs.first?.shape == [1, 1, 2])
    // The luminance of (10, 30, 50) and (20, 40, 60) with the weights of ITU-R BT.601.
    #expect(rgba.outputs.first?.array.floats == [26, 36])
    #expect(rgba.warnings.isEmpty)
    let guessed = try gray.run(on: pixels, shape: shape, hasAlpha: true)
    #expect(guessed.outputs == rgba.outputs)
    #expect(throws: InputFailure.self) { try gray.run(on: pixels, shape: shape) }

    let inks: [UInt8] = [0, 255, 0, 0, 0, 0, 0, 255]
    let rgb = try Pipeline(stages: [Load { $0.color = .rgb }, Encode()])
    let cmyk = try rgb.run(on: inks, shape: shape, colorModel: .cmyk)
    #expect(cmyk.outputs.first?.array.floats == [255, 0, 255, 0, 255, 0])
    let unknown = try Pipeline(stages: [Load(), Encode { $0.format = .npy }])
      .run(on: inks, shape: shape, colorModel: .unknown)
    #expect(unknown.outputs.first?.array.values(as: UInt8.self) == inks)
  }

  @Test("Any number of threads gives the same arrays, and a planner is used again and at once")
  func workers() async throws {
    let shape = ImageShape(channels: 1, height: 2100, width: 2000)
    let pixels = pixels(shape) { UInt8(truncatingIfNeeded: $0 >> 13) }
    let pipeline = try Pipeline(stages: [
      Load(), Normalize(), Unfold(Window(kernelSize: Size(16), stride: Size(16), edge: .drop)),
      TransformMeanRemoval(), Encode { $0.format = .npy },
    ])
    let one = try pipeline.run(on: pixels, shape: shape)
    let planner = try Planner(pipeline, kernels: .selected(), workers: 3)
    try await withThrowingTaskGroup(of: ArrayResult.self) { group in
      for _ in 0..<2 { group.addTask { try planner.run(on: pixels, shape: shape) } }
      for try await result in group { #expect(result.outputs == one.outputs) }
    }
  }

  @Test(
    "Pixels that are no image of the shape are refused in a sentence",
    arguments: [
      ([3, 2, 2], 11, ColorModel?.none, false, "expected 12 values"),
      ([3, 2, 2], 13, nil, false, "expected 12 values"),
      ([0, 2, 2], 0, nil, false, "at least one channel"),
      ([1, -1, -1], 1, nil, false, "at least one channel"),
      ([1, 1 << 40, 1 << 40], 1, nil, false, "more than can be counted"),
      ([4, 1, 1], 4, .rgb, false, "expected 3 channels for rgb"),
      ([3, 1, 1], 3, .rgb, true, "expected 4 channels for rgb with alpha"),
      ([5, 1, 1], 5, nil, true, "expected alpha beside"),
      ([5, 1, 1], 5, .cmyk, true, "expected alpha beside"),
      ([4, 1, 1], 4, .cmyk, false, "expected uint8 values for CMYK"),
    ])
  func refusals(
    _ sides: [Int], _ count: Int, _ model: ColorModel?, _ hasAlpha: Bool, _ words: String
  ) throws {
    let pipeline = try Pipeline(stages: [Load(), Encode { $0.format = .npy }])
    let failure = #expect(throws: InputFailure.self) {
      try pipeline.run(
        on: [UInt16](repeating: 0, count: count),
        shape: ImageShape(channels: sides[0], height: sides[1], width: sides[2]),
        colorModel: model, hasAlpha: hasAlpha)
    }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }

  @Test("What the machine has no memory for is thrown before it is taken, with both figures")
  func memory() throws {
    let shape = ImageShape(channels: 1, height: 3, width: 4)
    let pixels = pixels(shape) { UInt8(truncatingIfNeeded: $0 >> 13) }
    let pad = Pad {
      $0.amount = Pad.Amount(top: 65_535, left: 65_535, bottom: 65_535, right: 65_535)
    }
    let circular = Pad {
      $0.amount = pad.amount
      $0.paddingMode = .padding(.circular)
    }
    for stages: [any Stage] in [
      [pad, pad, pad], [pad, pad, circular], [Normalize(), pad, pad, pad],
    ] {
      let pipeline = try Pipeline(
        stages: [Load { $0.maxPixels = 1_000_000_000_000 }] + stages + [Encode { $0.format = .npy }]
      )
      let failure = #expect(throws: InputFailure.self) {
        try pipeline.run(on: pixels, shape: shape)
      }
      #expect(failure?.kind == .memory)
      #expect(failure?.message.contains(#/needs [0-9.]+ GB of memory, .+B/#) == true)
    }
  }

  @Test("Stages that do not fit, missed bounds and cancellation are thrown as for files")
  func failures() throws {
    let shape = ImageShape(channels: 1, height: 30, width: 30)
    let pixels = pixels(shape) { UInt8(truncatingIfNeeded: $0 >> 13) }
    let misfit = try Pipeline(stages: [
      Load(), Unfold(Window(kernelSize: Size(31))), Fold(), Encode(),
    ])
    let plan = #expect(throws: InputFailure.self) { try misfit.run(on: pixels, shape: shape) }
    #expect(plan?.kind == .plan && plan?.stageIndex == 1)
    let small = try Pipeline(stages: [Load { $0.maxPixels = 899 }, Encode()])
    #expect(throws: InputFailure.self) { try small.run(on: pixels, shape: shape) }
    let bound = try Pipeline(stages: [
      Load(), Convolve { $0.bank = AnyKernelBank(Box(kernelSize: Size(3))) },
      Pad { $0.amount = Pad.Amount(top: 1, left: 1, bottom: 1, right: 1) },
      Compare(require: [.maxAbs: 0]), Encode(),
    ])
    let missed = #expect(throws: InputFailure.self) { try bound.run(on: pixels, shape: shape) }
    #expect(missed?.kind == .requirement)
    let copy = try Pipeline(stages: [Load(), Encode()])
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: Cancelled.self) {
      try copy.run(on: pixels, shape: shape, cancellation: cancellation)
    }
  }
}
