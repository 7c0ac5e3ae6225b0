import Foundation
import TesseraCodecs
import TesseraTestSupport
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

/// Banks against what other libraries and scripts make: Vectors/make_banks.py.
@Suite struct BankVectorTests {
  static let path = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors/banks/kernels.safetensors").path

  private static func file() throws -> SafetensorsFile { try SafetensorsFile(path: path) }

  static let vectors: [String] = ((try? file())?.tensors ?? []).map(\.name).sorted()

  /// A bank by the text that a vector is called by.
  private static func kernels(_ text: String) throws -> NamedKernels {
    let text = text.hasPrefix("{") ? text : "\"\(text)\""
    return try NamedKernels(parsing: Array(text.utf8), file: "b.json", settings: [], label: "")
  }

  @Test("Every coefficient is that of the other implementation", arguments: vectors)
  func values(_ name: String) throws {
    let expected = try Self.file().array(of: Self.file().tensor(named: name))
    let kernels = try Self.kernels(name).kernels
    // Of large banks every third row and column is kept.
    let step = kernels.height == 49 ? 3 : 1
    #expect(
      expected.shape == [
        kernels.count, (kernels.height + step - 1) / step, (kernels.width + step - 1) / step,
      ])
    var index = 0
    for kernel in 0..<kernels.count {
      for row in stride(from: 0, to: kernels.height, by: step) {
        for column in stride(from: 0, to: kernels.width, by: step) {
          let found = kernels.values[(kernel * kernels.height + row) * kernels.width + column]
          let difference = abs(found - Double(expected.values[index]))
          #expect(difference < 1e-6 * max(1, abs(found)), "\(kernel), \(row), \(column)")
          index += 1
        }
      }
    }
  }

  @Test("Every bank of the catalogue but those of OpenCV's tables has a vector")
  func complete() {
    let known = ["box", "gaussian", "sobel", "scharr", "prewitt", "laplacian", "sharpen"]
    let found = Set(Self.vectors.compactMap { try? Self.kernels($0).title })
    #expect(found.union(known) == Set(NamedKernels.banks))
    #expect(Self.vectors.count >= 25)
  }

  @Test(
    "Texture filters have mean 0 and absolute sum 1", arguments: ["lm", "lms", "mr8", "schmid"])
  func balanced(_ name: String) throws {
    let kernels = try Self.kernels(name).kernels
    let taps = kernels.height * kernels.width
    for first in stride(from: 0, to: kernels.values.count, by: taps) {
      let values = kernels.values[first..<first + taps]
      #expect(abs(values.reduce(0, +)) < 1e-12)
      #expect(abs(values.reduce(0) { $0 + abs($1) } - 1) < 1e-12)
    }
  }

  @Test(
    "Laplacians of Gaussians are below 0 at their centre",
    arguments: [("log", 1), ("lm", 8), ("lms", 8), ("mr8", 1)])
  func centres(_ name: String, _ count: Int) throws {
    let bank = try Self.kernels(name)
    let taps = bank.kernels.height * bank.kernels.width
    let laplacians = bank.names.indices.filter {
      bank.names[$0].split(separator: "_").contains { $0.hasPrefix("log") }
    }
    #expect(laplacians.count == count)
    for kernel in laplacians {
      let values = bank.kernels.values[kernel * taps..<(kernel + 1) * taps]
      #expect(values[values.startIndex + taps / 2] == values.min())
      #expect(values[values.startIndex + taps / 2] < 0)
    }
  }

  /// An edge or a bar through the middle of a square, at an angle against the clock from the right.
  private static func picture(_ side: Int, angle: Double, isBar: Bool) -> [Double] {
    let middle = Double(side - 1) / 2
    return (0..<side * side).map { index in
      let (x, y) = (Double(index % side) - middle, middle - Double(index / side))
      // How far to the left of the line, seen along it.
      let distance = -x * sin(angle) + y * cos(angle)
      if isBar { return abs(distance) < 1.5 ? -1 : 1 }
      return abs(distance) < 1e-9 ? 0 : distance < 0 ? 1 : -1
    }
  }

  @Test(
    "Of all orientations that of an edge or bar responds most: at θ = 0 a horizontal one, then against the clock of x′, y′",
    arguments: [
      ("lm_edge_s0_o", "lm", 6, 0.0, false), ("lm_edge_s2_o", "lm", 6, 0, false),
      ("lm_bar_s1_o", "lm", 6, 0, true), ("lms_edge_s1_o", "lms", 6, 0, false),
      ("lms_bar_s0_o", "lms", 6, 0, true), ("mr8_edge_s1_o", "mr8", 6, 0, false),
      ("mr8_bar_s0_o", "mr8", 6, 0, true),
      (
        "gaussian_derivative_s0_o", #"{"name": "gaussian_derivative", "orientations": 6}"#, 6, 0,
        false
      ),
      (
        "gaussian_derivative_s0_o",
        #"{"name": "gaussian_derivative", "orientations": 6, "order": 2, "sigma": 1.5}"#, 6, 0, true
      ),
      // The wave of a Gabor filter runs across the edge: at θ = 0 a vertical one responds most.
      ("gabor_s1_o", "gabor", 6, Double.pi / 2, false),
    ] as [(String, String, Int, Double, Bool)])
  func directions(
    _ stem: String, _ text: String, _ count: Int, _ offset: Double, _ isBar: Bool
  ) throws {
    let bank = try Self.kernels(text)
    let taps = bank.kernels.height * bank.kernels.width
    let numbers = try (0..<count).map { orientation in
      try #require(bank.names.firstIndex(of: "\(stem)\(orientation)"))
    }
    // Scale, then orientation.
    #expect(numbers == Array(numbers[0]..<numbers[0] + count))
    for orientation in 0..<count {
      // y′ = 0 is the line x sin θ + y cos θ = 0: −θ against the clock.
      let angle = offset - .pi * Double(orientation) / Double(count)
      let picture = Self.picture(bank.kernels.height, angle: angle, isBar: isBar)
      let responses = numbers.map { number in
        abs(
          zip(bank.kernels.values[number * taps..<(number + 1) * taps], picture).reduce(0) {
            $0 + $1.0 * $1.1
          })
      }
      #expect(responses.firstIndex(of: responses.max() ?? 0) == orientation, "\(responses)")
    }
  }

  @Test("An edge with its brighter side below has a response above 0 at θ = 0")
  func sign() throws {
    for (text, name) in [
      ("lm", "lm_edge_s0_o0"), ("gaussian_derivative", "gaussian_derivative_s0_o0"),
    ] {
      let bank = try Self.kernels(text)
      let taps = bank.kernels.height * bank.kernels.width
      let number = try #require(bank.names.firstIndex(of: name))
      let picture = Self.picture(bank.kernels.height, angle: 0, isBar: false)
      let response = zip(bank.kernels.values[number * taps..<(number + 1) * taps], picture)
        .reduce(0) { $0 + $1.0 * $1.1 }
      #expect(response > 0.1)
    }
  }

  @Test(
    "Kernels have names of their own: a letter, then letters, digits and _",
    arguments: NamedKernels.banks)
  func names(_ name: String) throws {
    let bank = try Self.kernels(name)
    #expect(bank.names.count == bank.kernels.count && Set(bank.names).count == bank.names.count)
    for each in bank.names {
      #expect(each == name || each.hasPrefix("\(name)_"))
      #expect(
        each.utf8.allSatisfy { $0 == 95 || (48...57).contains($0) || (97...122).contains($0) })
    }
    if let runs = bank.maximumRuns { #expect(runs.reduce(0, +) == bank.names.count) }
  }

  @Test("A reading of names")
  func someNames() throws {
    #expect(try Self.kernels("sobel").names == ["sobel_x", "sobel_y"])
    #expect(
      try Self.kernels(#"{"name": "prewitt", "direction": "y"}"#).names == ["prewitt_y"])
    #expect(try Self.kernels("gaussian").names == ["gaussian"])
    let gabor = try Self.kernels(#"{"name": "gabor", "wavelengths": [4, 6, 8]}"#)
    #expect(gabor.names[2 * 6 + 3] == "gabor_s2_o3" && gabor.rowLength == 6)
    #expect(try Self.kernels("laws").names[1] == "laws_l5e5")
    #expect(try Self.kernels("dct").names[9] == "dct_u1_v1")
  }

  @Test(
    "Parameters out of their ranges are refused",
    arguments: [
      #"{"name": "gabor", "orientations": 0}"#, #"{"name": "gabor", "wavelengths": []}"#,
      #"{"name": "gabor", "wavelengths": [4, 4, 4, 4, 4, 4, 4, 4, 4]}"#,
      #"{"name": "lm", "kernel_size": 48}"#, #"{"name": "dct", "kernel_size": 33}"#,
      #"{"name": "dog", "low_sigma": 2, "high_sigma": 1}"#, #"{"name": "laws", "kernel_size": 5}"#,
      #"{"name": "motion", "length": 0}"#, #"{"name": "emboss", "direction": "up"}"#,
      #"{"name": "gaussian_derivative", "order": 3}"#,
    ])
  func ranges(_ text: String) {
    #expect(throws: PipelineFileError.self) { try Self.kernels(text) }
  }

  @Test("The largest parameters make kernels, too")
  func largest() throws {
    for (text, sides) in [
      (#"{"name": "gabor", "wavelengths": 200, "orientations": 1}"#, [255, 255]),
      (#"{"name": "log", "sigma": 30}"#, [241, 241]),
      (#"{"name": "motion", "length": 1000, "angle": 30}"#, [501, 867]),
    ] {
      let kernels = try Self.kernels(text).kernels
      #expect([kernels.height, kernels.width] == sides)
      #expect(kernels.values.allSatisfy { $0.isFinite })
    }
  }
}
