import Testing

@testable import TesseraPipeline

/// Kernels that the plans of a pipeline share.
struct SharedKernelsTests {
  @Test("Kernels that are asked for again are the same array, and others are others")
  func sharing() {
    let shared = SharedKernels()
    let first = KernelArray(height: 1, width: 2, kernels: [[1, 2]])
    let second = KernelArray(height: 1, width: 2, kernels: [[1, 3]])
    // The arrays live as long as the places are compared.
    let arrays = [first, second, first, second].map { shared.floats(of: $0) }
    let places = arrays.map { $0.withUnsafeBufferPointer { $0.baseAddress } }
    #expect(arrays[0] == [1, 2] && arrays[1] == [1, 3])
    #expect(places[0] == places[2] && places[1] == places[3] && places[0] != places[1])
  }
}
