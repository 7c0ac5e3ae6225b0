import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

@Suite struct KernelBankTests {
  // cv2.getDerivKernels(1, 0, k), OpenCV 4; k = 0 stands for its FILTER_SCHARR.
  @Test(
    "Derivatives are the outer products of OpenCV's vectors",
    arguments: [
      (3, [-1, 0, 1], [1, 2, 1]), (5, [-1, -2, 0, 2, 1], [1, 4, 6, 4, 1]),
      (7, [-1, -4, -5, 0, 5, 4, 1], [1, 6, 15, 20, 15, 6, 1]),
      (
        15, [-1, -12, -65, -208, -429, -572, -429, 0, 429, 572, 429, 208, 65, 12, 1],
        [1, 14, 91, 364, 1001, 2002, 3003, 3432, 3003, 2002, 1001, 364, 91, 14, 1]
      ), (0, [-1, 0, 1], [3, 10, 3]),
    ] as [(Int, [Double], [Double])])
  func derivatives(_ size: Int, _ difference: [Double], _ smooth: [Double]) {
    let bank: any KernelBank = size == 0 ? Scharr() : Sobel(kernelSize: size, direction: .both)
    let x = smooth.flatMap { row in difference.map { row * $0 } }
    let y = difference.flatMap { row in smooth.map { row * $0 } }
    #expect(bank.kernels.shape == [2, smooth.count, smooth.count])
    #expect(bank.kernels.values == x + y)
  }

  @Test("One direction gives one kernel of two dimensions")
  func directions() {
    #expect(Prewitt(direction: .x).kernels.values == [-1, 0, 1, -1, 0, 1, -1, 0, 1])
    #expect(Prewitt(direction: .y).kernels.values == [-1, -1, -1, 0, 0, 0, 1, 1, 1])
    #expect(Scharr(direction: .x).kernels.shape == [3, 3])
  }

  // cv2.Laplacian of a unit impulse with this ksize.
  @Test(
    "The Laplacian is OpenCV's",
    arguments: [
      (1, [0, 1, 0, 1, -4, 1, 0, 1, 0]), (3, [2, 0, 2, 0, -8, 0, 2, 0, 2]),
      (
        5,
        [
          2, 4, 4, 4, 2, 4, 0, -8, 0, 4, 4, -8, -24, -8, 4, 4, 0, -8, 0, 4, 2, 4, 4, 4, 2,
        ]
      ),
    ] as [(Int, [Double])])
  func laplacian(_ aperture: Int, _ values: [Double]) {
    #expect(Laplacian(aperture: aperture).kernels.values == values)
  }

  // cv2.getGaussianKernel(k, sigma, cv2.CV_64F).
  @Test(
    "A Gaussian is OpenCV's for an explicit σ, and for the σ that follows from the size",
    arguments: [
      (5, nil, [0.0707663713315465, 0.24446039891162388, 0.3695464595136592]),
      (3, nil, [0.2389942656229905, 0.5220114687540189]),
      (
        7, 2, [0.07015932695902606, 0.13107487896736597, 0.19071282356963734, 0.21610594100794114]
      ),
      (
        nil, 1.5,
        [
          8.922106863539231e-05, 0.0010281965781389086, 0.007597402196596928, 0.03599434807370883,
          0.10934117495453051, 0.21296752854785403, 0.2659642571610709,
        ]
      ),
    ] as [(Int?, Double?, [Double])])
  func gaussian(_ size: Int?, _ sigma: Double?, _ half: [Double]) {
    let bank = Gaussian(kernelSize: size.map { Size($0) }, sigma: sigma.map { AxisPair($0) })
    let kernels = bank.kernels
    let count = size ?? 13
    #expect(kernels.shape == [count, count])
    for row in half.indices {
      for column in half.indices {
        let value = kernels.values[row * count + column]
        #expect(abs(value - half[row] * half[column]) < 1e-15)
      }
    }
    #expect(abs(kernels.values.reduce(0, +) - 1) < 1e-14)
  }

  @Test("Box and sharpen sum to 1, and axes are height, then width")
  func sums() {
    let box = Box(kernelSize: Size(height: 2, width: 5)).kernels
    #expect(box.shape == [2, 5])
    #expect(box.values == Array(repeating: 0.1, count: 10))
    #expect(Sharpen().kernels.values == [0, -1, 0, -1, 5, -1, 0, -1, 0])
    #expect(Sharpen(amount: 0.5).kernels.values.reduce(0, +) == 1)
    let wide = Gaussian(sigma: AxisPair(height: 0.5, width: 1)).kernels
    #expect(wide.shape == [5, 9])
  }

  @Test("A kernel array holds as many values as its shape says, or is none")
  func arrays() {
    #expect(KernelArray(shape: [2, 2], values: [1, 2, 3, 4])?.count == 1)
    #expect(KernelArray(shape: [3, 1, 2], values: Array(repeating: 0, count: 6))?.count == 3)
    #expect(KernelArray(shape: [2, 2], values: [1]) == nil)
    #expect(KernelArray(shape: [4], values: [1, 2, 3, 4]) == nil)
    #expect(KernelArray(shape: [0, 2], values: []) == nil)
    #expect(KernelArray(shape: [Int.max, Int.max], values: []) == nil)
  }
}
