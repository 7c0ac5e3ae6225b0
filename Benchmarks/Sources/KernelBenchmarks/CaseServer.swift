import COpenBLASLimit
import Glibc
import TesseraKernels

/// One kernel, measured for a program that measures others beside it.
///
/// `KernelBenchmarks case NAME NUMBER… INPUT OUTPUT` reads raw floats from INPUT, computes once, writes
/// what came out to OUTPUT and prints a line of JSON about the case. From then on it answers lines on
/// standard input with the processor time that each call took [s]: `run N` for N calls of the kernel, `limit N`
/// for as many of what bounds it.
enum CaseServer {
  static func serve(_ arguments: [String], _ kernels: KernelSet) throws {
    guard arguments.count >= 3 else { throw CaseError.usage }
    let name = arguments[0]
    let numbers = arguments.dropFirst().dropLast(2).compactMap { Int($0) }
    let input = try RawFloats(readingFrom: arguments[arguments.count - 2])
    openblas_set_num_threads(1)
    let work = try makeCase(name, numbers, input, kernels)
    work.run()
    try RawFloats.write(work.results, to: arguments[arguments.count - 1])
    let limit = Limit(work.cost)
    print(
      "{\"kernels\": \"\(kernels.name)\", \"cost\": \(work.cost.amount), "
        + "\"limit\": \"\(limit.name)\", \"limit_cost\": \(limit.amount)}")
    fflush(nil)
    while let line = readLine() {
      let words = line.split(separator: " ")
      guard words.count == 2, let count = Int(words[1]), count > 0 else { throw CaseError.usage }
      let start = processorTime()
      for _ in 0..<count { if words[0] == "limit" { limit.run() } else { work.run() } }
      print((processorTime() - start) / Double(count))
      fflush(nil)
    }
  }
}

/// Seconds that this process has computed, on all its threads.
private func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// What goes wrong before a case can be measured.
enum CaseError: Error, CustomStringConvertible {
  case usage
  case file(String)
  case valueCount(expected: Int, found: Int)

  var description: String {
    switch self {
    case .usage: "expected: case NAME NUMBER… INPUT OUTPUT"
    case .file(let path): "\(path) cannot be read or written"
    case .valueCount(let expected, let found): "expected \(expected) values, got \(found)"
    }
  }
}

/// Work that can be repeated; its buffers are made once.
protocol KernelCase {
  /// What one run computes or writes.
  var cost: Cost { get }
  /// Where results lie after a run, piece by piece.
  var results: [UnsafeBufferPointer<Float>] { get }
  func run()
}

/// What bounds a kernel, and how much of it one run takes.
enum Cost {
  /// Multiplications and additions.
  case operations(Int)
  /// Bytes written.
  case bytes(Int)

  var amount: Int {
    switch self {
    case .operations(let count), .bytes(let count): count
    }
  }
}

/// OpenBLAS's product of two matrices, or a copy of as many bytes.
final class Limit {
  let name: String
  let amount: Int
  let run: () -> Void

  init(_ cost: Cost) {
    switch cost {
    case .operations:
      let side = 2048
      let buffers = (0..<3).map { _ in randomFloats(side * side) }
      name = "sgemm"
      amount = 2 * side * side * side
      run = {
        let side = Int32(side)
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, side, side, side, 1, buffers[0], side,
          buffers[1], side, 0, buffers[2], side)
      }
    case .bytes(let count):
      let buffers = (0..<2).map { _ in randomFloats(count / 4) }
      name = "memcpy"
      amount = count
      run = { memcpy(buffers[1], buffers[0], count) }
    }
  }
}

/// The floats of a file without a header.
final class RawFloats {
  let values: UnsafeMutableBufferPointer<Float>

  init(readingFrom path: String) throws(CaseError) {
    guard let file = fopen(path, "rb") else { throw .file(path) }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let count = ftell(file) / MemoryLayout<Float>.stride
    rewind(file)
    let storage = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    values = UnsafeMutableBufferPointer(
      start: storage.bindMemory(to: Float.self, capacity: count), count: count)
    guard fread(storage, 4, count, file) == count else { throw .file(path) }
  }

  deinit { values.deallocate() }

  /// The values from an offset on, which must be as many as expected where that is given.
  func pointer(from offset: Int = 0, count: Int) throws(CaseError) -> UnsafeMutablePointer<Float> {
    guard let base = values.baseAddress, values.count >= offset + count else {
      throw .valueCount(expected: offset + count, found: values.count)
    }
    return base + offset
  }

  static func write(_ pieces: [UnsafeBufferPointer<Float>], to path: String) throws(CaseError) {
    guard let file = fopen(path, "wb") else { throw .file(path) }
    for piece in pieces where fwrite(piece.baseAddress, 4, piece.count, file) != piece.count {
      throw .file(path)
    }
    guard fclose(file) == 0 else { throw .file(path) }
  }
}
