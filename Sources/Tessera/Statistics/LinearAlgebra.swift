import Glibc

/// What of the system's LAPACK is used.
///
/// It is loaded when it is wanted, so that no other command pays for its start, and programs that use
/// the library need not have it. It works on one thread: sums are added in one order then.
struct LinearAlgebra: Sendable {
  /// Eigenvalues, ascending, and eigenvectors of a symmetric matrix.
  private typealias Decompose =
    @convention(c) (
      _ job: UnsafePointer<CChar>, _ part: UnsafePointer<CChar>, _ order: UnsafePointer<Int32>,
      _ matrix: UnsafeMutablePointer<Double>, _ pitch: UnsafePointer<Int32>,
      _ values: UnsafeMutablePointer<Double>, _ work: UnsafeMutablePointer<Double>,
      _ workCount: UnsafePointer<Int32>, _ integers: UnsafeMutablePointer<Int32>,
      _ integerCount: UnsafePointer<Int32>, _ information: UnsafeMutablePointer<Int32>,
      // Fortran gives the lengths of texts behind everything else.
      _ jobLength: Int, _ partLength: Int
    ) -> Void

  private let decompose: Decompose

  /// Address space that loading takes, generously [bytes]: OpenBLAS asks for a buffer of 128 MiB without
  /// end where it gets none.
  private static let addresses = 1 << 28

  /// Loads LAPACK.
  ///
  /// - Throws: ``PatchStatisticsError`` where the system has none, or the process has no room for it.
  init() throws(PatchStatisticsError) {
    let room = mmap(
      nil, Self.addresses, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
      0)
    guard let room, room != MAP_FAILED else {
      throw .noLinearAlgebra(
        "it needs \(Self.addresses >> 20) MiB of addresses, which are not left")
    }
    munmap(room, Self.addresses)
    // OpenBLAS, where it stands in for LAPACK, reads this when it is loaded.
    setenv("OPENBLAS_NUM_THREADS", "1", 0)
    guard let library = dlopen("liblapack.so.3", RTLD_NOW | RTLD_LOCAL),
      let symbol = dlsym(library, "dsyevd_")
    else {
      let reason = dlerror().map { String(cString: $0) } ?? "no dsyevd_ in it"
      throw .noLinearAlgebra(reason + "; Debian has it in the package liblapack3")
    }
    if let setter = dlsym(library, "openblas_set_num_threads") {
      unsafeBitCast(setter, to: (@convention(c) (Int32) -> Void).self)(1)
    }
    decompose = unsafeBitCast(symbol, to: Decompose.self)
  }

  /// The eigenvalues of a symmetric matrix, descending, and its eigenvectors as rows: of each, the
  /// component of largest magnitude is positive, the first of those that are as large.
  ///
  /// - Parameters:
  ///   - matrix: its values, row by row.
  ///   - order: its rows.
  /// - Returns: values, and vectors row by row.
  /// - Throws: ``PatchStatisticsError`` where LAPACK finds none.
  func eigenvectors(
    of matrix: [Double], order: Int
  ) throws(PatchStatisticsError) -> (values: [Double], vectors: [Double]) {
    // Columns of Fortran's arrays are rows of ours.
    var vectors = matrix
    var values = [Double](repeating: 0, count: order)
    var information: Int32 = 0
    var (workCount, integerCount): (Int32, Int32) = (-1, -1)
    var work = [0.0]
    var integers: [Int32] = [0]
    for _ in 0..<2 {
      var size = Int32(order)
      decompose(
        "V", "L", &size, &vectors, &size, &values, &work, &workCount, &integers, &integerCount,
        &information, 1, 1)
      guard information == 0 else { throw .noEigenvectors(code: Int(information)) }
      if workCount < 0 {
        (workCount, integerCount) = (Int32(work[0]), integers[0])
        work = Array(repeating: 0, count: Int(workCount))
        integers = Array(repeating: 0, count: Int(integerCount))
      }
    }
    var rows: [Double] = []
    rows.reserveCapacity(order * order)
    for index in (0..<order).reversed() {
      let row = vectors[index * order..<(index + 1) * order]
      var largest = 0.0
      for value in row where value.magnitude > largest.magnitude { largest = value }
      rows += largest < 0 ? row.map { -$0 } : Array(row)
    }
    return (values.reversed(), rows)
  }
}
