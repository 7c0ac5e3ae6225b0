import Foundation
import Testing

/// A folder as the documentation takes it for granted: `photos`, `photo.jpg`, `scans`, `blur.json`,
/// `vit.json`, `filter.json` of a convolution alone, `shared.plan` whose shards are done, and what of the
/// repository it speaks of.
///
/// The command is the real one. What takes hours, a network or another processor is stood in for by
/// programs that do nothing but check what they are asked: Swift, whose tests must exist; Python, which
/// makes an empty environment; the Python of the benchmarks, which must know options and measurements; the emulator, which becomes the
/// command with the kernels of that processor; the package manager, which misses nothing; and git with
/// the program that a package of a clone builds.
struct ReadersPlace {
  let folder: TemporaryFolder

  /// Few and small: every pipeline sends all of them through.
  private static let samples = ["camera-gray.jpg", "coffee-rgba.png", "horse-1bit.png"]

  init() throws {
    folder = try TemporaryFolder()
    for sample in Self.samples {
      try folder.copy(Repository.sample(sample), to: "samples/\(sample)")
    }
    // The script that builds the program of docs/library.md takes these by name.
    for name in ["astronaut.jpg", "rocket-progressive.jpg"] {
      try folder.copy(Repository.sample("camera-gray.jpg"), to: "samples/\(name)")
    }
    try folder.copy(Repository.sample("horse-1bit.png"), to: "samples/chelsea-rgb.png")
    for (sample, name) in [
      ("camera-gray.jpg", "photos/a.jpg"), ("astronaut.jpg", "photos/trip/b.jpg"),
      ("rocket-progressive.jpg", "photo.jpg"),
    ] {
      try folder.copy(Repository.sample(sample), to: name)
    }
    try folder.write(TIFFFile([10, 20, 30]).bytes, to: "scans/letter.tif")
    for (pipeline, name) in [("blur", "blur.json"), ("vit_patchify", "vit.json")] {
      let text = try String(
        contentsOfFile: "\(Repository.pipelines)/\(pipeline).json", encoding: .utf8)
      try folder.write(text.replacingOccurrences(of: "../", with: ""), to: name)
    }
    try folder.write(
      #"""
      {
        "version": 1,
        "stages": [
          { "stage": "load", "path": "photos" },
          { "stage": "convolve", "bank": "gaussian", "padding": "same" },
          { "stage": "encode", "path": "filtered" }
        ]
      }
      """#, to: "filter.json")
    try copyRepository()
    try writePrograms()
  }

  private func copyRepository() throws {
    let sources = try FileManager.default.contentsOfDirectory(atPath: Repository.path + "/Sources")
      .filter { $0.hasPrefix("TesseraKernels") || $0 == "CTesseraStream" }
    for name in ["README.md", "Pipelines", "Scripts", "Benchmarks/run.sh", "Benchmarks/compare"]
      + sources.map({ "Sources/\($0)" })
    {
      try folder.copy("\(Repository.path)/\(name)", to: name)
    }
  }

  private func writePrograms() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path("programs"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("programs/tessera"), withDestinationPath: Command.path)
    // The script that looks at them wants objects; there is nothing in these to find.
    for module in ["TesseraKernelsAVX2", "TesseraKernelsAVX512"] {
      try folder.write("", to: "programs/\(module).build/kernels.o")
    }
    try folder.write(try testNames().joined(separator: "\n"), to: "programs/tests")
    try program("swift", Self.swift)
    try program("python3", Self.python3)
    try program("qemu-x86_64", Self.emulator)
    try program("dpkg-query", "echo installed")
    try program("apt-get", "echo 'nothing may be installed here' >&2; exit 1")
    try program("ld.gold", "exit 1")
    try program("git", Self.git)
    try program("patches", Self.patches)
    try write(Self.python, to: "cache/tessera-benchmarks/venv/bin/python")
    // Where this process wrote them itself, a child that another thread has just begun could still have
    // one open for writing, and nobody could run it.
    let made = try type(
      """
      find . -name '*.text' | while read -r text; do
        cp "$text" "${text%.text}"; chmod +x "${text%.text}"; rm "$text"
      done
      """)
    #expect(made.status == 0, "\(made.errors)")
    let planned = try type(
      """
      tessera plan filter.json -i photos -o shared --shards 10 --plan shared.plan &&
      tessera run --plan shared.plan --shard 0-9
      """)
    #expect(planned.status == 0, "\(planned.errors)")
  }

  private func program(_ name: String, _ text: String) throws {
    try write(text, to: "programs/\(name)")
  }

  private func write(_ text: String, to name: String) throws {
    try folder.write("#!/bin/sh\n\(text)\n", to: "\(name).text")
  }

  /// The suites of all tests as `swift test` names them: module, dot, type.
  private func testNames() throws -> [String] {
    let root = Repository.path + "/Tests"
    let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return try paths.filter { $0.hasSuffix("Tests.swift") }.flatMap { path in
      let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
      let module = path.prefix { $0 != "/" }
      return text.matches(of: #/struct (\w+Tests)\b/#).map { "\(module).\($0.1)" }
    }
  }

  private static let swift = #"""
    programs=$(dirname "$0")
    case "$*" in *--show-bin-path*) echo "$programs"; exit ;; esac
    if [ "$1" = test ] && [ -n "${TESSERA_CANARY:-}" ]; then
      echo "ERROR: AddressSanitizer: heap-buffer-overflow WARNING: ThreadSanitizer: data race"
      exit 1
    fi
    case "$1" in build | test | format | --version) ;; *) echo "no swift $1" >&2; exit 64 ;; esac
    while [ $# -gt 0 ]; do
      if [ "$1" = --filter ] && ! grep -Eq -- "$2" "$programs/tests"; then
        echo "no test is called $2" >&2
        exit 1
      fi
      shift
    done
    """#

  private static let python3 = #"""
    [ "$1 $2" = "-m venv" ] || { echo "no python3 $*" >&2; exit 64; }
    mkdir -p "$3/bin"
    for name in python pip; do
      printf '#!/bin/sh\n' > "$3/bin/$name"
      chmod +x "$3/bin/$name"
    done
    """#

  private static let git = #"""
    case "$1" in
      clone) for last; do :; done; mkdir -p "$last" ;;
      -C) [ "$3" = tag ] || exit 64 ;;
      *) echo "no git $1" >&2; exit 64 ;;
    esac
    """#

  private static let patches = #"""
    [ -s photo.jpg ] && [ "$(ls photos | wc -l)" = 2 ] || exit 1
    mkdir -p processed && touch processed/a.png processed/b.png
    printf '%s\n' 'out/photo.png [3, 8, 9] uint8' '[3, 48, 64] uint8 128.0' '2 of 2'
    """#

  private static let emulator = #"""
    case "$2" in Nehalem) isa=baseline ;; Haswell) isa=avx2 ;; *) exit 64 ;; esac
    shift 2
    case "$1" in */tessera) TESSERA_ISA=$isa exec "$@" ;; *) exit 132 ;; esac
    """#

  private static let python = #"""
    [ "$1" != -m ] || exit 0
    shift 2
    while [ $# -gt 0 ]; do
      grep -q -- "add_argument(\"$1\"" compare/__main__.py || { echo "no option $1" >&2; exit 64; }
      if [ "$1" = --only ]; then
        grep -Eq -- "[\"']$2|Measurement.*$2" compare/*.py || { echo "nothing is $2" >&2; exit 64; }
        shift
      fi
      shift
    done
    """#

  /// Types a line into a shell here.
  func type(_ line: String) throws -> Command.Outcome {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try Command.run(
      [], in: folder.path,
      environment: [
        "PATH": "\(folder.path("programs")):\(path)", "XDG_CACHE_HOME": folder.path("cache"),
        "CI": "", "TESSERA_BENCH_VENV": folder.path("cache/tessera-benchmarks/venv"),
      ], through: ["bash", "-eo", "pipefail", "-c", line])
  }
}
