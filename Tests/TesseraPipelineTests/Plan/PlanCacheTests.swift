import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// Plans that are kept for the next image of the same header.
struct PlanCacheTests {
  private func header(width: Int) -> ImageHeader {
    ImageHeader(
      format: .png, shape: ImageShape(channels: 1, height: 4, width: width), elementType: .uint8,
      colorModel: .gray, sourceBitDepth: 8, decoderBytes: 0, decoder: "")
  }

  /// A planner whose plans tell that they are its own.
  private func planner(bandHeight: Int) throws -> Planner {
    let workshop = try Workshop()
    workshop.banding = Banding(height: bandHeight)
    return try workshop.planner(npy)
  }

  @Test("256 plans are kept, and one more lets all of them go")
  func limit() throws {
    let (first, second) = try (planner(bandHeight: 1), planner(bandHeight: 2))
    let cache = PlanCache()
    for width in 1...256 { _ = try cache.plan(header(width: width), by: first) }
    for width in 1...256 {
      #expect(try cache.plan(header(width: width), by: second).work.bandHeight == 1)
    }
    #expect(try cache.plan(header(width: 257), by: second).work.bandHeight == 2)
    for width in [1, 100, 256] {
      #expect(try cache.plan(header(width: width), by: second).work.bandHeight == 2)
    }
  }
}
