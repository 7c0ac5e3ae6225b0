import Foundation
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraKernels
import TesseraTestSupport
import Testing

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraEngine
@testable import TesseraPipeline

/// What is learned of patches, and the stages that use it, against scikit-learn and NumPy.
///
/// Vectors/make_statistics.py tells how the vectors are made.
@Suite struct PatchStatisticsTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors/statistics").path

  static func array(_ name: String, in path: String = folder + "/expected.safetensors") throws
    -> TestArray
  {
    let file = try SafetensorsFile(path: path)
    let array = try file.array(of: #require(file[name]))
    return TestArray(array.shape, array.values)
  }

  private static let cut = #"{"stage": "unfold", "kernel_size": [2, 3], "stride": [2, 1]}"#

  private func expectClose(
    _ found: TestArray, to name: String, _ comment: Comment? = nil, _ bound: Double = 1e-4
  ) throws {
    let expected = try Self.array(name)
    let largest = expected.values.reduce(0) { max($0, abs($1)) }
    #expect(found.shape == expected.shape)
    #expect(found.distance(to: expected) <= bound * max(largest, 1), comment)
  }

  @Test("Mean, covariance and principal directions are those of scikit-learn")
  func learned() async throws {
    let workshop = try Workshop()
    let pipeline = try Pipeline(
      parsingToFit: Array(#"{"version": 1, "stages": [{"stage": "load"}, \#(Self.cut)]}"#.utf8))
    let statistics = try await pipeline.fit(onFolder: Self.folder + "/in", jobs: 3)
    #expect(statistics.count == 577 && statistics.length == 12 && statistics.leftOutCount == 0)
    let path = workshop.folder.path("s.safetensors")
    try statistics.write(to: path)
    for name in ["mean", "covariance", "eigenvalues", "eigenvectors"] {
      try expectClose(Self.array(name, in: path), to: name, "\(name)", 1e-6)
    }
    #expect(try Self.array("count", in: path).values == [577])
    // A second one is not written over the first.
    #expect(throws: FileError.self) { try statistics.write(to: path) }
    try statistics.write(to: path, overwrites: true)
  }

  private func stage(_ name: String, _ keys: String) -> String {
    #"{"stage": "transform.\#(name)", "statistics": "\#(Self.folder)/expected.safetensors"\#(keys)}"#
  }

  /// What stages make of the patches of an image of the vectors.
  private func tokens(_ stages: String, of image: String = "a", _ kernels: KernelSet) throws
    -> TestArray
  {
    let workshop = try Workshop()
    workshop.kernels = kernels
    let outcome = try workshop.run(
      #"\#(Self.cut), \#(stages), {"stage": "encode", "format": "npy", "layout": "tokens"}"#,
      onFile: "\(Self.folder)/in/\(image).npy")
    if let failure = outcome.result.error { throw failure }
    return try #require(outcome.outputs.first)
  }

  @Test("Projection, its inverse and whitening are theirs, too", arguments: [0, 1, 2])
  func stages(set: Int) throws {
    guard KernelSet.supported.indices.contains(set) else { return }
    let kernels = KernelSet.supported[set]
    try expectClose(tokens(stage("pca", #", "components": 5"#), kernels), to: "pca")
    try expectClose(
      tokens(stage("pca", #", "components": 5, "reconstruct": true"#), kernels),
      to: "reconstructed")
    try expectClose(tokens(stage("zca", #", "epsilon": 0.5"#), kernels), to: "zca")
  }

  @Test("All directions together leave every patch as it is")
  func whole() throws {
    let kernels = KernelSet.baseline
    let all = try tokens(stage("pca", #", "reconstruct": true"#), kernels)
    let plain = try tokens(
      #"{"stage": "transform.quantize", "step": 1}"#, kernels)
    #expect(all.distance(to: plain) <= 1e-3)
  }

  @Test("A projection makes an image of so many channels; its inverse keeps window and units")
  func layouts() throws {
    let workshop = try Workshop()
    let path = "\(Self.folder)/in/a.npy"
    let fold = #"{"stage": "fold", "uncovered": "zero"}, {"stage": "encode", "format": "npy"}"#
    let projected = try workshop.run(
      "\(Self.cut), \(stage("pca", #", "components": 5"#)), \(fold)", onFile: path)
    #expect(projected.outputs.first?.shape == [5, 10, 22])
    let normalize = #"{"stage": "normalize", "scale": "none", "mean": 3, "std": 2}"#
    let shown = #"{"stage": "encode", "format": "png", "range": "restore"}"#
    let restored = try workshop.run(
      "\(normalize), \(Self.cut), \(stage("pca", #", "reconstruct": true"#)), {\"stage\": \"fold\"}, \(shown)",
      onFile: path)
    #expect(restored.result.error == nil && restored.outputs.count == 2)
    let lost = try workshop.refusal(
      "\(Self.cut), \(stage("zca", "")), {\"stage\": \"fold\", \"uncovered\": \"zero\"}, \(shown)",
      shape: ImageShape(channels: 2, height: 20, width: 24))
    #expect(lost != nil)
  }

  @Test(
    "Statistics of other patches are refused, and what is no statistics",
    arguments: [
      (#"{"stage": "unfold", "kernel_size": 3}"#, "", "statistics of patches of 12 values"),
      (Self.cut, #", "components": 13"#, "expected at most 12"),
    ])
  func refusals(cut: String, keys: String, sentence: String) throws {
    let refusal = try Workshop().refusal(
      "\(cut), \(stage("pca", keys)), \(npy)",
      shape: ImageShape(channels: 2, height: 9, width: 9))
    #expect(refusal?.description.contains(sentence) == true, "\(refusal?.description ?? "")")
  }

  @Test("Nothing is learned of a folder of which a part cannot be read")
  func unreadable() async throws {
    let workshop = try Workshop()
    try workshop.folder.makeFolder("in")
    try workshop.save(TestArray([1, 4, 4], .uint8, (0..<16).map(Double.init)), as: "in/a.npy")
    defer {
      let removal = try? Process.run(
        URL(fileURLWithPath: "/bin/rm"), arguments: ["-rf", workshop.folder.path("in")])
      removal?.waitUntilExit()
    }
    // Folders whose paths together are longer than the system opens.
    var place = open(workshop.folder.path("in"), O_RDONLY | O_DIRECTORY)
    let name = String(repeating: "d", count: 250)
    for _ in 0..<18 {
      try #require(mkdirat(place, name, 0o777) == 0)
      let next = openat(place, name, O_RDONLY | O_DIRECTORY)
      close(place)
      place = next
    }
    close(place)
    let pipeline = try Pipeline(
      parsingToFit: Array(
        #"{"version": 1, "stages": [{"stage": "load"}, {"stage": "unfold", "kernel_size": 2}]}"#
          .utf8))
    await #expect(throws: DiscoveryError.self) {
      try await pipeline.fit(onFolder: workshop.folder.path("in"))
    }
  }

  @Test("A direction without variance wants an epsilon")
  func flat() async throws {
    let workshop = try Workshop()
    try workshop.folder.makeFolder("in")
    try workshop.save(TestArray([1, 4, 4], .uint8, (0..<16).map(Double.init)), as: "in/a.npy")
    let pipeline = try Pipeline(
      parsingToFit: Array(
        #"{"version": 1, "stages": [{"stage": "load"}, {"stage": "unfold", "kernel_size": 2}]}"#
          .utf8))
    let statistics = try await pipeline.fit(onFolder: workshop.folder.path("in"))
    try statistics.write(to: workshop.folder.path("s.safetensors"))
    #expect(statistics.eigenvalues.dropFirst().allSatisfy { $0 >= 0 && $0 < 1e-4 })
    let cut = #"{"stage": "unfold", "kernel_size": 2}"#
    func refusal(_ epsilon: String) throws -> PlanningError? {
      try workshop.refusal(
        #"\#(cut), {"stage": "transform.zca", "statistics": "s.safetensors", "epsilon": \#(epsilon)}, \#(npy)"#,
        shape: ImageShape(channels: 1, height: 4, width: 4))
    }
    if statistics.eigenvalues.contains(0) { #expect(try refusal("0")?.key == "epsilon") }
    #expect(try refusal("0.1") == nil)
  }
}
