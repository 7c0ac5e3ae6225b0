import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// A run that is planned once and done in parts, in any order and on any machine.
///
/// It holds nothing that changes from one planning of the same to the next.
package struct RunPlan: Hashable, Sendable {
  /// A folder that names of inputs count from.
  package struct Root: Hashable, Sendable {
    /// Where it is, from the root of the file system.
    package var path: String
    /// What tells it from the others in names of outputs.
    package var name: String
  }

  /// The version of Tessera.
  package var version: String
  /// The instruction set whose arithmetic all shards use: that of another one may differ in last bits.
  package var kernels: String
  /// The libraries that read and write files, with their versions.
  package var codecs: [String]
  /// The pipeline as it runs, every change applied.
  package var pipeline: JSONValue
  /// The folder that paths in it start at.
  package var pipelineFolder: String
  /// What changes with everything that an output depends on but the inputs.
  package var recipe: String
  /// The folder that takes the place of the pipeline's; `nil`: those of the pipeline.
  package var output: String?
  /// Where the inputs are.
  package var roots: [Root]
  /// How many times each input comes; `nil`: once, and as itself.
  package var viewCount: Int?
  /// XXH64 of the list of inputs.
  package var inputsDigest: String
  /// Whether the list has the digest of every input.
  package var hasDigests: Bool
  /// Where the parts of the inputs end.
  package var ends: [Int]
  /// How many items share files.
  package var itemsPerFile: Int
  /// The inputs of each shard.
  package var shards: [Range<Int>]
  /// What was found out of all inputs together.
  package var common: JSONValue

  /// How many inputs there are.
  package var inputCount: Int { ends.last ?? 0 }

  /// Cuts inputs into shards.
  ///
  /// - Parameters:
  ///   - ends: where parts of the inputs end.
  ///   - unit: how many inputs at the beginning of each part, and so on, stay together.
  ///   - division: how many shards there are, or how many inputs each has.
  /// - Returns: the inputs of each, without gaps; the last may have none.
  static func shards(of ends: [Int], unit: Int, _ division: ShardDivision) -> [Range<Int>] {
    var units: [Int] = []
    var start = 0
    for end in ends {
      units += stride(from: start, to: end, by: unit)
      start = end
    }
    units.append(start)
    let count = units.count - 1
    switch division {
    case .count(let shards):
      // The first ones have one more where they cannot all have as many.
      let (size, more) = count.quotientAndRemainder(dividingBy: shards)
      return (0..<shards).map { shard in
        let first = shard * size + min(shard, more)
        return units[first]..<units[first + size + (shard < more ? 1 : 0)]
      }
    case .size(let inputs):
      let size = max((inputs + unit - 1) / unit, 1)
      return stride(from: 0, to: count, by: size).map { first in
        units[first]..<units[min(first + size, count)]
      }
    }
  }
}

/// How inputs are divided.
package enum ShardDivision: Hashable, Sendable {
  /// Into so many shards, of which some may be empty.
  case count(Int)
  /// Into shards of so many inputs, or a few more where files of datasets hold some together.
  case size(Int)
}

extension RunPlan {
  private static let formatVersion = 2
  /// As many as `repeat` may ask for.
  private static let mostViews = 1_000_000
  /// More than any list has; so many, as often as may be, can be counted.
  private static let mostInputs = 1 << 40

  /// The text of its file.
  package var text: String {
    let output = output.map { JSONValue(.string($0)) } ?? .init(.null)
    let roots = roots.map { root -> JSONValue in
      ["path": JSONValue(.string(root.path)), "name": JSONValue(.string(root.name))]
    }
    let shards = shards.map { range -> JSONValue in
      ["first": JSONValue.integer(range.lowerBound), "count": JSONValue.integer(range.count)]
    }
    return Self.sealed(
      JSONWriter.pretty([
        "version": JSONValue.integer(Self.formatVersion),
        "tessera": JSONValue(.string(version)),
        "kernels": JSONValue(.string(kernels)),
        "codecs": JSONValue(.array(codecs.map { JSONValue(.string($0)) })),
        "digest": JSONValue(.string(recipe)),
        "root": JSONValue(.array(roots)),
        "output": output,
        "inputs": JSONValue.integer(inputCount),
        "inputs_xxh64": JSONValue(.string(inputsDigest)),
        "inputs_by": hasDigests ? "content" : "size",
        "views": viewCount.map { JSONValue.integer($0) } ?? .init(.null),
        "parts": JSONValue(.array(ends.map { JSONValue.integer($0) })),
        "images_per_file": JSONValue.integer(itemsPerFile),
        "shards": JSONValue(.array(shards)),
        "pipeline_folder": JSONValue(.string(pipelineFolder)),
        "pipeline": pipeline,
        "common": common,
      ]))
  }

