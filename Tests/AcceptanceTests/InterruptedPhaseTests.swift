import Foundation
import Glibc
import Testing

/// Runs that are interrupted in each of the phases of an input.
@Suite(.serialized, .timeLimit(.minutes(10))) struct InterruptedPhaseTests {
  /// A phase that lasts, and how it is come to.
  struct Phase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The calls that take their time; those of arithmetic take none.
    var calls: SlowCalls
    /// The input's name and content.
    var name: String
    var content: @Sendable () throws -> [UInt8]
    var stages: [String] = []
    var encode = ""
    /// Bytes that follow as holes.
    var holes = 0
  }

  private static let pictureSide = (height: 900, width: 1300)

  /// A picture that no encoder makes small.
  private static let noise: [UInt8] = {
    let (height, width) = pictureSide
    let picture = Picture.noise(width: width, height: height, channels: 3, seed: 9)
    return array([3, height, width]) + picture.values.map { UInt8(truncatingIfNeeded: $0) }
  }()

  /// The same as a file that the command has written.
  private static func encoded(_ encode: String, _ name: String) throws -> [UInt8] {
    let bench = try Workbench([])
    try bench.folder.write(noise, to: "in/a.npy")
    try bench.folder.write(
      pipeline(load: #""path": "in""#, encode: #""path": "out", \#(encode)"#), to: "copy.json")
    let outcome = try bench.run()
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try bench.folder.bytes("out/a.\(name)")
  }

  private static let progressive = Result {
    try encoded(#""format": "jpeg", "quality": 100, "progressive": true"#, "jpg")
  }
  private static let png = Result {
    try encoded(#""format": "png", "compression": "none""#, "png")
  }

  private static func array(_ shape: [Int], descriptor: String = "|u1") -> [UInt8] {
    NPYFile.file(descriptor: descriptor, shape: shape)
  }

  static let reading: [Phase] = [
    Phase(
      testDescription: "the header of a JPEG of many segments",
      calls: SlowCalls(call: "pread", path: "a.jpg", milliseconds: 100), name: "a.jpg",
      content: {
        let segment: [UInt8] = [0xFF, 0xE5, 0xFF, 0xFF] + Array(repeating: 7, count: 65_533)
        let start: [UInt8] = [0xFF, 0xD8]
        return start + Array(repeating: segment, count: 400).joined()
      }),
    Phase(
      testDescription: "the outline of a PNG of many chunks",
      calls: SlowCalls(call: "pread", path: "a.png", milliseconds: 50), name: "a.png",
      content: {
        let file = try png.get()
        let chunk = Picture.chunk("prVt", [1, 2, 3])
        return Array(file[..<33]) + Array(repeating: chunk, count: 3000).joined()
          + Array(file[33...])
      }),
    Phase(
      testDescription: "the content, for the records",
      calls: SlowCalls(call: "pread", path: "a.npy", milliseconds: 50, number: 12), name: "a.npy",
      content: { array([1, 4, 4]) }, holes: 1 << 30),
    Phase(
      testDescription: "the rows of a PNG",
      calls: SlowCalls(call: "pread", path: "a.png", milliseconds: 300, number: 24), name: "a.png",
      content: { try png.get() }),
    Phase(
      testDescription: "the coefficients of a JPEG",
      calls: SlowCalls(call: "pread", path: "a.jpg", milliseconds: 300, number: 8), name: "a.jpg",
      content: { try progressive.get() }),
    Phase(
      testDescription: "the planes of an array",
      calls: SlowCalls(call: "pread", path: "a.npy", milliseconds: 100, number: 9), name: "a.npy",
      content: { array([4, 6000, 1000]) }, holes: 24_000_000),
    Phase(
      testDescription: "what follows the last row",
      calls: SlowCalls(call: "pread", path: "a.png", milliseconds: 100, number: 40), name: "a.png",
      content: {
        let chunk = Picture.chunk("prVt", [UInt8](repeating: 3, count: 500_000))
        let file = Picture.noise(width: 8, height: 9, channels: 1, seed: 1).png()
        return Array(file.dropLast(12)) + Array(repeating: chunk, count: 20).joined()
          + Array(file.suffix(12))
      }),
  ]

  static let writing: [Phase] = [
    Phase(
      testDescription: "writing a PNG",
      calls: SlowCalls(call: "write", path: ".tessera-part", milliseconds: 200), name: "a.npy",
      content: { noise }, encode: #", "format": "png", "compression": "none""#),
    Phase(
      testDescription: "the last passes of a progressive JPEG",
      calls: SlowCalls(call: "write", path: ".tessera-part", milliseconds: 200), name: "a.npy",
      content: { noise }, encode: #", "format": "jpeg", "quality": 100, "progressive": true"#),
    Phase(
      testDescription: "writing an array",
      calls: SlowCalls(call: "pwrite", path: ".tessera-part", milliseconds: 100, number: 5),
      name: "a.npy", content: { array([1, 9000, 1000]) }, encode: #", "format": "npy""#,
      holes: 9_000_000),
    Phase(
      testDescription: "writing patches",
      calls: SlowCalls(call: "pwrite", path: ".tessera-part", milliseconds: 100, number: 5),
      name: "a.npy", content: { array([1, 3000, 1000]) },
      stages: [#"{ "stage": "unfold", "kernel_size": 20, "stride": 4 }"#],
      encode: #", "format": "npy""#, holes: 3_000_000),
    Phase(
      testDescription: "reading a picture back",
      calls: SlowCalls(call: "pread", path: ".tessera-part", milliseconds: 200), name: "a.npy",
      content: { noise },
      encode: #", "format": "png", "compression": "none", "verify": true"#),
    Phase(
      testDescription: "reading an array of patches back",
      calls: SlowCalls(call: "pread", path: ".tessera-part", milliseconds: 200), name: "a.npy",
      content: { array([1, 2000, 2000]) },
      stages: [#"{ "stage": "unfold", "kernel_size": 8, "stride": 4 }"#],
      encode: #", "format": "npy", "verify": true"#, holes: 4_000_000),
  ]

  static let computing: [Phase] = [
    Phase(
      testDescription: "a plan of very many rows",
      calls: SlowCalls(call: "pread", path: "a.npy", milliseconds: 0, number: 1), name: "a.npy",
      content: { array([170_000_000, 1]) }, holes: 170_000_000),
    Phase(
      testDescription: "an interlaced picture",
      calls: SlowCalls(call: "pread", path: "a.png", milliseconds: 400, number: 7), name: "a.png",
      content: { BlankPNG(width: 12_000, height: 12_000, isInterlaced: true).bytes }),
    Phase(
      testDescription: "a large kernel without factors",
      calls: SlowCalls(call: "pread", path: "a.npy", milliseconds: 0, number: 4), name: "a.npy",
      content: { array([1, 3000, 3000], descriptor: "<f4") },
      stages: [#"{ "stage": "convolve", "weights": "kernel.npy", "padding": "same" }"#],
      holes: 36_000_000),
    Phase(
      testDescription: "transforms of large patches",
      calls: SlowCalls(call: "pread", path: "a.npy", milliseconds: 0, number: 4), name: "a.npy",
      content: { array([1, 3000, 3000], descriptor: "<f4") },
      stages: [
        #"{ "stage": "unfold", "kernel_size": 64, "stride": 4 }"#,
        #"{ "stage": "transform.convolve", "bank": { "name": "gaussian", "sigma": 6 } }"#,
        #"{ "stage": "fold", "uncovered": "zero" }"#,
      ], holes: 36_000_000),
  ]

  @Test("One signal ends a run in any phase, and leaves nothing", arguments: reading + writing)
  func phases(_ phase: Phase) throws { try interrupt(phase) }

  @Test("One signal ends a run in the midst of its arithmetic", arguments: computing)
  func arithmetic(_ phase: Phase) throws { try interrupt(phase) }

  private func interrupt(_ phase: Phase) throws {
    let folder = try TemporaryFolder()
    let content = try phase.content()
    try folder.write(content, to: "in/\(phase.name)")
    if phase.holes > 0 {
      try #require(truncate(folder.path("in/\(phase.name)"), content.count + phase.holes) == 0)
    }
    // Noise: no product of two vectors that would make it fast.
    let weights = (0..<301 * 301).map { index -> Float in
      let value = index * index * 7919 % 1009
      return Float(value) / 1009 - 0.5
    }
    try folder.write(NPYFile.float32(weights, shape: [301, 301]), to: "kernel.npy")
    try folder.write(
      pipeline(
        load: #""path": "in""#, phase.stages,
        encode: #""path": "out""# + (phase.encode.isEmpty ? #", "format": "npy""# : phase.encode)),
      to: "slow.json")
    let mark = folder.path("mark")
    let running = try Running(
      ["run", "slow.json", "--jobs", "1"], in: folder.path,
      environment: phase.calls.environment(showing: mark))
    for _ in 0..<60_000 where access(mark, F_OK) != 0 { usleep(1000) }
    let hasBegun = access(mark, F_OK) == 0
    // Arithmetic begins a moment after the last row was asked for.
    if phase.calls.milliseconds == 0 { usleep(300_000) }
    kill(running.process, hasBegun ? SIGINT : SIGKILL)
    let outcome = try running.wait()
    #expect(hasBegun, "the phase never began: \(outcome.errors)")
    #expect(outcome.status == 75 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(outcome.errors.contains("1 image: 0 done, 1 not run"), "\(outcome.errors)")
    // Said once at most, however long the call takes that the run waits for.
    let said = outcome.errors.ranges(of: "giving up what is in work").count
    #expect(said <= 1, "\(outcome.errors)")
    #expect(folder.outputs(in: "out") == [])
  }
}
