import Foundation
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraTestSupport
import Testing

@Suite struct SafetensorsFileTests {
  typealias Bytes = SafetensorsBytes

  @Test("What the safetensors library wrote is read, value for value")
  func library() throws {
    let file = try SafetensorsFile(path: Corpus.folder + "/safetensors/types.safetensors")
    let lines = String(decoding: try Corpus.bytes("safetensors/types.txt"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(file.tensors.count == lines.count)
    #expect(Dictionary(uniqueKeysWithValues: file.metadata) == ["format": "pt", "note": "a \"b\""])
    for line in lines {
      let tensor = try file.tensor(named: line[0])
      #expect(tensor.typeName == line[1])
      #expect(tensor.type?.safetensorsName ?? line[1] == line[1])
      let shape = line[2] == "-" ? [] : line[2].split(separator: "x").compactMap { Int($0) }
      #expect(tensor.shape == shape)
      let array = try file.array(of: tensor)
      #expect(array.shape == shape)
      #expect(array.values.map(\.bitPattern) == line[3...].compactMap { UInt32($0, radix: 16) })
    }
  }

  @Test("What is written here is read, and each tensor lies where its part says")
  func ownFiles() throws {
    let folder = try TemporaryFolder()
    let header = SafetensorsHeader([
      .init("a", .uint8, [3]), .init("b", .float32, [2, 1]), .init("c", .int64, [0]),
    ])
    let values = (1...11).map(UInt8.init)
    let bytes = header.bytes() + values
    let source = ByteSource(
      path: try folder.write([9, 9] + bytes + [9], "a.bin"), offset: 2, byteCount: bytes.count)
    let file = try SafetensorsFile(source)
    #expect(file.tensors.map(\.name) == ["a", "b", "c"])
    #expect(file.tensors.map(\.type) == [.uint8, .float32, .int64])
    #expect(file.tensors[1].byteOffset == header.byteCount + 3)
    let part = try OpenSource(file.part(of: file.tensors[1]))
    #expect(try part.bytes(at: 0, count: 99) == Array(values[3...]))
  }

  /// Headers that the library takes: the number of bytes of values, and the names in their order.
  static let good: [(text: String, values: Int, names: [String])] = [
    ("{}", 0, []), ("{}  \n\t ", 0, []), (" {\(Bytes.entry("a"))}", 2, ["a"]),
    ("{\"__metadata__\":null}", 0, []), ("{\"__metadata__\":{}}", 0, []),
    ("{\(Bytes.entry("a", "F4", "[2,2]"))}", 2, ["a"]),
    ("{\(Bytes.entry("a", "F6_E2M3", "[4]", "[0,3]"))}", 3, ["a"]),
    ("{\(Bytes.entry("b", "U8", "[1]", "[2,3]")),\(Bytes.entry("a"))}", 3, ["a", "b"]),
    ("{\(Bytes.entry("a")),\(Bytes.entry("b", "U8", "[0,5]", "[0,0]"))}", 2, ["b", "a"]),
    ("{\"a\":{\"x\":[1],\"shape\":[],\"data_offsets\":[0,8],\"dtype\":\"C64\"}}", 8, ["a"]),
    (
      "{\(Bytes.entry("é")),\(Bytes.entry("e\u{301}", "U8", "[1]", "[2,3]"))}", 3,
      ["é", "e\u{301}"]
    ),
  ]

  @Test("Headers that the library takes are taken", arguments: good)
  func taken(_ text: String, values: Int, names: [String]) throws {
    let folder = try TemporaryFolder()
    let file = try SafetensorsFile(path: folder.write(Bytes.file(text, values: values), "a"))
    #expect(file.tensors.map { Array($0.name.utf8) } == names.map { Array($0.utf8) })
    for name in names {
      #expect(Array(try file.tensor(named: name).name.utf8) == Array(name.utf8))
    }
  }

  /// Headers that are refused, and a part of what is said.
  static let bad: [(text: String, values: Int, says: String)] = [
    ("", 0, "malformed safetensors: the header, line 1, column 1: expected a JSON value"),
    ("[]", 0, "the header is no JSON object"),
    ("{\(Bytes.entry("a"))", 2, "column 53: expected \",\" or \"}\""),
    ("{\(Bytes.entry("a"))}\0", 2, "expected its end, found a control character"),
    (
      "{\(Bytes.entry("a"))}", 1,
      "truncated safetensors: the tensors need 2 bytes of values, the file has 1"
    ),
    ("{\(Bytes.entry("a"))}", 3, "the tensors have 2 bytes of values, the file has 3"),
    ("{\(Bytes.entry("a")),\(Bytes.entry("a"))}", 2, "the header has the key \"a\" twice"),
    (
      "{\(Bytes.entry("a", "Q8"))}", 2,
      "tensor \"a\": expected a dtype of the format, such as \"F32\", found \"Q8\""
    ),
    (
      "{\(Bytes.entry("a", "U8", "[3]"))}", 2,
      "U8 values of shape (3) take 3 bytes, data_offsets [0, 2] give 2"
    ),
    ("{\(Bytes.entry("a", "F4", "[3]"))}", 2, "do not end at a whole byte"),
    ("{\(Bytes.entry("a", "U8", "[2.0]"))}", 2, "expected integers of at least 0, found 2.0"),
    (
      "{\(Bytes.entry("a", "U8", "[-2]"))}", 2,
      "tensor \"a\", shape: expected integers of at least 0, found -2"
    ),
    ("{\(Bytes.entry("a", "U8", "2"))}", 2, "expected an array of numbers, found 2"),
    (
      "{\(Bytes.entry("a", "U8", "[4294967296,4294967296,0]", "[0,0]"))}", 0,
      "more values than can be counted"
    ),
    ("{\(Bytes.entry("a", "U8", "[99999999999999999999]"))}", 2, "found 99999999999999999999"),
    (
      "{\(Bytes.entry("a", "U8", "[2]", "[2,0]"))}", 2,
      "data_offsets: expected [begin, end], found [2, 0]"
    ),
    ("{\(Bytes.entry("a", "U8", "[2]", "[0,1,2]"))}", 2, "expected [begin, end], found [0, 1, 2]"),
    (
      "{\(Bytes.entry("a", "U8", "[2]", "[9223372036854775805,9223372036854775807]"))}", 2,
      "expected [begin, end]"
    ),
    (
      "{\(Bytes.entry("a", "U8", "[2]", "[1,3]"))}", 3,
      "the values begin at 1 and leave a gap before them, expected 0"
    ),
    (
      "{\(Bytes.entry("a")),\(Bytes.entry("b", "U8", "[2]", "[1,3]"))}", 3,
      "tensor \"b\": the values begin at 1 and overlap"
    ),
    (
      "{\(Bytes.entry("a")),\(Bytes.entry("b", "U8", "[0]", "[1,1]"))}", 2,
      "tensor \"b\": the values begin at 1 and overlap"
    ),
    (
      "{\"a\":1}", 0, "tensor \"a\": expected an object with dtype, shape and data_offsets, found 1"
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", 1,
      "tensor \"a\": the key \"data_offsets\" is missing"
    ),
    ("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 1, "tensor \"a\" has the key \"dtype\" twice"),
    ("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__, \"a\": expected a string, found 1"),
    ("{\"__metadata__\":7}", 0, "__metadata__: expected an object of strings, found 7"),
  ]

  @Test("Headers that break a rule are refused, and the rule is said", arguments: bad)
  func refused(_ text: String, values: Int, says: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Bytes.file(text, values: values), "a")
    let error = #expect(throws: CodecError.self) { try SafetensorsFile(path: path) }
    let sentence = error?.description ?? ""
    #expect(sentence.contains(says), "\(sentence)")
  }

  @Test("Lengths that no header has are refused before anything is read")
  func lengths() throws {
    let folder = try TemporaryFolder()
    for (length, says) in [
      (UInt64(3), "truncated safetensors: expected a header of 3 bytes, the file has 2"),
      (100_000_000, "expected a header of 100000000 bytes"),
      (100_000_001, "expected a header of at most 100000000 bytes, its length says 100000001"),
      (.max, "its length says 18446744073709551615"),
    ] {
      let path = try folder.write(Bytes.file("{}", length: length), "a")
      let error = #expect(throws: CodecError.self) { try SafetensorsFile(path: path) }
      let sentence = error?.description ?? ""
      #expect(sentence.contains(says), "\(sentence)")
    }
    let many = "{\"__metadata__\":[" + String(repeating: "1,", count: 1 << 21) + "1]}"
    let path = try folder.write(Bytes.file(many), "a")
    let error = #expect(throws: CodecError.self) { try SafetensorsFile(path: path) }
    #expect(error?.description.contains("safetensors over a limit") == true)
  }

  @Test("A file cut or changed at any byte is refused, or read without harm")
  func hostile() throws {
    let folder = try TemporaryFolder()
    let bytes = try Corpus.bytes("safetensors/types.safetensors")
    for count in 0..<bytes.count {
      let path = try folder.write(Array(bytes[..<count]), "cut")
      #expect(throws: CodecError.self, "cut at \(count)") { try SafetensorsFile(path: path) }
    }
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<600 {
      var changed = bytes
      for _ in 0...Int.random(in: 0..<3, using: &generator) {
        changed[Int.random(in: 0..<bytes.count, using: &generator)] =
          UInt8.random(in: 0...255, using: &generator)
      }
      let path = try folder.write(changed, "changed")
      guard let file = try? SafetensorsFile(path: path) else { continue }
      for tensor in file.tensors { _ = try? file.array(of: tensor) }
    }
  }

  @Test("A tensor that there is none of is told with the names that were meant")
  func names() throws {
    let folder = try TemporaryFolder()
    let names = ["vit.patch.proj.weight", "vit.patch.proj.bias", "head.weight", "pos"]
    let entries = names.enumerated().map { Bytes.entry($1, "U8", "[1]", "[\($0),\($0 + 1)]") }
    let bytes = Bytes.file("{\(entries.joined(separator: ","))}", values: 4)
    let file = try SafetensorsFile(path: folder.write(bytes, "a"))
    for (name, says) in [
      ("patch.proj.weight", "did you mean \"vit.patch.proj.weight\"?"),
      ("vit.patch.prj.bias", "did you mean \"vit.patch.proj.bias\"?"),
      (
        "cls_token",
        "the file holds \"vit.patch.proj.weight\", \"vit.patch.proj.bias\", \"head.weight\", \"pos\""
      ),
    ] {
      let error = #expect(throws: CodecError.self) { try file.tensor(named: name) }
      let sentence = error?.description ?? ""
      #expect(sentence.contains("expected a tensor \"\(name)\", \(says)"), "\(sentence)")
    }
  }

  @Test("Types and values that floats do not hold are refused when they are asked for")
  func types() throws {
    let folder = try TemporaryFolder()
    for (dtype, count, says) in [
      ("F8_E4M3", 1, "tensor \"a\" has values of type F8_E4M3, which are not read"),
      ("C64", 8, "of type C64"), ("F4", 1, "of type F4"),
      ("I64", 8, "the value 506097522914230528 of type I64 is not exact in float32"),
      ("F64", 8, "of type F64 is not exact in float32"),
    ] {
      let shape = dtype == "F4" ? "[2]" : "[1]"
      let text = "{\(Bytes.entry("a", dtype, shape, "[0,\(count)]"))}"
      let file = try SafetensorsFile(path: folder.write(Bytes.file(text, values: count), "a"))
      let error = #expect(throws: CodecError.self) { try file.array(of: file.tensors[0]) }
      let sentence = error?.description ?? ""
      #expect(sentence.contains(says), "\(sentence)")
    }
    let text = "{\(Bytes.entry("a", "U8", "[5]", "[0,5]"))}"
    let file = try SafetensorsFile(path: folder.write(Bytes.file(text, values: 5), "a"))
    #expect(try file.array(of: file.tensors[0], maxValues: 5).values == [0, 1, 2, 3, 4])
    #expect(throws: CodecError.self) { try file.array(of: file.tensors[0], maxValues: 4) }
  }

  @Test("Files of other kinds are told by name")
  func others() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("PK\u{3}\u{4}".utf8) + [20, 0, 0, 0, 8, 0], "a")
    let error = #expect(throws: CodecError.self) { try SafetensorsFile(path: path) }
    #expect(error?.description.contains("a ZIP archive") == true)
    #expect(SafetensorsFile.isLikely(firstBytes: Bytes.file("{}")))
    #expect(!SafetensorsFile.isLikely(firstBytes: Bytes.file("[]")))
    #expect(!SafetensorsFile.isLikely(firstBytes: Bytes.file("{}").dropLast(2)))
    #expect(!SafetensorsFile.isLikely(firstBytes: Bytes.file("{}", length: 1 << 40)))
    #expect(throws: CodecError.self) { try SafetensorsFile(path: folder.path) }
    #expect(throws: CodecError.self) { try SafetensorsFile(path: folder.path + "/none") }
  }
}
