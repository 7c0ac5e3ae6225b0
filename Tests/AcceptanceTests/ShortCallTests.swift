import Foundation
import Testing

/// A system that reads and writes less at once than it is asked to.
@Suite struct ShortCallTests {
  /// Takes the place of the system's calls: each moves at most 1001 bytes, and of one piece alone.
  private static let source = """
    #define _GNU_SOURCE
    #include <sys/syscall.h>
    #include <sys/uio.h>
    #include <unistd.h>
    static size_t few(size_t count) { return count < 1001 ? count : 1001; }
    ssize_t read(int file, void *bytes, size_t count) {
      return syscall(SYS_read, file, bytes, few(count));
    }
    ssize_t write(int file, const void *bytes, size_t count) {
      return syscall(SYS_write, file, bytes, few(count));
    }
    ssize_t pread(int file, void *bytes, size_t count, off_t place) {
      return syscall(SYS_pread64, file, bytes, few(count), place);
    }
    ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
      return syscall(SYS_pwrite64, file, bytes, few(count), place);
    }
    ssize_t pwritev(int file, const struct iovec *pieces, int count, off_t place) {
      return syscall(SYS_pwrite64, file, pieces[0].iov_base, few(pieces[0].iov_len), place);
    }
    """

  @Test("Files are whole however little the system reads and writes at once")
  func shortCalls() throws {
    let bench = try Workbench([])
    // Rows of 1300 bytes, and of 5200 as floats: neither is a multiple of what is written at once.
    let picture = Picture.noise(width: 1300, height: 40, channels: 3, seed: 5)
    try bench.folder.write(picture.png(), to: "in/picture.png")
    try bench.write("array.npy", seed: 3, height: 50, width: 1300)
    let stages = [
      #"{ "stage": "encode", "format": "png", "name": "{stem}-{ext}.png" }"#,
      #"{ "stage": "encode", "format": "jpeg", "name": "{stem}-{ext}.jpg" }"#,
      #"{ "stage": "encode", "format": "npy", "name": "{stem}-{ext}-rows.npy" }"#,
      #"{ "stage": "unfold", "kernel_size": 4, "stride": 4 }"#,
      #"{ "stage": "encode", "format": "npy", "name": "{stem}-{ext}-patches.npy" }"#,
      #"{ "stage": "transform.mean_removal" }"#,
    ]
    try bench.writePipeline(
      stages, encode: #", "layout": "tokens", "name": "{stem}-{ext}-tokens.npy", "verify": true"#)
    let environment = try ["LD_PRELOAD": FaultyCalls.build(Self.source, in: bench.folder)]
    for (output, environment) in [("usual", [:]), ("short", environment)] {
      let outcome = try Command.run(
        ["run", "copy.json", "--output", output], in: bench.folder.path, environment: environment)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let names = bench.folder.outputs(in: "usual")
    #expect(names.count == 10 && bench.folder.outputs(in: "short") == names)
    for name in names {
      let isSame = try bench.folder.bytes("usual/\(name)") == bench.folder.bytes("short/\(name)")
      #expect(isSame, "\(name)")
    }
  }
}
