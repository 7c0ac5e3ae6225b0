import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

/// Tar archives of inputs.
enum ArchiveTarget {
  /// Seconds after which a run is asked to end, and must.
  private static let mostTime = Duration.seconds(2)

  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let path = try folder.write(bytes, to: "in/inputs.tar")
    let (members, damage) = read(path)
    try expect(read(path).members == members, "an archive that is read again has the same members")
    _ = damage?.description
    var contents: [(name: String, bytes: [UInt8])] = []
    for member in members {
      try expect(member.offset >= 0 && member.byteCount >= 0, "members have places")
      let source = try OpenSource(
        ByteSource(path: path, offset: member.offset, byteCount: member.byteCount))
      try expect(source.byteCount <= member.byteCount, "a member has no more bytes than it says")
      let content = try source.bytes(at: 0, count: source.byteCount)
      try expect(content.count == source.byteCount, "all bytes of a member can be read")
      if TarWriter.holds(member.name) { contents.append((member.name, content)) }
    }
    try checkWritten(contents, in: folder)
    try checkInputs(in: folder)
  }

  private static func read(_ path: String) -> (
    members: [TarReader.Member], damage: TarReader.Damage?
  ) {
    var members: [TarReader.Member] = []
    do throws(TarReader.Damage) {
      try TarReader.forEachMember(of: path) { members.append($0) }
      return (members, nil)
    } catch {
      return (members, error)
    }
  }

  /// The same members in an archive of our own are read as they were written.
  private static func checkWritten(
    _ contents: [(name: String, bytes: [UInt8])], in folder: ScratchFolder
  ) throws {
    let path = folder.path("written.tar")
    let file = try OpenFile.emptied(path)
    let writer = try TarWriter(descriptor: file.descriptor, path: path)
    for (name, bytes) in contents {
      try bytes.withUnsafeBytes { try writer.append(name, [$0]) }
    }
    try writer.finish()
    let (members, damage) = read(path)
    try expect(damage == nil, "an archive that is written is whole")
    try expect(
      members.map(\.name).elementsEqual(contents.map(\.name)) { $0.utf8.elementsEqual($1.utf8) },
      "members that are written keep their names")
    for (member, content) in zip(members, contents) {
      let source = try OpenSource(
        ByteSource(path: path, offset: member.offset, byteCount: member.byteCount))
      try expect(
        try source.bytes(at: 0, count: source.byteCount) == content.bytes,
        "members that are written keep their bytes")
    }
  }
}

extension ArchiveTarget {
  /// Images in an archive, as a run finds and names them.
  private static func checkInputs(in folder: ScratchFolder) throws {
    let load = Load {
      $0.path = folder.path("in")
      $0.maxPixels = 1 << 14
    }
    let pictures = try processor(
      [
        load,
        Encode {
          $0.path = folder.path("out")
          $0.format = .png
        },
      ])
    let inputs: DiscoveredInputs
    do throws(DiscoveryError) {
      inputs = try pictures.inputs(
        in: [.path(folder.path("in"))], outputFolders: [folder.path("out")])
    } catch {
      _ = error.description
      return
    }
    for item in inputs.items.prefix(16) { try check(item, pictures, in: folder) }
    try checkDataset(of: inputs, load, in: folder)
  }

  private static func processor(_ stages: [any Stage]) throws -> PipelineProcessor {
    try PipelineProcessor(Planner(Pipeline(stages: stages), kernels: .selected()))
  }

  /// A member's outputs stay inside of their folder, and its image is that of its bytes.
  private static func check(
    _ item: Item, _ processor: PipelineProcessor, in folder: ScratchFolder
  ) throws {
    do throws(InputFailure) {
      let outputs = try processor.prepare(item).planned.outputs
      for output in outputs where !Path.normalized(output).hasPrefix(folder.path("out/")) {
        throw InputFailure(.bug, "its output would be \(output.printable)")
      }
    } catch {
      try expect(error.kind != .bug, "members are inputs or refused: \(error.message)")
    }
    guard item.member != nil, item.byteCount < 1 << 14 else { return }
    let bytes = try OpenSource(item.source).bytes(at: 0, count: item.byteCount)
    // One that ends before its size says is no image, and no file of its own is like it.
    guard bytes.count == item.byteCount else { return }
    let file = try folder.write(bytes, to: "member")
    try expect(
      decoded(item.source) == decoded(ByteSource(path: file)),
      "an image in an archive is read as a file of its own is")
  }

  /// What a file gives; `nil` where it is refused.
  private static func decoded(_ source: ByteSource) -> DecodedImage? {
    do throws(CodecError) {
      return try DecodedImage(source, DecodedImage.lenient)
    } catch {
      return nil
    }
  }

  /// Images become a dataset, with what stands beside them.
  private static func checkDataset(
    of inputs: DiscoveredInputs, _ load: Load, in folder: ScratchFolder
  ) throws {
    guard inputs.items.count <= 16 else { return }
    let out = folder.path("out")
    let processor = try processor(
      [
        load,
        Encode {
          $0.path = out
          $0.format = .webdataset
          $0.imagesPerShard = 4
        },
      ])
    let end = ContinuousClock.now + mostTime
    _ = try WrittenDataset.run(
      processor, on: inputs, to: out, Cancellation(when: { ContinuousClock.now > end }))
    for index in 0..<(inputs.items.count + 3) / 4 {
      let path = Path.join(out, "data-0000\(index).tar")
      guard FileStatus(of: path) != nil else { continue }
      let (members, damage) = read(path)
      try expect(damage == nil, "a dataset's archive is whole")
      for member in members {
        let isInside =
          !member.name.hasPrefix("/")
          && !member.name.utf8.split(separator: UInt8(ascii: "/")).contains {
            $0.elementsEqual("..".utf8)
          }
        try expect(isInside, "names stay inside of an archive: \(member.name.printable)")
      }
    }
  }
}