  /// A JSON object's text with a last member that has the digest of all before it.
  ///
  /// Nothing else would tell of a changed folder: shards that have not begun know no other.
  package static func sealed(_ object: String) -> String {
    var members = object[..<(object.lastIndex(of: "}") ?? object.endIndex)]
    while members.last?.isWhitespace == true { members.removeLast() }
    return String(members) + seal(members.utf8)
  }

  /// What comes after the other members.
  private static func seal(_ members: some Sequence<UInt8>) -> String {
    ",\n  \"xxh64\": \"\(XXHash64.hash(members).hexadecimal)\"\n}\n"
  }

  /// A seal as a message shows it.
  private static func words(_ seal: ArraySlice<UInt8>) -> String {
    let text = String(decoding: seal, as: UTF8.self)
    return text.drop { $0 == "," || $0.isWhitespace }.prefix { !$0.isNewline }.description.printable
  }

  /// Reads the text of a file.
  ///
  /// - Throws: ``PlanError`` where it is no plan, or one of another format.
  init(_ text: [UInt8], from path: String) throws(PlanError) {
    let root: JSONValue
    do throws(JSONSyntaxError) {
      root = try JSONParser.parse(text)
    } catch {
      throw .malformed(
        path, line: error.position.line, expected: error.expected, found: error.found)
    }
    func value<Value>(
      _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
    ) throws(PlanError) -> Value {
      guard let found = root[key], let value = read(found) else {
        throw .malformed(
          path, line: nil, expected: "\"\(key)\", \(expected)",
          found: root[key].map { $0.excerpt } ?? "none")
      }
      return value
    }
    let format = try value("version", "a number") { $0.number?.integer }
    guard format == Self.formatVersion else {
      throw .malformed(
        path, line: nil, expected: "a plan of format \(Self.formatVersion)",
        found: "one of \(format)")
    }
    version = try value("tessera", "a version", \.string)
    kernels = try value("kernels", "an instruction set", \.string)
    codecs = try value("codecs", "a list of libraries") { value in
      value.elements.flatMap { all in
        let names = all.compactMap(\.string)
        return names.count == all.count ? names : nil
      }
    }
    recipe = try value("digest", "the digest of the pipeline", \.string)
    roots = try value("root", "a list of folders") { value in
      value.elements.flatMap { roots in
        let read = roots.compactMap { each -> Root? in
          guard let path = each["path"]?.string, let name = each["name"]?.string else { return nil }
          return Root(path: path, name: name)
        }
        return read.count == roots.count ? read : nil
      }
    }
    output = try value("output", "a folder or null") { value -> String?? in
      value.isNull ? .some(nil) : value.string.map(Optional.some)
    }
    inputsDigest = try value("inputs_xxh64", "a digest", \.string)
    hasDigests = try value("inputs_by", "content or size") { value in
      ["content", "size"].firstIndex { $0 == value.string }.map { $0 == 0 }
    }
    viewCount = try value("views", "a number or null") { value -> Int?? in
      if value.isNull { return .some(nil) }
      return value.number?.integer.flatMap { (1...Self.mostViews).contains($0) ? .some($0) : nil }
    }
    ends = try value("parts", "ascending numbers") { value in
      guard let elements = value.elements else { return nil }
      let numbers = elements.compactMap(\.number?.integer)
      guard numbers.count == elements.count, let last = numbers.last, last <= Self.mostInputs,
        zip([0] + numbers, numbers).allSatisfy({ $0 <= $1 })
      else { return nil }
      return numbers
    }
    itemsPerFile = try value("images_per_file", "a number from 1 on") { value in
      value.number?.integer.flatMap { $0 > 0 ? $0 : nil }
    }
    let inputCount = ends[ends.count - 1]
    shards = try value("shards", "ranges of \(inputCount) inputs without gaps") { value in
      var (shards, end) = ([Range<Int>](), 0)
      for each in value.elements ?? [] {
        guard each["first"]?.number?.integer == end, let count = each["count"]?.number?.integer,
          (0...inputCount - end).contains(count)
        else { return nil }
        shards.append(end..<end + count)
        end += count
      }
      return end == inputCount && !shards.isEmpty ? shards : nil
    }
    pipelineFolder = try value("pipeline_folder", "a folder", \.string)
    pipeline = try value("pipeline", "a pipeline") { $0.members == nil ? nil : $0 }
    common = try value("common", "what inputs have in common") { $0 }
    let members = text.dropLast(Self.seal([]).utf8.count)
    let (seal, found) = (Self.seal(members), text[members.endIndex...])
    guard found.elementsEqual(seal.utf8) else {
      throw .malformed(
        path, line: nil,
        expected: "a plan as it was written",
        found:
          "one that was changed since: its digest is \(XXHash64.hash(members).hexadecimal), and it "
          + "ends with \(Self.words(found))")
    }
  }
}

extension JSONValue {
  /// Its text, or the beginning of a long one.
  fileprivate var excerpt: String {
    let text = JSONWriter.compact(self)
    return text.count > 40 ? "\(text.prefix(40))…" : text
  }
}
