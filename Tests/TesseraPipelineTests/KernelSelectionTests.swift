import Foundation
import TesseraKernels
import Testing

@testable import TesseraEngine

@Suite("The choice of kernels")
struct KernelSelectionTests {
  @Test("without a wish the last supported set is taken", arguments: [nil, ""])
  func fastest(forced: String?) throws {
    let supported = KernelSet.supported
    #expect(try KernelSet.selected(forced: forced).name == supported.last?.name)
    #expect(supported.first?.name == "baseline")
    #expect(supported.map(\.name) == Array(KernelSet.names.prefix(supported.count)))
  }

  @Test("a supported set can be forced, another is refused by name", arguments: KernelSet.names)
  func forced(name: String) throws {
    let supported = KernelSet.supported.map(\.name)
    guard !supported.contains(name) else {
      #expect(try KernelSet.selected(forced: name).name == name)
      return
    }
    let error = KernelSelectionError.unsupported(name: name, supported: supported)
    #expect(throws: error) { try KernelSet.selected(forced: name) }
    #expect(error.description.contains(name) && error.description.contains("baseline"))
  }

  @Test("an unknown name is refused with the known ones")
  func unknown() {
    let error = KernelSelectionError.unknown(name: "avx3", known: KernelSet.names)
    #expect(throws: error) { try KernelSet.selected(forced: "avx3") }
    #expect(error.description == "TESSERA_ISA is \"avx3\"; expected one of baseline, avx2, avx512")
  }

  @Test("a set that the processor lacks is refused with those that it has")
  func unsupported() {
    #expect(
      KernelSelectionError.unsupported(name: "avx512", supported: ["baseline", "avx2"]).description
        == "TESSERA_ISA is \"avx512\", which this processor cannot run; it supports baseline, avx2")
  }

  #if arch(x86_64)
    @Test("the supported sets are those whose instructions the system tells of")
    func detection() throws {
      let information = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let line = try #require(information.firstMatch(of: /\nflags\s*:(.*)\n/)).1
      let flags = Set(line.split(separator: " ").map(String.init))
      // The system has its own names: pni is SSE3, abm has LZCNT.
      let second = ["pni", "ssse3", "sse4_1", "sse4_2", "popcnt", "cx16"]
      let third = second + ["avx", "avx2", "f16c", "fma", "movbe", "bmi1", "bmi2", "abm"]
      let fourth = third + ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]
      let isThird = flags.isSuperset(of: third)
      let names =
        ["baseline"] + (isThird ? ["avx2"] : [])
        + (isThird && flags.isSuperset(of: fourth) ? ["avx512"] : [])
      #expect(KernelSet.supported.map(\.name) == names)
    }
  #endif
}
