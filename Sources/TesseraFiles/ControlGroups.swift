import TesseraCore

/// The control groups that this process is in, as far as they limit memory: its own and all above it,
/// of both versions.
struct ControlGroups {
  /// Where the files of the groups are, from the innermost outwards, and what the limit's is called.
  private let files: [String]

  /// Finds the groups.
  ///
  /// - Parameter root: where the folders `proc` and `sys` are.
  init(root: String) {
    var files: [String] = []
    let places = SystemText.lines(of: root + "/proc/self/mountinfo").compactMap { Mount($0) }
    for line in SystemText.lines(of: root + "/proc/self/cgroup") {
      // Number, controllers, path; version 2 has no controllers.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isUnified = fields[1].isEmpty
      guard isUnified || fields[1].split(separator: ",").contains("memory") else { continue }
      for mount in places where mount.isUnified == isUnified {
        let name = isUnified ? "memory.max" : "memory.limit_in_bytes"
        files += mount.folders(of: fields[2]).map { root + Path.join($0, name) }
      }
    }
    self.files = files
  }

  /// Their limits [bytes].
  var limits: [Int] {
    files.compactMap { path in
      let limit = SystemText.lines(of: path).first.flatMap { Int($0) }
      // Version 1 says a number beyond all memory for "none"; version 2 says "max".
      return limit.flatMap { $0 > 0 && $0 < 1 << 60 ? $0 : nil }
    }
  }

  /// A line of `mountinfo` about control groups.
  private struct Mount {
    /// The group that is seen as the uppermost.
    let top: Substring
    let place: Substring
    let isUnified: Bool

    /// Reads a line; `nil` for those of other file systems and of version 1 without memory.
    init?(_ line: Substring) {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else {
        return nil
      }
      isUnified = fields[dash + 1] == "cgroup2"
      let options = fields[dash + 3].split(separator: ",")
      guard isUnified || (fields[dash + 1] == "cgroup" && options.contains("memory")) else {
        return nil
      }
      (top, place) = (fields[3], fields[4])
    }

    /// The folders of a group and of those above it.
    func folders(of group: Substring) -> [String] {
      var rest = group
      // In a container the path may be the one outside of it.
      if top != "/", rest.hasPrefix(top) { rest = rest.dropFirst(top.count) }
      var names = rest.split(separator: "/")
      var folders = [String(place)]
      while !names.isEmpty {
        folders.append(([String(place)] + names.map(String.init)).joined(separator: "/"))
        names.removeLast()
      }
      return folders
    }
  }
}
