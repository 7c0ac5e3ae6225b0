import Glibc

/// Programs that change something of the process and then become the command.
enum Wrapper {
  /// Permissions count, also for the superuser.
  static let heedingPermissions =
    geteuid() == 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []

  /// No file can grow beyond 32 or 64 KiB (shells differ in their unit); more is an error rather
  /// than a signal.
  static let limitingFiles = ["sh", "-c", #"trap '' XFSZ; ulimit -f 64; exec "$@""#, "sh"]

  /// Signals do nothing, as after nohup.
  static func ignoring(_ signals: String) -> [String] { ["env", "--ignore-signal=\(signals)"] }

  /// Signals wait, as in a child of a thread that blocks them.
  static func blocking(_ signals: String) -> [String] { ["env", "--block-signal=\(signals)"] }
}
