// swift-tools-version: 6.2
import PackageDescription

/// Warnings stop the build where the environment asks for it (`CI`, as on every build server).
let strict: [SwiftSetting] =
  Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// The kernels are compiled once per x86-64 level; on other processors those modules are empty.
func isa(_ level: String) -> SwiftSetting {
  .unsafeFlags(["-Xcc", "-march=\(level)"], .when(platforms: [.linux]))
}

/// Kernels are optimised in debug builds too: without it they would be some 1 000 times slower, and
/// the tests would not run the code that is shipped.
///
/// As whole modules: file by file, the compiler compares declarations alone, and would keep code
/// into which an older kernel is inlined.
let optimised =
  strict + [
    .unsafeFlags(
      ["-O", "-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode"],
      .when(configuration: .debug))
  ]

#if arch(x86_64)
  let avx2 = optimised + [isa("x86-64-v3")]
  let avx512 = optimised + [isa("x86-64-v4")]
#else
  let avx2 = optimised
  let avx512 = optimised
#endif

let package = Package(
  name: "tessera",
  products: [
    .library(name: "Tessera", targets: ["Tessera"]),
    .executable(name: "tessera", targets: ["TesseraCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(
      name: "CTesseraCodecs",
      linkerSettings: ["png", "jpeg", "z", "tiff", "webp", "webpdemux", "webpmux"]
        .map { .linkedLibrary($0) }),
    .target(name: "CTesseraCPU"),
    .target(name: "CTesseraFiles"),
    .target(name: "CTesseraArguments"),
    .target(name: "CTesseraChildren"),
    .target(name: "TesseraCore", swiftSettings: strict),
    .systemLibrary(name: "CTesseraStream"),
    .systemLibrary(name: "CTesseraArchive"),
    .target(
      name: "TesseraKernels", dependencies: ["TesseraCore", "CTesseraStream"],
      swiftSettings: strict),
    .target(
      name: "TesseraKernelsBaseline", dependencies: ["TesseraKernels"], swiftSettings: optimised),
    .target(name: "TesseraKernelsAVX2", dependencies: ["TesseraKernels"], swiftSettings: avx2),
    .target(name: "TesseraKernelsAVX512", dependencies: ["TesseraKernels"], swiftSettings: avx512),
    .target(
      name: "TesseraThreads", dependencies: ["CTesseraCPU"], swiftSettings: strict),
    .target(
      name: "TesseraFiles", dependencies: ["TesseraCore", "TesseraThreads", "CTesseraFiles"],
      swiftSettings: strict),
    .target(
      name: "TesseraCodecs",
      dependencies: [
        "TesseraCore", "TesseraThreads", "TesseraFiles", "TesseraConfiguration", "CTesseraCodecs",
        "CTesseraArchive",
      ],
      swiftSettings: strict),
    .target(
      name: "TesseraConfiguration", dependencies: ["TesseraCore"], swiftSettings: strict),
    .target(
      name: "TesseraBatch",
      dependencies: ["TesseraCore", "TesseraThreads", "TesseraFiles", "TesseraConfiguration"],
      swiftSettings: strict),
    .target(
      name: "TesseraEngine",
      dependencies: [
        "TesseraCore", "TesseraThreads", "TesseraFiles", "TesseraKernels",
        "TesseraKernelsBaseline", "TesseraKernelsAVX2", "TesseraKernelsAVX512", "TesseraCodecs",
        "CTesseraCPU", "CTesseraChildren",
      ],
      swiftSettings: strict),
    .target(
      name: "TesseraPipeline",
      dependencies: [
        "TesseraCore", "TesseraThreads", "TesseraFiles", "TesseraConfiguration", "TesseraKernels",
        "TesseraCodecs", "TesseraEngine",
      ],
      swiftSettings: strict),
    .target(
      name: "Tessera",
      dependencies: [
        "TesseraCore", "TesseraThreads", "TesseraFiles", "TesseraConfiguration", "TesseraKernels",
        "TesseraCodecs", "TesseraEngine", "TesseraPipeline", "TesseraBatch",
      ],
      resources: ["page.css", "page.js", "report.js"].map { .embedInCode("Pages/Assets/\($0)") },
      swiftSettings: strict),
    .executableTarget(
      name: "TesseraCLI",
      // TesseraPipeline too: a build after a change of it would otherwise keep the old command.
      dependencies: [
        "Tessera", "TesseraCore", "TesseraThreads", "TesseraFiles", "TesseraConfiguration",
        "TesseraKernels", "TesseraCodecs", "TesseraEngine", "TesseraPipeline", "TesseraBatch",
        "CTesseraArguments",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: ["roundtrip", "filter", "tiles", "vit", "denoise"]
        .map { .embedInCode("Starts/\($0).json") },
      swiftSettings: strict),
    .target(
      name: "TesseraTestSupport",
      dependencies: ["RandomPipelines", "TesseraCore", "TesseraFiles", "TesseraThreads"],
      path: "Tests/TesseraTestSupport", swiftSettings: strict),
    .target(
      name: "RandomPipelines", path: "Tests/RandomPipelines", swiftSettings: strict),
    .testTarget(
      name: "TesseraCoreTests", dependencies: ["TesseraCore"], swiftSettings: strict),
    .testTarget(
      name: "TesseraKernelsTests",
      dependencies: [
        "TesseraKernels", "TesseraKernelsBaseline", "TesseraKernelsAVX2", "TesseraKernelsAVX512",
        "CTesseraCPU",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TesseraCodecsTests",
      dependencies: [
        "TesseraCore", "TesseraFiles", "TesseraCodecs", "TesseraTestSupport", "RandomPipelines",
      ],
      exclude: ["Vectors"], swiftSettings: strict),
    .testTarget(
      name: "TesseraThreadsTests", dependencies: ["TesseraThreads"], swiftSettings: strict),
    .testTarget(
      name: "TesseraFilesTests",
      dependencies: ["TesseraCore", "TesseraFiles", "TesseraTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "TesseraConfigurationTests",
      dependencies: ["TesseraConfiguration", "TesseraTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "TesseraBatchTests",
      dependencies: [
        "TesseraCore", "TesseraThreads", "TesseraFiles", "TesseraConfiguration", "TesseraBatch",
        "TesseraTestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TesseraPipelineTests",
      // What is imported with @testable is named, so that it is looked at again when that changes.
      dependencies: [
        "Tessera", "TesseraCodecs", "TesseraEngine", "TesseraKernels", "TesseraPipeline",
        "TesseraTestSupport", "RandomPipelines",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SanitizerTests",
      dependencies: ["CTesseraCodecs", "TesseraEngine", "TesseraKernels", "TesseraThreads"],
      swiftSettings: strict),
    .target(
      name: "FuzzTargets",
      // What each of them depends on is named, so that it is looked at again when that changes.
      dependencies: [
        "Tessera", "TesseraCore", "TesseraThreads", "TesseraFiles", "TesseraConfiguration",
        "TesseraKernels", "TesseraCodecs", "TesseraEngine", "TesseraPipeline", "TesseraBatch",
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets", "TesseraFiles", "TesseraTestSupport"],
      path: "Tests/Fuzz/Replay",
      swiftSettings: strict),
    .testTarget(name: "TesseraTests", dependencies: ["Tessera"], swiftSettings: strict),
    .testTarget(
      name: "TesseraCLITests", dependencies: ["Tessera", "TesseraCLI", "TesseraTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "AcceptanceTests", dependencies: ["TesseraCLI", "RandomPipelines"],
      exclude: ["Transcripts", "Vectors"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// The fuzzer links only with `--sanitize fuzzer`: Scripts/fuzz.sh asks for it.
if Context.environment["TESSERA_FUZZER"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "tessera-fuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/Fuzz/Runner",
      swiftSettings: strict),
  ]
}
