import Foundation
import Glibc
import Testing

/// Programs that a stage runs, where the system refuses what starting and hearing them takes.
@Suite struct ProgramFaultTests {
  /// A call that fails from its `number`-th occurrence in a process on.
  struct Refusal: CustomTestStringConvertible {
    var call: String
    var number = 1
    /// What `fcntl` is asked for; 0: anything.
    var request: Int32 = 0

    var testDescription: String { "\(call) \(request) from \(number) on" }

    /// Whether no program can be started or heard without the call.
    var isFelt: Bool {
      number == 1 && !["send", "close"].contains(call)
        && (call != "fcntl" || request == F_DUPFD || request == F_SETFL)
    }

    /// What starts a command whose calls are refused, and ends it where it waits for ever.
    func wrapper() throws -> [String] {
      let library = try ProgramFaultTests.library.get().file
      return [
        "timeout", "--signal", "KILL", "100", "env", "LD_PRELOAD=\(library)", "REFUSED=\(call)",
        "REFUSED_NUMBER=\(number)", "REFUSED_REQUEST=\(request)",
      ]
    }
  }

  private static let refusals =
    ["dup2", "poll", "setsid", "pipe2", "socketpair", "send", "fork"].flatMap {
      [Refusal(call: $0), Refusal(call: $0, number: 2), Refusal(call: $0, number: 5)]
    } + [F_DUPFD, F_SETFD, F_GETFL, F_SETFL].map { Refusal(call: "fcntl", request: $0) }
    // Pipes that stay open: no end of theirs is ever seen.
    + [Refusal(call: "close"), Refusal(call: "close", number: 4)]

  @Test(
    "A program that cannot be started or heard fails its image; nothing waits", arguments: refusals)
  func refused(_ refusal: Refusal) throws {
    let bench = try Workbench()
    try bench.writePipeline([
      #"{ "stage": "unfold", "kernel_size": 4 }"#,
      #"{ "stage": "transform.command", "command": ["cat"], "timeout": 3000 }"#,
      #"{ "stage": "fold" }"#,
    ])
    let outcome = try Command.run(
      ["run", "copy.json"], in: bench.folder.path, through: refusal.wrapper())
    #expect([0, 65].contains(outcome.status), "\(outcome.errors)")
    let isRefused = FileManager.default.fileExists(atPath: bench.folder.path("refused"))
    // A process of its own may see it, whose end does not matter.
    if refusal.isFelt { #expect(isRefused && outcome.status == 65, "\(outcome.errors)") }
    if outcome.status == 65 { #expect(outcome.errors.contains("the program 'cat' ")) }
    #expect(try bench.run("--overwrite").status == 0)
  }

  @Test("A run whose working folder has no name to be told still finds what is in it")
  func workingFolder() throws {
    let bench = try Workbench()
    let refusal = try Refusal(call: "getcwd").wrapper()
    let plan = ["plan", "copy.json", "-o", "out", "--shards", "1", "--plan", "plan"]
    #expect(try Command.run(plan, in: bench.folder.path, through: refusal).status == 0)
    let run = ["run", "--plan", "plan", "--shard", "0"]
    #expect(try Command.run(run, in: bench.folder.path).status == 0)
  }

  @Test("In a working folder that was removed nothing is made under another name")
  func removedFolder() throws {
    let bench = try Workbench()
    let script = #"mkdir gone; cd gone; rmdir "$PWD"; exec "$@""#
    let outcome = try Command.run(
      ["run", bench.folder.path("copy.json"), "--output", "out"], in: bench.folder.path,
      through: ["sh", "-c", script, "sh"])
    #expect(outcome.status == 73 && outcome.errors.contains("out"), "\(outcome.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path)
    #expect(!names.contains { $0.hasPrefix("gone") }, "\(names)")
  }

  private static let library = Result {
    let folder = try TemporaryFolder()
    // The folder lives as long as the tests do.
    return (file: try FaultyCalls.build(source, in: folder), folder: folder)
  }

  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <poll.h>
    #include <stdarg.h>
    #include <stdatomic.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/socket.h>
    #include <sys/stat.h>
    #include <unistd.h>
    static const char *word(const char *name) { const char *v = getenv(name); return v ? v : ""; }
    static atomic_int count;
    static int refuses(const char *call) {
      if (strcmp(call, word("REFUSED"))) return 0;
      if (atomic_fetch_add(&count, 1) + 1 < atoi(word("REFUSED_NUMBER"))) return 0;
      int log = open("refused", O_WRONLY | O_CREAT, 0666);
      if (log >= 0) (close)(log);
      errno = ENOMEM;
      return 1;
    }
    #define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
    int dup2(int from, int to) { return refuses("dup2") ? -1 : REAL(dup2)(from, to); }
    int poll(struct pollfd *ends, nfds_t number, int time) {
      return refuses("poll") ? -1 : REAL(poll)(ends, number, time);
    }
    pid_t setsid(void) { return refuses("setsid") ? -1 : REAL(setsid)(); }
    pid_t fork(void) { return refuses("fork") ? -1 : REAL(fork)(); }
    int pipe2(int *ends, int flags) { return refuses("pipe2") ? -1 : REAL(pipe2)(ends, flags); }
    int socketpair(int domain, int type, int protocol, int *ends) {
      return refuses("socketpair") ? -1 : REAL(socketpair)(domain, type, protocol, ends);
    }
    ssize_t send(int end, const void *bytes, size_t size, int flags) {
      return refuses("send") ? -1 : REAL(send)(end, bytes, size, flags);
    }
    char *getcwd(char *text, size_t size) {
      return refuses("getcwd") ? NULL : REAL(getcwd)(text, size);
    }
    int fcntl(int file, int request, ...) {
      va_list more;
      va_start(more, request);
      void *value = va_arg(more, void *);
      va_end(more);
      int asked = atoi(word("REFUSED_REQUEST"));
      if ((asked == 0 || asked == request) && refuses("fcntl")) return -1;
      return REAL(fcntl)(file, request, value);
    }
    int close(int file) {
      struct stat status;
      int is_pipe = fstat(file, &status) == 0 && S_ISFIFO(status.st_mode);
      return is_pipe && refuses("close") ? -1 : REAL(close)(file);
    }
    """
}
