import TesseraCore
import Testing

@testable import TesseraPipeline

/// Stages and banks that are made in code, with what their initializers take.
@Suite struct CodeStagesTests {
  private static func parsed(_ text: String) throws -> any Stage {
    let middle = text.contains("transform.") ? [unfold, text] : [text]
    let end = #"{"stage": "encode", "format": "npy"}"#
    let stages = try Pipeline(
      parsing: document((text.contains("load") ? [] : [load]) + middle + [end]), file: "p.json"
    ).stages
    let name = text.split(separator: "\"")[3]
    return try #require(stages.first { type(of: $0).name == name })
  }

  static let stages: [(any Stage, String)] = [
    (Load(path: "in"), #"{"stage": "load", "path": "in"}"#),
    (Encode(path: "out", format: .npy), #"{"stage": "encode", "path": "out", "format": "npy"}"#),
    (Crop(size: Size(height: 3, width: 4)), #"{"stage": "crop", "size": [3, 4]}"#),
    (
      RandomResizedCrop(size: Size(height: 3, width: 4)),
      #"{"stage": "random_resized_crop", "size": [3, 4]}"#
    ),
    (
      Convolve(bank: Box(kernelSize: Size(5))),
      #"{"stage": "convolve", "bank": {"name": "box", "kernel_size": 5}}"#
    ),
    (Convolve(weights: "w.npy"), #"{"stage": "convolve", "weights": "w.npy"}"#),
    (Unfold(Window(kernelSize: Size(5))), #"{"stage": "unfold", "kernel_size": 5}"#),
    (Normalize(.imagenet), #"{"stage": "normalize", "preset": "imagenet"}"#),
    (
      Compare(require: [.psnr: 30, .maxAbs: 2]),
      #"{"stage": "compare", "require": {"psnr": 30, "max_abs": 2}}"#
    ),
    (Preset(.dinov2), #"{"stage": "preset", "name": "dinov2"}"#),
    (
      Preset(.dinov2, patches: .model),
      #"{"stage": "preset", "name": "dinov2", "patches": "model"}"#
    ),
    (TransformReduce(.max), #"{"stage": "transform.reduce", "kind": "max"}"#),
    (TransformLinear(weights: "w.npy"), #"{"stage": "transform.linear", "weights": "w.npy"}"#),
    (
      TransformLinear(weights: "w.safetensors", tensor: "t"),
      #"{"stage": "transform.linear", "weights": "w.safetensors", "tensor": "t"}"#
    ),
    (
      TransformPca(statistics: "s.safetensors", components: 7),
      #"{"stage": "transform.pca", "statistics": "s.safetensors", "components": 7}"#
    ),
    (
      TransformPca(statistics: "s.safetensors"),
      #"{"stage": "transform.pca", "statistics": "s.safetensors"}"#
    ),
    (
      TransformZca(statistics: "s.safetensors"),
      #"{"stage": "transform.zca", "statistics": "s.safetensors"}"#
    ),
    (
      TransformCommand(command: ["cat", "-u"]),
      #"{"stage": "transform.command", "command": ["cat", "-u"]}"#
    ),
    (
      TransformConvolve(bank: Sharpen(amount: 2)),
      #"{"stage": "transform.convolve", "bank": {"name": "sharpen", "amount": 2}}"#
    ),
  ]

  @Test("A stage is the one that its keys make", arguments: stages.indices)
  func madeStage(_ index: Int) throws {
    let (made, text) = Self.stages[index]
    let read = try Self.parsed(text)
    #expect(AnyHashable(made) == AnyHashable(read), "\(made) \(read)")
  }

  @Test("Kernels in place are those of the file")
  func kernels() throws {
    let kernels = try #require(KernelArray(shape: [2, 2], values: [1, 2, 3, 4]))
    let read = try Self.parsed(#"{"stage": "convolve", "kernels": [[1, 2], [3, 4]]}"#)
    #expect(AnyHashable(Convolve(kernels: kernels)) == AnyHashable(read))
  }

  static let banks: [(any KernelBank, String)] = [
    (Box(kernelSize: Size(height: 3, width: 5)), #""box", "kernel_size": [3, 5]"#),
    (CosineBasis(kernelSize: 5), #""dct", "kernel_size": 5"#),
    (DifferenceOfGaussians(lowSigma: 2, highSigma: 5), #""dog", "low_sigma": 2, "high_sigma": 5"#),
    (DifferenceOfGaussians(lowSigma: 2), #""dog", "low_sigma": 2"#),
    (Emboss(direction: .north), #""emboss", "direction": "n""#),
    (
      Gabor(wavelengths: [4, 9], orientations: 3),
      #""gabor", "wavelengths": [4, 9], "orientations": 3"#
    ),
    (
      GaussianDerivative(order: 2, sigma: [1.5, 2], orientations: 3),
      #""gaussian_derivative", "order": 2, "sigma": [1.5, 2], "orientations": 3"#
    ),
    (Laplacian(aperture: 5), #""laplacian", "aperture": 5"#),
    (
      LaplacianOfGaussian(sigma: [1.5, 2], kernelSize: 9),
      #""log", "sigma": [1.5, 2], "kernel_size": 9"#
    ),
    (LaplacianOfGaussian(sigma: [1.5]), #""log", "sigma": [1.5]"#),
    (LeungMalik(kernelSize: 31), #""lm", "kernel_size": 31"#),
    (LeungMalikSmall(kernelSize: 31), #""lms", "kernel_size": 31"#),
    (MaximumResponse(kernelSize: 31), #""mr8", "kernel_size": 31"#),
    (MotionBlur(length: 9, angle: 30), #""motion", "length": 9, "angle": 30"#),
    (Prewitt(direction: .y), #""prewitt", "direction": "y""#),
    (Scharr(direction: .y), #""scharr", "direction": "y""#),
    (Schmid(kernelSize: 31), #""schmid", "kernel_size": 31"#),
    (Sharpen(amount: 2), #""sharpen", "amount": 2"#),
    (Sobel(kernelSize: 5, direction: .y), #""sobel", "kernel_size": 5, "direction": "y""#),
    (Unsharp(sigma: 2, amount: 3), #""unsharp", "sigma": 2, "amount": 3"#),
  ]

  @Test("A bank is the one that its parameters make", arguments: banks.indices)
  func madeBank(_ index: Int) throws {
    let (made, parameters) = Self.banks[index]
    let read = try Self.parsed(#"{"stage": "convolve", "bank": {"name": \#(parameters)}}"#)
    let bank = AnyKernelBank(made)
    #expect((read as? Convolve)?.bank == bank, "\(made)")
    #expect((read as? Convolve)?.bank?.hashValue == bank.hashValue)
  }
}
