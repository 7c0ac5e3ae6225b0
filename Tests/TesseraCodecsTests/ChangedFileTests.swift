import Foundation
import TesseraCodecs
import TesseraCore
import Testing

/// Files that are written to while their rows are read.
@Suite struct ChangedFileTests {
  /// What befalls a file in between.
  enum Change: CaseIterable {
    case overwritten, grown, shortened, touched
    case replaced, none

    var isSeen: Bool { self != .replaced && self != .none }

    func make(_ path: String) throws {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      defer { try? file.close() }
      switch self {
      case .overwritten: try file.write(contentsOf: bytes.map { $0 ^ 0x55 })
      case .grown:
        try file.seekToEnd()
        try file.write(contentsOf: [0])
      case .shortened: try file.truncate(atOffset: UInt64(bytes.count / 2))
      case .touched:
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
      case .replaced: try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
      case .none: break
      }
    }
  }

  @Test(
    "A file that was written to while it was read is refused; one that was replaced is not",
    arguments: Change.allCases, [ImageFileFormat.png(.fast), .jpeg(JPEGSettings()), .npy])
  func changed(_ change: Change, _ format: ImageFileFormat) throws {
    let folder = try TemporaryFolder()
    // More than decoders read ahead.
    let pixels = noise(ImageShape(channels: 3, height: 600, width: 500), .uint8)
    for failOn in [FailOn.none, .truncated, .error] {
      let path = folder.file("\(failOn)")
      try encode(
        pixels, to: format.makeWriter(path: path, shape: pixels.shape, elementType: .uint8))
      // Written long ago, as images are.
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: path)
      var options = DecodeOptions()
      options.failOn = failOn
      let reader = try ImageReader(path: path, options: options)
      var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
      let bytesPerRow = row.count
      try row.withUnsafeMutableBytes { row in
        try reader.readRows(
          into: requireAddress(row.baseAddress), count: 1, bytesPerRow: bytesPerRow)
      }
      try change.make(path)
      if change.isSeen {
        let error = #expect(throws: CodecError.self) { try reader.finish() }
        #expect(error == .changed, "\(failOn)")
      } else {
        #expect(try reader.finish().warnings == [])
      }
    }
  }
}
