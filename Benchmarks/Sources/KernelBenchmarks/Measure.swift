import Glibc

/// Seconds of a monotonic clock.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The median time of a call, after one call that does not count [s].
func median(_ repetitions: Int = 15, _ body: () -> Void) -> Double {
  body()
  let times = (0..<repetitions).map { _ in
    let start = now()
    body()
    return now() - start
  }
  return times.sorted()[repetitions / 2]
}

/// Prints one line of the table.
func report(_ work: String, _ seconds: Double, _ ratio: Double, _ unit: String, of limit: String) {
  func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
  func rounded(_ value: Double, _ digits: Double) -> String {
    "\((value * digits).rounded() / digits)"
  }
  print(
    padded(work, 34), padded(rounded(seconds * 1e3, 100) + " ms", 12), padded(unit, 16),
    rounded(ratio, 100), "×", limit)
}
