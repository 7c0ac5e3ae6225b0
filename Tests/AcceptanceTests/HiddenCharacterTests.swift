import Foundation
import Glibc
import Testing

/// What steers a terminal never reaches one, wherever it stands: names, keys, values, arguments,
/// arrays.
@Suite struct HiddenCharacterTests {
  /// Controls, directions, ends of lines and what has no width, without NUL.
  private static let codes: [UInt32] =
    Array(0x01...0x1F) + Array(0x7F...0x9F) + Array(0x200E...0x200F) + Array(0x2028...0x202E)
    + Array(0x2060...0x2069) + [0x61C, 0x200B, 0xFEFF, 0xAD]

  private static let scalars = codes.compactMap(Unicode.Scalar.init)

  /// All of them; after the end of a line stands a word that must not begin one.
  private static let all =
    "a" + scalars.reduce(into: "") { $0.unicodeScalars.append($1) } + "z\nINJECTED\rINJECTED"

  /// All of them as JSON, escaped or as they are, with NUL.
  private static let escaped =
    all.unicodeScalars.map { "\\u" + String(0x10000 + $0.value, radix: 16).dropFirst() }.joined()
    + "\\u0000"
  private static let raw = all.unicodeScalars.filter { $0.value >= 0x20 }.map(String.init).joined()

  private func expectClean(_ outcome: Command.Outcome, _ line: String) {
    #expect(outcome.status < 128 && outcome.status != 70, "\(line)")
    for text in [outcome.output, outcome.errors] {
      let found = text.unicodeScalars.filter {
        $0 != "\n" && Self.scalars.contains($0) || $0 == "\0"
      }
      #expect(found.isEmpty, "\(line): \(found.map { String($0.value, radix: 16) }) in \(text)")
      // Bytes that are no text would stand there as this.
      #expect(!text.unicodeScalars.contains("\u{FFFD}"), "\(line): \(text)")
      let lines = text.split(separator: "\n")
      #expect(!lines.contains { $0.hasPrefix("INJECTED") }, "\(line): \(text)")
    }
  }

  private func run(_ arguments: [String], in folder: TemporaryFolder, input: String? = nil) throws {
    let outcome = try Command.run(arguments, in: folder.path, input: input)
    expectClean(outcome, arguments.joined(separator: " "))
    if arguments.first == "run" {
      expectClean(
        try Command.run(arguments + ["--json"], in: folder.path, input: input), "--json")
    }
  }

  /// A pipeline whose text is given, tried by every command.
  private func pipeline(_ text: String) throws {
    let bench = try Workbench(["a.npy"])
    try bench.folder.write(text, to: "p.json")
    for command in ["validate", "explain", "run"] {
      try run([command, "p.json"], in: bench.folder)
    }
    try run(["run", "p.json", "--dry-run"], in: bench.folder)
  }

  @Test("Names of files and folders: good and bad, listed, in the way, missing, special")
  func names() throws {
    let name = Self.all
    let bench = try Workbench(["\(name).npy", "\(name)/x.npy"])
    let folder = bench.folder
    try folder.write("no array", to: "in/bad\(name).npy")
    try folder.write("no image", to: "in/\(name).txt")
    #expect(mkfifo(folder.path("in/fifo\(name)"), 0o600) == 0)
    try run(["run", "copy.json", "--dry-run"], in: folder)
    try run(["run", "copy.json", "--dry-run", "--verbose"], in: folder)
    try run(["run", "copy.json", "-i", "in", "-o", "other\(name)"], in: folder)
    try run(["run", "copy.json", "-i", "in", "-o", "o", "--state", "state\(name)"], in: folder)
    try run(["verify", "other\(name)"], in: folder)
    try folder.write("changed", to: "other\(name)/\(name).npy")
    try run(["verify", "other\(name)"], in: folder)
    try run(["verify", "nowhere\(name)"], in: folder)
    try run(["verify", "o", "--state", "nowhere\(name)"], in: folder)
    try run(["run", "copy.json", "-o", "other\(name)"], in: folder)
    try run(["run", "copy.json", "-i", "nowhere\(name)"], in: folder)
    try run(["run", "copy.json", "-i", "in/*\(name)?.tif"], in: folder)
    try run(["run", "copy.json", "-i", "@nowhere\(name)"], in: folder)
    try run(["run", "copy.json", "-i", "in/\(name).npy", "-o", "x\(name).npy"], in: folder)
    try run(["run", "copy.json", "-i", "in", "-o", "x\(name).png"], in: folder)
    try run(["run", "copy.json", "-o", "copy.json/\(name)"], in: folder)
    try run(["run", "nowhere\(name).json"], in: folder)
    try run(["explain", "copy.json", "in/\(name).npy"], in: folder)
    try run(["explain", "copy.json", "in/bad\(name).npy"], in: folder)
    let list = "in/\(name).npy\0missing\(name)\0in/\(name)\0"
    try run(["run", "copy.json", "-i", "-", "-o", "listed"], in: folder, input: list)
  }

