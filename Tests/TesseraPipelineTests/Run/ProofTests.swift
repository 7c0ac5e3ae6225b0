import TesseraCodecs
import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraBatch
@testable import TesseraEngine
@testable import TesseraFiles
@testable import TesseraPipeline
@testable import TesseraThreads

/// What `compare` and `verify` prove, and that they can fail.
struct ProofTests {
  /// Unfolds an image of one block, and changes nothing, or one value of that patch by one.
  private func outcome(changing position: Int?) throws -> (Outcome, [String]) {
    let workshop = try Workshop()
    let (height, width) = (9, 7)
    let count = height * width
    var identity = TestArray([count, count], [Float](repeating: 0, count: count * count))
    for index in 0..<count { identity.values[index * count + index] = 1 }
    var bias = TestArray([count], [Float](repeating: 0, count: count))
    if let position { bias.values[position] = 1 }
    try workshop.save(identity, as: "identity.npy")
    try workshop.save(bias, as: "bias.npy")
    let image = TestArray.noise([1, height, width], .uint8)
    let outcome = try workshop.run(
      """
      {"stage": "unfold", "kernel_size": [\(height), \(width)]},
      {"stage": "transform.linear", "weights": "identity.npy", "bias": "bias.npy"},
      {"stage": "fold"},
      {"stage": "compare", "require": {"max_abs": 0}, "metrics": ["psnr", "mean_abs"]},
      {"stage": "encode", "format": "npy"}
      """, on: image)
    return (outcome, workshop.folder.tree("out-1"))
  }

  @Test("One changed patch value between unfold and fold makes compare fail and leaves no output")
  func mutation() throws {
    let (untouched, _) = try outcome(changing: nil)
    #expect(untouched.result.error == nil)
    #expect(untouched.metric("psnr") == .infinity)
    #expect(untouched.outputs.count == 1)
    for position in [0, 31, 62] {
      let (changed, files) = try outcome(changing: position)
      #expect(changed.result.error?.kind == .requirement)
      #expect(changed.result.error?.message.contains("max_abs is 1.0") == true)
      #expect(changed.metric("max_abs") == 1)
      #expect(abs((changed.metric("mean_abs") ?? 0) - 1.0 / 63) < 1e-12)
      #expect(changed.result.outputs.isEmpty)
      #expect(files.isEmpty, "no file stays behind, not even a temporary one")
    }
  }

  @Test("verify accepts every format, and images in one file or in many", arguments: [1, 2, 3, 5])
  func verifyAccepts(channels: Int) throws {
    let workshop = try Workshop()
    for type in ElementType.allCases {
      let image = TestArray.noise([channels, 12, 19], type)
      for format in ["png", "jpeg", "npy"] {
        let outcome = try workshop.run(
          """
          {"stage": "encode", "format": "\(format)", "verify": true, "range": "auto"}
          """, on: image)
        #expect(outcome.result.error == nil, "\(format) of \(type)")
        #expect(
          outcome.outputs.count
            == (format == "npy" || channels % 2 == 1 && channels < 5 ? 1 : channels))
      }
    }
  }

  @Test("verify catches one changed pixel, and a file cut short")
  func verifyCatches() throws {
    let workshop = try Workshop()
    for format in [Encode.Format.png, .npy] {
      let image = TestArray.noise([1, 6, 8], .uint8)
      let open = try AtomicFile(at: workshop.folder.path("image.\(format.extensions[0])"))
      let name = ".image.\(format.extensions[0]).tessera-part"
      #expect(open.temporaryPath == workshop.folder.path(name))
      let file = ImageFile(
        format: format == .png ? .png(.fast) : .npy,
        quantization: Quantization(elementType: .uint8, map: .none), colorModel: .gray,
        hasAlpha: false, metadata: .icc, verifies: true)
      let writer = try ImageFileWriter(
        file, in: [.file(open)], shape: ImageShape(channels: 1, height: 6, width: 8),
        metadata: ImageMetadata(), RunTools(kernels: workshop.kernels), Cancellation())
      let bytes = image.bytes()
      try bytes.withUnsafeBytes { raw in
        guard let base = raw.baseAddress else { return }
        for y in 0..<6 { try writer.write([base + y * 8]) }
      }
      try writer.finish()
      try writer.verify(Cancellation())
      let cancelled = Cancellation()
      cancelled.cancel()
      #expect(throws: RunError.cancelled) { try writer.verify(cancelled) }

      var changed = image
      changed.values[17] = changed.values[17] == 0 ? 1 : 0
      if format == .png {
        try workshop.savePNG(changed, as: name)
      } else {
        try workshop.save(changed, as: name)
      }
      let failure = #expect(throws: RunError.self) { try writer.verify(Cancellation()) }
      guard case .pictureReadBack = failure else {
        Issue.record("other than a picture that was read back: \(String(describing: failure))")
        continue
      }
      let whole = try FileSystem.content(of: open.temporaryPath)
      try workshop.folder.write(Array(whole.dropLast(9)), to: name)
      #expect(throws: RunError.self) { try writer.verify(Cancellation()) }
    }
  }

  @Test("Bounds of every metric are met or missed, each named with its figure")
  func requirements() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([1, 32, 32], .uint8)
    let blur = #"{"stage": "convolve", "bank": {"name": "box", "kernel_size": 3}, "padding": 1}"#
    for (bound, isMet) in [
      (#"{"psnr": 1}"#, true), (#"{"psnr": 90}"#, false), (#"{"ssim": -1}"#, true),
      (#"{"ssim": 0.999}"#, false), (#"{"max_abs": 255}"#, true), (#"{"max_abs": 1}"#, false),
      (#"{"mean_abs": 255}"#, true), (#"{"mean_abs": 0.1}"#, false),
      (#"{"mean_abs": 0.1, "psnr": 90}"#, false),
    ] {
      let outcome = try workshop.run(
        #"\#(blur), {"stage": "compare", "require": \#(bound)}, \#(npy)"#, on: image)
      #expect((outcome.result.error == nil) == isMet, "\(bound)")
      #expect(outcome.outputs.count == (isMet ? 1 : 0))
      if bound.contains(",") {
        let message = outcome.result.error?.message ?? ""
        #expect(message.contains("psnr") && message.contains("mean_abs"))
      }
    }
  }

  @Test("Normalised images are restored exactly, in 8 and 16 bits")
  func restored() throws {
    let workshop = try Workshop()
    for type in [ElementType.uint8, .uint16] {
      let image = TestArray(
        [1, 256, 256], type,
        (0..<65_536).map {
          Double(type == .uint8 ? $0 % 256 : $0)
        })
      for normalize in [
        #"{"stage": "normalize"}"#, #"{"stage": "normalize", "mean": 0.485, "std": 0.229}"#,
        #"{"stage": "normalize", "per_image": "standardize"}"#,
        #"{"stage": "normalize", "per_image": "minmax"}"#,
        #"{"stage": "normalize"}, {"stage": "normalize", "scale": 2, "mean": 0.5, "std": 0.25}"#,
      ] {
        let outcome = try workshop.run(
          """
          \(normalize), {"stage": "unfold", "kernel_size": 8, "stride": 5, "edge": "shift"},
          {"stage": "fold"}, {"stage": "compare", "require": {"max_abs": 0}}, {"stage": "encode"}
          """, on: image)
        #expect(outcome.result.error == nil, "\(type) \(normalize)")
        #expect(outcome.outputs.first == image)
      }
    }
  }
}
