import TesseraFiles

/// How files are known that hold inputs, and what is in them; Batch itself knows of no format.
public struct ArchiveListing: Sendable {
  /// A file in an archive.
  public struct Member: Hashable, Sendable {
    /// What it is called there.
    public var name: String
    /// Where its bytes begin in the archive.
    public var offset: Int
    /// How many there are.
    public var byteCount: Int

    /// Describes a member.
    public init(name: String, offset: Int, byteCount: Int) {
      self.name = name
      self.offset = offset
      self.byteCount = byteCount
    }
  }

  /// Extensions in small letters, without the dot.
  public var extensions: Set<String>
  /// Whether what is in an archive is called by its own name beside the archive, not below it.
  public var membersLieBeside = false
  /// Lists the members of an archive, and tells whether it could be read to its end.
  public var members: @Sendable (_ path: String, _ take: (Member) -> Void) -> Bool

  /// Says how archives are known and read.
  public init(
    extensions: Set<String>,
    members: @escaping @Sendable (_ path: String, _ take: (Member) -> Void) -> Bool
  ) {
    self.extensions = extensions
    self.members = members
  }

  /// The name of a member, seen from the folder that is loaded.
  func name(of member: Member, in archive: String) -> String {
    let name = member.name.drop { $0 == "/" }
    let folder = membersLieBeside ? Path.folder(of: archive) : archive
    return Path.join(folder, name.isEmpty ? "." : String(name))
  }

  /// Whether a file is one, by its name.
  func isArchive(_ name: String) -> Bool {
    extensions.contains(Path.split(name: Path.name(of: name)).fileExtension.lowercased())
  }
}
