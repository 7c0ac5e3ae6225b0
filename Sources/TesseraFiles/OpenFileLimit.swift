import Glibc

/// How many files this process may have open.
package enum OpenFileLimit {
  /// Files that may be open while they wait for others: a quarter of all, and no more than 256.
  package static let waiting = max(min(current / 4, 256), 1)

  /// Images that may be in work at once, beside files that wait and those of the run itself: each opens
  /// a few.
  package static let workers = max((current - waiting - 16) / 8, 1)

  private static var current: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
    return Int(exactly: limit.rlim_cur) ?? .max
  }

  /// Asks for as many as the process may have at most.
  package static func raise() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
  }
}
