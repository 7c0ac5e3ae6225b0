import Glibc
import TesseraConfiguration

/// Waves under a bell, in scales and orientations.
///
/// OpenCV's `getGaborKernel`: exp(−(x′² + γ²y′²)/2σ²) · cos(2πx′/λ − ψ), where x runs to the right and y
/// up, as it stands. At θ = 0 the wave runs along the rows, so that vertical edges respond most.
public struct Gabor: SampledBank {
  /// `gabor`.
  public static let name = "gabor"
  /// What lists of banks say of it: one line.
  public static let summary = "Waves under a bell, in scales and orientations: OpenCV's Gabor."

  /// Directions within half a turn, θ = π · o/orientations.
  public var orientations = 6
  /// Lengths of the waves [px].
  public var wavelengths = [4.0, 8.0]
  /// Deviation of the bell along the wave [px]; `nil` is 0.56 of the wave's length: one octave.
  public var sigma: Double?
  /// How much narrower the bell is across: its deviation there is σ/γ.
  public var gamma = 1.0
  /// Phase [rad].
  public var psi = Double.pi / 2
  /// Height and width [px]; `nil` reaches 3 deviations of the widest bell to each side.
  public var kernelSize: Int?

  /// Two scales in six orientations.
  public init() {}

  /// Waves of some lengths in so many orientations.
  public init(wavelengths: [Double], orientations: Int) {
    self.wavelengths = wavelengths
    self.orientations = orientations
  }

  private func sigma(of wavelength: Double) -> Double { sigma ?? 0.56 * wavelength }

  var side: Int {
    let largest = wavelengths.map(sigma(of:)).max() ?? 1
    return kernelSize
      ?? min(
        KernelPlane.side(reaching: 3, sigma: max(largest, largest / gamma)),
        Limits.manySide.upperBound)
  }

  var recipes: [KernelRecipe] {
    let plane = KernelPlane(side: side)
    return wavelengths.enumerated().flatMap { scale, wavelength in
      (0..<orientations).map { orientation in
        KernelRecipe("\(Self.name)_s\(scale)_o\(orientation)") {
          let sigma = sigma(of: wavelength)
          let angle = .pi * Double(orientation) / Double(orientations)
          return plane.samples(turnedBy: angle) { x, y in
            let bell = exp(-(x * x + gamma * gamma * y * y) / (2 * sigma * sigma))
            return bell * cos(2 * .pi * x / wavelength - psi)
          }
        }
      }
    }
  }
}

extension Gabor: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "orientations", \.orientations, .integer(in: Limits.orientations),
      "Directions within half a turn: θ = π · o/orientations."),
    Parameter(
      "wavelengths", \.wavelengths, .scales(.closed(2, 200)),
      "Lengths of the waves [px], one scale each."),
    Parameter(
      "sigma", optional: \.sigma, .number(.closed(0.1, 100)), otherwise: "0.56 of the wavelength",
      "Deviation of the bell along the wave [px]."),
    Parameter(
      "gamma", \.gamma, .number(.closed(0.1, 10)),
      "The bell's deviation across the wave is sigma/gamma."),
    Parameter("psi", \.psi, .number(.closed(-10, 10)), "Phase [rad]; 0 for a bright bar."),
    Parameter(
      "kernel_size", optional: \.kernelSize, .oddInteger(in: Limits.manySide),
      otherwise: "3 deviations of the widest bell to each side, 255 at most",
      "Height and width [px]."),
  ]
}
