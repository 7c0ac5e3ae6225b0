import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// A rewrite changes how a plan works, and no byte of what comes out.
struct RewriteTests {
  static let seeds: Range<UInt64> = 1_000..<2_100

  @Test(
    "The same bytes with every rewrite, with none, and with one at a time",
    arguments: stride(from: seeds.lowerBound, to: seeds.upperBound, by: 50).map {
      $0..<$0 + 50
    })
  func sameBytes(seeds: Range<UInt64>) throws {
    var doneCount = 0
    for seed in seeds {
      let work = try RandomWork(seed: seed)
      let expected = try work.run(keeping: [])
      if expected.result.error == nil { doneCount += 1 }
      let all = Planner.rewriteNames
      let single = (work.taken() ?? []).map { Set([$0]) }
      for rewrites in Set([all] + single) {
        let difference = try work.difference(
          between: expected, and: work.run(keeping: rewrites))
        let text =
          "seed \(seed), \(rewrites.sorted()), \(work.pipeline.image.name)\n\(work.pipeline.text)"
        #expect(difference == nil, "\(text)")
      }
    }
    // A test that met only refusals would prove nothing.
    #expect(doneCount > seeds.count * 4 / 5)
  }

  @Test("Each rewrite fires in many of these pipelines")
  func firing() throws {
    var counts: [String: Int] = [:]
    // Plans alone are cheap: more of them than are run.
    for seed in Self.seeds.lowerBound..<Self.seeds.upperBound + 400 {
      for rewrite in try RandomWork(seed: seed).taken() ?? [] { counts[rewrite, default: 0] += 1 }
    }
    for name in Planner.rewriteNames { #expect((counts[name] ?? 0) >= 6, "\(name): \(counts)") }
  }

  @Test(
    "A list of names keeps these rewrites, in their own order; without a list all are kept",
    arguments: [
      (
        nil,
        [
          "direct_convolution", "copied_blocks", "normalized_blocks", "pixel_strips",
          "integer_strips", "cropped_resize", "resized_pixels",
        ]
      ), ("none", []), ("copied_blocks", ["copied_blocks"]),
      ("pixel_strips,copied_blocks", ["copied_blocks", "pixel_strips"]),
    ] as [(String?, [String])])
  func selection(names: String?, kept: [String]) throws {
    #expect(try Rewrites.selected(names).map(\.name) == kept)
  }

  @Test("An empty list is none at all, and a name that no rewrite has is refused")
  func unknown() throws {
    #expect(try Rewrites.selected("").count == Rewrites.all.count)
    for (names, wrong) in [("pixel_strip", "pixel_strip"), ("pixel_strips,all", "all")] {
      let error = #expect(throws: RewriteSelectionError.self) { try Rewrites.selected(names) }
      #expect(error?.name == wrong)
      let words = (error?.description ?? "").split { !$0.isLetter && $0 != "_" }.map(String.init)
      #expect(Set(words).isSuperset(of: Rewrites.all.map(\.name) + [wrong, "none"]))
    }
  }

  @Test("What is switched off is not taken, and nothing but what is on")
  func switches() throws {
    for seed in Self.seeds {
      let work = try RandomWork(seed: seed)
      for name in work.taken() ?? [] {
        #expect(work.taken(keeping: [])?.isEmpty == true)
        // One may need what another makes.
        #expect(work.taken(keeping: [name])?.isSubset(of: [name]) == true)
        #expect(
          work.taken(keeping: Planner.rewriteNames.subtracting([name]))?.contains(name) == false)
      }
    }
  }
}