  @Test("Names that collide, and pipelines of strange names")
  func collisions() throws {
    let bench = try Workbench(["\(Self.all).npy", "\(Self.all).arr"])
    try run(["run", "copy.json"], in: bench.folder)
    try run(["run", "copy.json", "--dry-run"], in: bench.folder)
    for (text, file) in [
      ("{ \"version\": 1, }", "bad"),
      (String(decoding: try bench.folder.bytes("copy.json"), as: UTF8.self), "good"),
      ("{ \"$schema\": \"https://json-schema.org/x\" }", "schema"),
      (AcceptanceTests.pipeline([#"{ "stage": "unfold", "kernel_size": 99 }"#]), "misfit"),
    ] {
      let name = "\(file)\(Self.all).json"
      try bench.folder.write(text, to: name)
      try run(["validate", name], in: bench.folder)
      try run(["run", name, "-i", "in/\(Self.all).npy", "-o", "o"], in: bench.folder)
      try run(["explain", name, "in/\(Self.all).npy"], in: bench.folder)
    }
  }

  @Test("Keys, words and values of a pipeline, escaped and as they are", arguments: [escaped, raw])
  func values(_ text: String) throws {
    let encode = #"{ "stage": "encode", "path": "out", "format": "npy" }"#
    let stages = [
      #"{ "stage": "\#(text)" }"#, #"{ "stage": "unfold", "\#(text)": 1 }"#,
      #"{ "stage": "unfold", "kernel_size": "\#(text)" }"#,
      #"{ "stage": "pad", "amount": 1, "padding_mode": "\#(text)" }"#,
      #"{ "stage": "convolve", "bank": { "name": "\#(text)" } }"#,
      #"{ "stage": "convolve", "bank": { "name": "gaussian", "\#(text)": 1 } }"#,
      #"{ "stage": "convolve", "weights": "\#(text)" }"#,
      #"{ "stage": "compare", "require": { "\#(text)": 1 } }"#,
      #"{ "stage": "compare", "metrics": ["\#(text)"] }"#,
      #"{ "stage": "encode", "path": "o", "format": "\#(text)" }"#,
      #"{ "stage": "encode", "path": "o", "name": "{\#(text)}.npy" }"#,
      #"{ "stage": "encode", "path": "o", "format": "npy", "name": "\#(text).npy" }"#,
      #"{ "stage": "encode", "path": "o", "format": "npy", "name": ".tessera\#(text).npy" }"#,
      #"{ "stage": "encode", "path": "\#(text)", "format": "npy" }"#,
      #""\#(text)""#, #"{ "\#(text)": 1 }"#, #"{ "\#(text)": 1, "\#(text)": 1 }"#,
    ]
    for stage in stages {
      let load = #"{ "stage": "load", "path": "in" }"#
      try pipeline(#"{ "version": 1, "stages": [\#(load), \#(stage), \#(encode)] }"#)
    }
    let load = #"[{ "stage": "load", "path": "in" }, \#(encode)]"#
    try pipeline(#"{ "version": 1, "description": "\#(text)", "stages": \#(load) }"#)
    try pipeline(#"{ "version": "\#(text)", "\#(text)": 1, "stages": \#(load) }"#)
    for key in [#""path": "\#(text)""#, #""list": "\#(text)""#, #""include": ["\#(text)"]"#] {
      try pipeline(
        #"{ "version": 1, "stages": [{ "stage": "load", \#(key) }, \#(encode)] }"#)
    }
  }

  @Test("Text that is no JSON at all, with each character where JSON wants another")
  func syntax() throws {
    for text in [Self.all, "{ \(Self.all)", "{ \"version\": \(Self.all) }", "[1] \(Self.all)"] {
      try pipeline(text)
    }
    for scalar in Self.scalars {
      let bench = try Workbench(["a.npy"])
      try bench.folder.write("{ \"version\": \(scalar)1 \(scalar)\"a\(scalar)\": }", to: "p.json")
      try run(["validate", "p.json"], in: bench.folder)
    }
  }

  @Test("Arguments, those that only the parser of the command line sees included")
  func arguments() throws {
    let bench = try Workbench(["a.npy"])
    let text = Self.all
    for arguments in [
      [text], ["--\(text)"], ["-\(text)"], ["help", text], ["stages", text], ["schema", text],
      ["stages", "--\(text)"], ["--generate-completion-script", text],
      ["--generate-completion-script=\(text)"], ["--version=\(text)"],
      ["verify"], ["validate", "--\(text)"], ["explain", "copy.json", "--size", text],
      ["explain", "copy.json", "--size=\(text)"], ["explain", "copy.json", text, text],
    ] {
      try run(arguments, in: bench.folder)
    }
    for arguments in [
      ["--\(text)"], ["--\(text)=1"], ["--jobs", text], ["--jobs=\(text)"], ["-j", text],
      ["--memory", text], ["--set", text], ["--set", "\(text)=1"],
      ["--set", "stages[1].\(text)=1"],
      ["--set", "format=\(text)"], ["--set", "stages[\(text)].format=png"], ["--json=\(text)"],
      ["-\(text)"], [text], ["--output"], ["--inptu\(text)", "in"],
    ] {
      try run(["run", "copy.json"] + arguments, in: bench.folder)
    }
    for name in ["TESSERA_ISA", "TESSERA_REWRITES"] {
      let outcome = try Command.run(
        ["run", "copy.json"], in: bench.folder.path, environment: [name: text])
      #expect(outcome.status == 64)
      expectClean(outcome, name)
    }
  }

  @Test(
    "Bytes that are no text, and are controls to a terminal of 8 bits, in names and arguments",
    arguments: [
      "run blur.json -i in -o out", "run blur.json -i in -o out --dry-run",
      "run blur.json in/*/b* -o out", "run blur.json -i $'in/x\\x9b31m\\xff.png'",
      "run blur.json --$'x\\x9b31m\\xff'", "run blur.json --jobs $'\\x9b31m'",
      "run $'\\x9b31m\\xff'",
      "run blur.json --set $'a\\x9b31m=1'", "stages $'\\x85\\x9b'", "$'\\x9b31m\\n'",
      "verify $'\\x9b31m'", "validate $'\\x9b31m' $'in/d\\x9b/b\\x9b.png'",
      "explain blur.json $'in/d\\x9b/b\\x9b.png'",
    ])
  func bytes(_ arguments: String) throws {
    let place = try ReadersPlace()
    _ = try place.type(
      #"mkdir -p $'in/d\x9b'; cp photo.jpg $'in/d\x9b/a\x9b31m\xff.jpg'; "#
        + #"echo bad > $'in/d\x9b/b\x9b.png'; mkfifo $'in/f\x9b'"#)
    expectClean(try place.type("tessera " + arguments), arguments)
  }

  @Test("Headers of arrays, as inputs and as weights, and texts that are no image")
  func arrays() throws {
    let text = Self.all
    var headers = ["'descr': '\(text)'", "'descr': '<f4', '\(text)': 1", "'descr': \(text)"]
    headers = headers.map { "{\($0), 'fortran_order': False, 'shape': (1, 4, 4), }" }
    headers += [
      "{'descr': '<f4', 'fortran_order': \(text), 'shape': (1, 4, 4), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (\(text)), }", text,
      "{'descr': [('\(text)', '<f4')], 'fortran_order': False, 'shape': (1, 4, 4), }",
    ]
    let bench = try Workbench([])
    for (index, header) in headers.enumerated() {
      let bytes = Array((header + "\n").utf8)
      let file =
        [0x93] + "NUMPY".utf8 + [1, 0, UInt8(bytes.count % 256), UInt8(bytes.count / 256)] + bytes
        + [UInt8](repeating: 0, count: 64)
      try bench.folder.write(file, to: "in/\(index).npy")
      try run(["explain", "copy.json", "in/\(index).npy"], in: bench.folder)
      try bench.folder.write(
        AcceptanceTests.pipeline(
          load: #""path": "in""#, [#"{ "stage": "convolve", "weights": "in/\#(index).npy" }"#],
          encode: #""path": "out""#), to: "weights.json")
      try run(["validate", "weights.json"], in: bench.folder)
    }
    for (index, scalar) in Self.scalars.enumerated() {
      try bench.folder.write("\(scalar)hello\(scalar) \(text)", to: "in/text\(index).png")
      try bench.folder.write("<\(scalar)html>\(text)", to: "in/page\(index).jpg")
      try bench.folder.write("RIFF1234\(scalar)\(scalar)VP\(scalar)", to: "in/riff\(index).png")
    }
    try bench.folder.write([0x89] + "PNG\r\n\u{1A}\n".utf8 + text.utf8, to: "in/chunk.png")
    try run(["run", "copy.json"], in: bench.folder)
  }
}
