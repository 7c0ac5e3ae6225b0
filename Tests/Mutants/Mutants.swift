import Glibc

/// Whether a planted fault is the one that `TESSERA_MUTANT` names.
///
/// Where `TESSERA_MUTANTS_SEEN` names a folder, an empty file there tells that the fault's place was
/// reached. Only Tests/Mutants copies this file, into a tree with planted faults.
///
/// - Parameter number: the fault's number, from 1.
/// - Returns: whether the fault is switched on.
@inline(never)
package func mutant(_ number: Int) -> Bool {
  if let folder = Mutants.folder { Mutants.note(number, in: folder) }
  return number == Mutants.active
}

/// What the environment says of planted faults, read once.
private enum Mutants {
  static let active = getenv("TESSERA_MUTANT").map { atoi($0) }.map(Int.init) ?? 0

  /// The folder's path, which the process does not change.
  nonisolated(unsafe) static let folder = getenv("TESSERA_MUTANTS_SEEN")

  /// A byte for each fault, not 0 once it is noted.
  ///
  /// Two threads may note the same one, which does no harm.
  nonisolated(unsafe) static let noted = {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 << 16)
    bytes.initialize(repeating: 0, count: 1 << 16)
    return bytes
  }()

  /// Makes a file without opening one: tests count open files, and have calls fail.
  static func note(_ number: Int, in folder: UnsafeMutablePointer<CChar>) {
    guard noted[number] == 0 else { return }
    noted[number] = 1
    let code = errno
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { path in
      let length = strlen(folder)
      guard let start = path.baseAddress, length < 4000 else { return }
      memcpy(start, folder, length)
      start[length] = CChar(UInt8(ascii: "/"))
      var digits = 1
      while number >= power(digits) { digits += 1 }
      for digit in 1...digits {
        start[length + digit] = CChar(48 + number / power(digits - digit) % 10)
      }
      start[length + digits + 1] = 0
      mknod(start, S_IFREG | 0o644, 0)
    }
    errno = code
  }

  private static func power(_ exponent: Int) -> Int {
    var power = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}
