import Testing

@testable import TesseraBatch
@testable import TesseraConfiguration

/// How inputs are cut into shards, and how a plan is written and read.
struct RunPlanTests {
  static let ends = [[0], [1], [7], [20], [6, 6], [5, 12], [1, 2, 20], [0, 9, 9, 10]]
  static let divisions: [ShardDivision] =
    [1, 2, 3, 4, 7, 25].map { .count($0) } + [1, 2, 3, 5, 100].map { .size($0) }

  @Test("Shards follow each other without gaps, and no unit is cut", arguments: ends, divisions)
  func cut(_ ends: [Int], _ division: ShardDivision) {
    for unit in [1, 2, 3, 5] {
      let shards = RunPlan.shards(of: ends, unit: unit, division)
      var next = 0
      for shard in shards {
        #expect(shard.lowerBound == next)
        next = shard.upperBound
      }
      #expect(next == ends.last)
      // Every boundary is that of a unit of its part.
      var (start, boundaries) = (0, Set<Int>())
      for end in ends {
        boundaries.formUnion(stride(from: start, to: end, by: unit))
        boundaries.insert(end)
        start = end
      }
      #expect(shards.allSatisfy { boundaries.contains($0.lowerBound) })
      switch division {
      case .count(let count):
        #expect(shards.count == count)
        // The first ones are the larger ones, by a unit at most; parts may end within one.
        if ends.count == 1 {
          let units = shards.map { ($0.count + unit - 1) / unit }
          #expect(units == units.sorted(by: >))
          #expect((units.first ?? 0) - (units.last ?? 0) <= 1)
        }
      case .size(let size):
        #expect(shards.dropLast().allSatisfy { !$0.isEmpty })
        #expect(shards.allSatisfy { $0.count < size + unit })
      }
    }
  }

  static let plan = RunPlan(
    version: "1.2.3", kernels: "avx2", codecs: ["libx 1.2", "liby 3"],
    pipeline: ["version": 1, "stages": []], pipelineFolder: "/p",
    recipe: "0123456789abcdef", output: "/out",
    roots: [.init(path: "/a", name: "a"), .init(path: "/b \"c\"", name: "")], viewCount: 3,
    inputsDigest: "fedcba9876543210", hasDigests: true, ends: [4, 9], itemsPerFile: 2,
    shards: [0..<4, 4..<9, 9..<9], common: ["reference": .init(.null)])

  @Test("A plan is read as it was written")
  func written() throws {
    var plan = Self.plan
    #expect(try RunPlan(Array(plan.text.utf8), from: "plan.json") == plan)
    (plan.output, plan.viewCount, plan.hasDigests) = (nil, nil, false)
    #expect(try RunPlan(Array(plan.text.utf8), from: "plan.json") == plan)
  }

  @Test(
    "Every member of a plan is looked at",
    arguments: [
      "version", "tessera", "kernels", "codecs", "digest", "root", "output", "inputs_xxh64",
      "inputs_by", "views",
      "parts", "images_per_file", "shards", "pipeline_folder", "pipeline", "common",
    ])
  func members(_ key: String) throws {
    let members = try #require(try JSONParser.parse(Array(Self.plan.text.utf8)).members)
    var changes: [JSONValue?] = [nil, key == "common" ? nil : true, key == "common" ? nil : [-1]]
    if key == "views" { changes += [0, 1_000_001, .integer(1 << 53)] }
    if key == "parts" { changes += [["x", 9], [4, 9, true], [4, .integer(1 << 53)], [9, 4]] }
    for change in changes {
      let changed = members.compactMap { member in
        member.key == key ? change.map { JSONMember(key, $0) } : member
      }
      let text = RunPlan.sealed(JSONWriter.compact(JSONValue(.object(changed))))
      let error = #expect(throws: PlanError.self) {
        try RunPlan(Array(text.utf8), from: "some/plan.json")
      }
      #expect(error?.exitStatus == .badPipeline)
      #expect(error?.description.contains(key) == true)
      #expect(error?.description.contains("some/plan.json") == true)
    }
  }

  @Test(
    "A plan in which any byte has changed is refused", arguments: [1, 4, 0x20, 0xFF] as [UInt8])
  func changed(_ change: UInt8) throws {
    let bytes = Array(Self.plan.text.utf8)
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= change
      let error = #expect(throws: PlanError.self) { try RunPlan(changed, from: "plan.json") }
      #expect(error?.exitStatus == .badPipeline, "\(place)")
    }
    for count in bytes.indices {
      #expect(throws: PlanError.self) { try RunPlan(Array(bytes[..<count]), from: "plan.json") }
    }
  }

  @Test("Of a changed plan is told what it would have to end with")
  func changedWords() throws {
    let text = Self.plan.text
    let digest = try #require(text.firstMatch(of: /"xxh64": "([0-9a-f]{16})"\n}\n$/)).1
    let error = #expect(throws: PlanError.self) {
      try RunPlan(Array(text.replacing("/out", with: "/our").utf8), from: "plan.json")
    }
    let words = try #require(error?.description)
    #expect(
      words.hasPrefix("plan.json: expected a plan as it was written, found one that was changed"))
    #expect(words.hasSuffix(#", and it ends with "xxh64": "\#(digest)""#))
    #expect(!words.contains("its digest is \(digest)"))
  }

  @Test("What is no JSON is told of by its line")
  func broken() {
    let error = #expect(throws: PlanError.self) {
      try RunPlan(Array("{\n\"version\": broken".utf8), from: "plan.json")
    }
    #expect(error?.description.hasPrefix("plan.json:2: expected") == true)
    #expect(error?.description.contains("SourcePosition") == false)
  }

  @Test(
    "Shards with gaps, too few or too many inputs are none",
    arguments: [
      [(0, 4)], [(0, 4), (5, 4)], [(0, 4), (4, 6)], [(0, 4), (4, -1), (3, 6)], [(1, 8)], [],
    ])
  func gaps(_ shards: [(Int, Int)]) throws {
    let members = try #require(try JSONParser.parse(Array(Self.plan.text.utf8)).members)
    let changed = members.map { member in
      member.key == "shards"
        ? JSONMember(
          "shards",
          JSONValue(.array(shards.map { ["first": .integer($0.0), "count": .integer($0.1)] })))
        : member
    }
    let text = RunPlan.sealed(JSONWriter.compact(JSONValue(.object(changed))))
    let error = #expect(throws: PlanError.self) {
      try RunPlan(Array(text.utf8), from: "plan.json")
    }
    #expect(error?.description.contains("ranges of 9 inputs") == true)
  }
}
