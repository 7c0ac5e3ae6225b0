import TesseraCore
import TesseraTestSupport
import Testing

@testable import Tessera
@testable import TesseraEngine
@testable import TesseraPipeline

/// `transform.command`, whose programs are `cat` and some lines of Perl.
@Suite(.timeLimit(.minutes(10))) struct TransformCommandTests {
  struct Geometry: Sendable, CustomTestStringConvertible {
    var shape: [Int]
    var window: String
    var testDescription: String { "\(shape) \(window)" }
  }

  static let geometries = [
    Geometry(shape: [3, 37, 41], window: #""kernel_size": 8, "stride": 5, "edge": "shift""#),
    Geometry(shape: [1, 1, 1], window: #""kernel_size": 1"#),
    Geometry(
      shape: [2, 1, 23], window: #""kernel_size": [1, 4], "stride": [1, 3], "edge": "pad""#),
    Geometry(shape: [4, 19, 7], window: #""kernel_size": 3, "padding": 1"#),
    Geometry(
      shape: [1, 30, 30], window: #""kernel_size": [5, 3], "padding": 2, "padding_mode": "reflect""#
    ),
    Geometry(shape: [2, 33, 20], window: #""kernel_size": 4, "stride": 4, "padding": "same""#),
  ]

  @Test(
    "Memory is constant in the height of images, also where rows lie under no block",
    arguments: [#""kernel_size": 8, "stride": 8"#, #""kernel_size": 4, "stride": 9"#])
  func memory(window: String) throws {
    let planner = try Workshop().planner(
      #"{"stage": "unfold", \#(window)}, {"stage": "transform.command", "command": ["cat"]}, "#
        + #"{"stage": "fold", "uncovered": "zero"}, \#(npy)"#)
    let planned = try [2003, 32_003].map {
      try planner.plan(ImageShape(channels: 1, height: $0, width: 64)).byteCount
    }
    #expect(planned[1] < planned[0] + 400_000, "\(planned)")
  }

  @Test(
    "What a program gives back unchanged is what went, for any bands, workers and batches",
    arguments: geometries, ElementType.allCases)
  func identity(_ geometry: Geometry, type: ElementType) throws {
    let image = TestArray.noise(geometry.shape, type, seed: 3)
    let unfold = #"{"stage": "unfold", \#(geometry.window)}"#
    for (height, workers, batch) in [(nil, 1, 64), (1, 2, 7), (5, 3, 1)] as [(Int?, Int, Int)] {
      let workshop = try Workshop()
      workshop.banding = .init(height: height, largeImage: 0)
      workshop.workers = workers
      let command = #"{"stage": "transform.command", "command": ["cat"], "batch": \#(batch)}"#
      let found = try workshop.array(
        "\(unfold), \(command), {\"stage\": \"fold\"}, \(npy)", on: image)
      #expect(found.type == .float32)
      #expect(found.distance(to: image) <= 1e-6 * (type.maximum.map(Double.init) ?? 1))
      let patches = try workshop.array("\(unfold), \(command), \(npy)", on: image)
      let plain = try workshop.array("\(unfold), \(npy)", on: image)
      #expect(patches.values == plain.values && patches.shape == plain.shape)
    }
  }

  /// An image whose pixels are so many pixels each.
  static func enlarged(_ image: TestArray, by scale: Int) -> TestArray {
    let (height, width) = (image.shape[1] * scale, image.shape[2] * scale)
    var values: [Double] = []
    for channel in 0..<image.shape[0] {
      for y in 0..<height {
        for x in 0..<width {
          values.append(
            image.values[
              (channel * image.shape[1] + y / scale) * image.shape[2] + x / scale])
        }
      }
    }
    return TestArray([image.shape[0], height, width], .float32, values)
  }

  @Test(
    "Fold and encode follow the scale: windows, strides, starts, padding and size",
    arguments: geometries, [2, 3])
  func scale(_ geometry: Geometry, scale: Int) throws {
    let image = TestArray.noise(geometry.shape, .uint8, seed: 4)
    let workshop = try Workshop()
    workshop.banding = .init(height: 4, largeImage: 0)
    workshop.workers = 2
    let program = try PerlProgram.command(PerlProgram.enlarging(by: scale), in: workshop.folder)
    let unfold = #"{"stage": "unfold", \#(geometry.window)}"#
    let command =
      #"{"stage": "transform.command", "command": \#(program), "scale": \#(scale), "batch": 5}"#
    let found = try workshop.array(
      "\(unfold), \(command), {\"stage\": \"fold\"}, \(npy)", on: image)
    let expected = Self.enlarged(image, by: scale)
    #expect(found.shape == expected.shape && found.distance(to: expected) <= 3e-5)

    let layout = #"{"stage": "encode", "format": "npy", "layout": "patches"}"#
    let patches = try workshop.array("\(unfold), \(command), \(layout)", on: image)
    let plain = try workshop.array("\(unfold), \(layout)", on: image)
    let sides = plain.shape.suffix(2).map { $0 * scale }
    #expect(patches.shape == plain.shape.dropLast(2) + sides)
    let count = plain.shape.dropLast(2).reduce(1, *)
    let flat = TestArray([count] + plain.shape.suffix(2), .uint8, plain.values)
    #expect(patches.values == Self.enlarged(flat, by: scale).values)
  }

  @Test("Blocks that were let go do not reach the program")
  func select() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([1, 40, 40], .uint8, seed: 9)
    let stages = #"""
      {"stage": "unfold", "kernel_size": 8, "stride": 4},
      {"stage": "sample", "count": 11, "seed": 2}
      """#
    let command = #"{"stage": "transform.command", "command": ["cat"], "batch": 4}"#
    let fold = #"{"stage": "fold", "uncovered": "zero"}"#
    let found = try workshop.array("\(stages), \(command), \(fold), \(npy)", on: image)
    let plain = try workshop.array("\(stages), \(fold), \(npy)", on: image)
    #expect(found.distance(to: plain) <= 1e-4)
    #expect(plain.values.contains { $0 != 0 })
  }

  @Test(
    "A patch goes to the program once, however many bands its rows lie in", arguments: [64, 600])
  func once(height: Int) throws {
    let workshop = try Workshop()
    workshop.banding = .init(height: 3, largeImage: 0)
    let log = workshop.folder.path("log")
    let program = try PerlProgram.command(
      PerlProgram.script(
        """
        open my $log, ">>", "\(log)"; print $log "$$ $n\\n"; close $log;
        print array("<f4", join(", ", $n, $c, $h, $w), $data);
        """), in: workshop.folder)
    let image = TestArray.noise([1, height, 48], .uint8, seed: 1)
    let stages = #"""
      {"stage": "unfold", "kernel_size": 8, "stride": 2},
      {"stage": "transform.command", "command": \#(program)}, {"stage": "fold"}, \#(npy)
      """#
    for workers in [1, 3] {
      workshop.workers = workers
      workshop.folder.remove("log")
      #expect(try workshop.array(stages, on: image).distance(to: image) <= 1e-4)
      let lines = (workshop.folder.text("log") ?? "").split(separator: "\n").map {
        $0.split(separator: " ").compactMap { Int($0) }
      }
      #expect(lines.reduce(0) { $0 + $1[1] } == (height - 6) / 2 * 21)
      #expect(Set(lines.map { $0[0] }).count <= workers)
    }
  }

  @Test("An answer may come in pieces that end within a value", arguments: ["<f4", "<f8", "<i2"])
  func pieces(type: String) throws {
    let workshop = try Workshop()
    let values = [
      "<f4": "$data", "<f8": #"pack("d*", unpack("f*", $data))"#,
      "<i2": #"pack("s*", unpack("f*", $data))"#,
    ]
    let program = try PerlProgram.command(
      PerlProgram.script(
        #"""
        my ($answer, $size) = (array("\#(type)", "$n, $c, $h, $w", \#(values[type] ?? "")), 0);
        for (my $at = 0; $at < length $answer; $at += $size) {
          $size = $size % 13 + 3;
          syswrite(STDOUT, substr($answer, $at, $size));
          select(undef, undef, undef, 0.001);
        }
        """#), in: workshop.folder)
    let image = TestArray.noise([1, 9, 10], .uint8, seed: 12)
    let unfold = #"{"stage": "unfold", "kernel_size": 3, "stride": 2}"#
    let found = try workshop.array(
      #"\#(unfold), {"stage": "transform.command", "command": \#(program), "batch": 7}, \#(npy)"#,
      on: image)
    #expect(try found.values == workshop.array("\(unfold), \(npy)", on: image).values)
  }

  @Test("One program serves image after image")
  func kept() throws {
    let workshop = try Workshop()
    let log = workshop.folder.path("log")
    let program = try PerlProgram.command(
      PerlProgram.script(
        """
        open my $log, ">>", "\(log)"; print $log "$$\\n"; close $log;
        print array("<f4", join(", ", $n, $c, $h, $w), $data);
        """), in: workshop.folder)
    let planner = try workshop.planner(
      #"{"stage": "unfold", "kernel_size": 4}, {"stage": "transform.command", "command": \#(program)}, \#(npy)"#
    )
    for side in [4, 5, 6] {
      let pixels = [UInt8](repeating: 7, count: side * side)
      _ = try planner.run(on: pixels, shape: ImageShape(channels: 1, height: side, width: side))
    }
    let pids = (workshop.folder.text("log") ?? "").split(separator: "\n")
    #expect(pids.count == 3 && Set(pids).count == 1)
  }

  @Test(
    "Any type whose values float32 holds is taken, in either order and byte order",
    arguments: [
      (#"array("<f8", "$n, $c, $h, $w", pack("d*", unpack("f*", $data)))"#),
      (#"array(">f4", "$n, $c, $h, $w", pack("f>*", unpack("f*", $data)))"#),
      (#"array("|u1", "$n, $c, $h, $w", pack("C*", unpack("f*", $data)))"#),
      (#"array("<i8", "$n, $c, $h, $w", pack("q*", unpack("f*", $data)))"#),
      (#"array("<f4", "$n, $c, $h, $w", pack("f*", fortran($n, $c, $h, $w, unpack("f*", $data))), "True")"#),
    ])
  func types(_ answer: String) throws {
    let fortran = """
      sub fortran { my ($n, $c, $h, $w, @v) = @_; my @out;
        for my $x (0..$w - 1) { for my $y (0..$h - 1) { for my $k (0..$c - 1) { for my $i (0..$n - 1) {
          push @out, $v[(($i * $c + $k) * $h + $y) * $w + $x]; } } } } return @out; }
      """
    let workshop = try Workshop()
    let program = try PerlProgram.command(
      PerlProgram.script("\(fortran)\nprint \(answer);"), in: workshop.folder)
    let image = TestArray.noise([3, 20, 22], .uint8, seed: 6)
    let found = try workshop.array(
      #"""
      {"stage": "unfold", "kernel_size": [4, 6], "stride": 5},
      {"stage": "transform.command", "command": \#(program), "batch": 9}, \#(npy)
      """#, on: image)
    let plain = try workshop.array(
      #"{"stage": "unfold", "kernel_size": [4, 6], "stride": 5}, \#(npy)"#, on: image)
    #expect(found.values == plain.values)
  }
}
