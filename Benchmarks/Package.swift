// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "tessera-benchmarks",
  dependencies: [.package(name: "tessera", path: "..")],
  targets: [
    .systemLibrary(name: "COpenBLASLimit", pkgConfig: "openblas"),
    .executableTarget(
      name: "KernelBenchmarks",
      dependencies: [.product(name: "Tessera", package: "tessera"), "COpenBLASLimit"]),
    .executableTarget(
      name: "CodecLimit",
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg"), .linkedLibrary("z")]),
  ],
  swiftLanguageModes: [.v6]
)
