import TesseraCodecs
import TesseraCore
import Testing

/// What headers say of the memory that decoders hold.
@Suite struct DecoderBytesTests {
  private func header(_ name: String) throws -> ImageHeader {
    try ImageReader(path: Corpus.folder + "/" + name).header
  }

  @Test(
    "An interlaced PNG is held whole beside what the same image takes row by row",
    arguments: ["2-08", "2-16", "6-16", "0-08"])
  func interlaced(_ kind: String) throws {
    let (interlaced, plain) = try (
      header("png/basic-i\(kind).png"), header("png/basic-n\(kind).png")
    )
    let shape = interlaced.shape
    #expect(interlaced.isWholeImage && !plain.isWholeImage && shape == plain.shape)
    let imageBytes =
      shape.channels * shape.height * shape.width * interlaced.elementType.byteCount
    #expect(interlaced.decoderBytes == plain.decoderBytes + imageBytes)
  }

  @Test(
    "A progressive JPEG is held as coefficients of 16 bits, in whole blocks of 8 × 8",
    arguments: [
      // 33 rows and 50 columns are 5 × 7 blocks; 6 × 8 where each colour block stands for 2 × 2.
      (1, JPEGSubsampling.s444, 5 * 7), (3, .s444, 3 * 5 * 7), (3, .s420, 6 * 8 + 2 * 3 * 4),
    ])
  func progressive(channels: Int, subsampling: JPEGSubsampling, blocks: Int) throws {
    let folder = try TemporaryFolder()
    let shape = ImageShape(channels: channels, height: 33, width: 50)
    let held = try [false, true].map { isProgressive in
      var settings = JPEGSettings()
      settings.subsampling = subsampling
      settings.isProgressive = isProgressive
      let path = folder.file("a.jpg")
      try encode(noise(shape, .uint8), to: JPEGWriter(path: path, shape: shape, settings: settings))
      return try ImageReader(path: path).header.decoderBytes
    }
    #expect(held[1] == held[0] + blocks * 64 * 2)
  }

  @Test("An array in Fortran order is held whole, one in C order by rows")
  func fortran() throws {
    let folder = try TemporaryFolder()
    let values = [UInt8](repeating: 7, count: 2 * 700 * 900)
    let fortran = try folder.write(
      ArrayBytes.file("|u1", shape: [2, 700, 900], isFortranOrder: true, values), "f.npy")
    let rows = try folder.write(ArrayBytes.file("|u1", shape: [2, 700, 900], values), "c.npy")
    #expect(try ImageReader(path: fortran).header.decoderBytes == values.count)
    #expect(try ImageReader(path: rows).header.decoderBytes == 1 << 18)
  }
}
