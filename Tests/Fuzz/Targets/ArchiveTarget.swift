import TesseraCodecs
import TesseraFiles

/// Tar archives of inputs.
enum ArchiveTarget {
  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let path = try folder.write(bytes, to: "inputs.tar")
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
