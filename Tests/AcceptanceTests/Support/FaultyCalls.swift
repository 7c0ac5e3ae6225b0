import Foundation
import Testing

/// A system some of whose calls fail, put before the real one by `LD_PRELOAD`.
enum FaultyCalls {
  /// Which calls fail, and how.
  struct Fault: Sendable, CustomTestStringConvertible {
    /// The call's name, as in `names`.
    var call: String
    /// Which of them, from 1; 0: all.
    var number = 0
    /// The error number, `kill`, `short` or `none`.
    var code: Int32
    /// Only calls on paths that end so count.
    var path = ""
    /// A file that comes to lie here just before the call, where nothing does.
    var planting = ""

    var testDescription: String {
      let end =
        switch code {
        case kill: "killed"
        case short: "half"
        case none: "planting \(planting)"
        default: String(cString: strerror(code))
        }
      return "\(call) \(number) \(path): \(end)"
    }

    fileprivate var line: String { "\(call)\t\(number)\t\(code)\t\(path)\t\(planting)\n" }
  }

  /// In place of an error number: the process is killed before the call.
  static let kill: Int32 = -1
  /// Half of the bytes are written, and no error is told.
  static let short: Int32 = -2
  /// The call does what it should.
  static let none: Int32 = 0
  /// What a planted file holds.
  static let planted = Array("somebody's".utf8)

  /// One call as it came, and whether it was made to fail.
  struct Call {
    var name: String
    var path: String
    var failed: Bool
  }

  /// The environment of a command, whose calls on paths below `folder` count.
  static func environment(
    _ fault: Fault? = nil, below folder: String, log: String? = nil
  ) throws -> [String: String] {
    try environment(fault.map { [$0] } ?? [], below: folder, log: log)
  }

  /// The same with several faults, each of which counts its calls for itself; of those that meet one
  /// call the last one decides.
  static func environment(
    _ faults: [Fault], below folder: String, log: String? = nil
  ) throws -> [String: String] {
    var variables = ["LD_PRELOAD": try library.get().file, "FAULT_BELOW": folder]
    variables["FAULTS"] = faults.map(\.line).joined()
    if let log { variables["FAULT_LOG"] = log }
    return variables
  }

  /// The calls that a command has made, from its log.
  static func calls(in log: String) throws -> [Call] {
    guard FileManager.default.fileExists(atPath: log) else { return [] }
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
      .split(separator: "\n").compactMap { line in
        let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard parts.count == 3 else { return nil }
        return Call(name: parts[1], path: parts[2], failed: parts[0] == "1")
      }
  }

  /// Builds a library with the toolchain's own compiler.
  static func build(_ source: String, in folder: TemporaryFolder) throws -> String {
    let file = try folder.write(source, to: "calls.c")
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["clang", "-shared", "-fPIC", "-o", folder.path("calls.so"), file]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    return folder.path("calls.so")
  }

  private static let library = Result {
    let folder = try TemporaryFolder()
    // The folder lives as long as the tests do.
    return (file: try build(source, in: folder), folder: folder)
  }
}
