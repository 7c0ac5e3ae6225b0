import TesseraCore
import TesseraEngine
import Testing

/// Where the channels of a picture of all channels lie.
struct MontageTests {
  @Test(
    "As many stand in a row as make the picture about square, without empty places where that can be",
    arguments: [
      // Of 30 × 40 pixels: 1.5 in a row would be square, and 1 is near enough.
      (3, Size(height: 30, width: 40), 1), (4, Size(30), 2),
      // 1.94 and 2.65: neither one row nor one column comes near.
      (5, Size(height: 30, width: 40), 2), (7, Size(30), 3), (8, Size(height: 30, width: 40), 2),
      (10, Size(height: 30, width: 40), 2), (13, Size(30), 4), (16, Size(30), 4),
      // Very long and very wide ones.
      (7, Size(height: 1000, width: 1), 7), (7, Size(height: 1, width: 1000), 1),
      (1, Size(height: 1000, width: 1), 1),
    ])
  func columns(_ count: Int, _ cell: Size, _ columns: Int) {
    let montage = Montage(of: count, cell: cell)
    #expect(montage.columns == columns)
    #expect(montage.rows == (count + columns - 1) / columns)
  }

  @Test("Two pixels stand between channels, and none around them")
  func size() {
    let cell = Size(height: 30, width: 40)
    #expect(Montage(of: 5, cell: cell).size == Size(height: 3 * 30 + 2 * 2, width: 2 * 40 + 2))
    #expect(Montage(of: 1, cell: cell).size == cell)
  }
}
