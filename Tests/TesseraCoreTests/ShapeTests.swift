import TesseraCore
import Testing

struct ShapeTests {
  @Test("Products are checked, and shapes too large to count say so")
  func products() {
    #expect(checkedProduct() == 1)
    #expect(checkedProduct(3, 4, 5) == 60)
    #expect(checkedProduct(0, .max, .max) == 0)
    #expect(checkedProduct(1 << 32, 1 << 31) == nil)
    #expect(ImageShape(channels: 3, height: 4, width: 5).valueCount == 60)
    #expect(ImageShape(channels: 3, height: .max, width: 2).valueCount == nil)
    #expect("\(ImageShape(channels: 3, height: 4, width: 5))" == "3 × 4 × 5")
  }

  @Test("Buffers start at whole cache lines, zeroed, and grow without shrinking")
  func buffers() {
    var buffer = AlignedBuffer(byteCount: 100)
    #expect(Int(bitPattern: buffer.base) % AlignedBuffer.alignment == 0)
    let bytes = buffer.pointer(to: UInt8.self)
    #expect((0..<100).allSatisfy { bytes[$0] == 0 })
    buffer.reserve(byteCount: 10)
    #expect(buffer.byteCount == 100)
    buffer.reserve(byteCount: 1_000)
    #expect(buffer.byteCount == 1_000)
    #expect(Int(bitPattern: buffer.base) % AlignedBuffer.alignment == 0)
  }

  @Test("Element types know their size and range")
  func elementTypes() {
    #expect(ElementType.allCases.map(\.byteCount) == [1, 2, 4])
    #expect(ElementType.allCases.map(\.maximum) == [255, 65_535, nil])
    #expect([UInt8.elementType, UInt16.elementType, Float.elementType] == ElementType.allCases)
  }
}
