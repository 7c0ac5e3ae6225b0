import Testing

/// What `roundtrip` tells people of each image and of all.
struct RoundTripTextTests {
  /// A dataset of two arrays, and what its round trip says.
  private func trip(
    _ stages: [String], _ arguments: String..., values: [UInt8]
  ) throws -> Command.Outcome {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try folder.write(
        NPYFile.file(descriptor: "|u1", shape: [1, 4, 4])
          + (0..<16).map { values[$0 % values.count] }, to: "in/\(name).npy")
    }
    try folder.write(
      pipeline(
        load: #""path": "in""#, [#"{"stage": "unfold", "kernel_size": 2, "stride": 2}"#] + stages,
        encode: #""path": "set", "format": "npy", "images_per_shard": 2"#), to: "set.json")
    let made = try Command.run(["run", "set.json"], in: folder.path)
    #expect(made.status == 0, "\(made.errors)")
    return try Command.run(["roundtrip", "set", "--source", "in"] + arguments, in: folder.path)
  }

  @Test("Of images that came back as they were")
  func exact() throws {
    let outcome = try trip([], values: [1, 2, 3])
    #expect(outcome.status == 0)
    #expect(
      outcome.output == "a: exact, every value the same\nb: exact, every value the same\n")
    #expect(outcome.errors == "2 images: 2 exact\n")
    let quiet = try trip([], "--quiet", values: [1, 2, 3])
    #expect(quiet.output == "" && quiet.errors == "2 images: 2 exact\n")
  }

  @Test("Of images that stages have changed, those stages are named")
  func changed() throws {
    let outcome = try trip(
      [#"{"stage": "transform.mean_removal"}"#], values: [1, 3, 1, 3, 5])
    #expect(outcome.status == 65)
    let line = /a: largest difference \d+(\.\d+)? of 255, PSNR \d+(\.\d{1,2})? dB\n/
    #expect(try line.prefixMatch(in: outcome.output) != nil, "\(outcome.output)")
    #expect(outcome.errors.hasPrefix("2 images: 0 exact; least PSNR "), "\(outcome.errors)")
    #expect(
      outcome.errors.hasSuffix(
        " dB\ntransform.mean_removal changed the patches before they were stored: they make another "
          + "image\n"), "\(outcome.errors)")
  }

  @Test("Stages that have changed nothing are not named")
  func unchanged() throws {
    let outcome = try trip([#"{"stage": "transform.clip", "min": 0, "max": 255}"#], values: [7, 9])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "2 images: 2 exact\n", "\(outcome.errors)")
  }
}
