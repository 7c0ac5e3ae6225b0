import Foundation
import Testing

/// Readers that take what is written only after a while, or stop.
@Suite(.timeLimit(.minutes(5))) struct SlowReaderTests {
  /// Becomes the command with a pipe for standard output that never lets it wait; what comes out of it,
  /// once half a second has gone, is passed on, as many bytes as `most`.
  private static func wrapper(most: Int) -> [String] {
    let script = """
      use Fcntl; pipe(my $end, my $start); fcntl($start, F_SETFL, O_WRONLY | O_NONBLOCK);
      my $child = fork;
      if (!$child) { close $end; open(STDOUT, '>&', $start); exec @ARGV; }
      close $start; select(undef, undef, undef, 0.5);
      my $left = \(most);
      while ($left > 0 && sysread($end, my $bytes, $left < 5000 ? $left : 5000)) {
        syswrite(STDOUT, $bytes); $left -= length $bytes;
      }
      close $end; waitpid($child, 0); exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
      """
    return ["perl", "-e", script]
  }

  @Test("All of a text arrives that a full pipe does not take at once")
  func slow() throws {
    let plain = try Command.run(["schema"])
    #expect(plain.output.utf8.count > 200_000)
    let slow = try Command.run(["schema"], through: Self.wrapper(most: 1 << 30))
    #expect(slow.status == 0 && slow.errors == "", "\(slow.errors)")
    #expect(slow.output == plain.output)
  }

  @Test("A reader that wants no more is no failure")
  func gone() throws {
    let outcome = try Command.run(["schema"], through: Self.wrapper(most: 70_000))
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.status) \(outcome.errors)")
    #expect(outcome.output.utf8.count == 70_000)
  }
}
