import TesseraTestSupport

/// Programs that take arrays and give arrays, in the one language that every Debian has.
enum PerlProgram {
  /// Reads arrays; `$n`, `$c`, `$h`, `$w` and `@rows` of four bytes a value are there for what follows.
  private static let reading = #"""
    use strict; binmode STDIN; binmode STDOUT; $| = 1;
    sub array { my ($type, $sides, $data, $order) = @_; $order ||= "False";
      my $text = "{'descr': '$type', 'fortran_order': $order, 'shape': ($sides), }";
      $text .= " " x ((-11 - length $text) % 64) . "\n";
      return "\x93NUMPY\x01\x00" . pack("v", length $text) . $text . $data; }
    while (read(STDIN, my $start, 10) == 10) {
      read(STDIN, my $head, unpack("v", substr($start, 8)));
      my ($n, $c, $h, $w) = $head =~ /\((\d+), (\d+), (\d+), (\d+)\)/;
      read(STDIN, my $data, 4 * $n * $c * $h * $w);
      my @rows = unpack("(a" . 4 * $w . ")*", $data);
    """#

  /// A program whose answer to every batch is what `body` prints.
  static func script(_ body: String) -> String { "\(reading)\n\(body)\n}\n" }

  /// Each pixel becomes `scale` × `scale` pixels.
  static func enlarging(by scale: Int) -> String {
    script(
      """
      my ($s, $out) = (\(scale), "");
      for my $row (@rows) { my $wide = join "", map { $_ x $s } unpack("(a4)*", $row); $out .= $wide x $s; }
      print array("<f4", join(", ", $n, $c, $h * $s, $w * $s), $out);
      """)
  }

  /// The value of `command` for a script in a folder.
  static func command(_ script: String, in folder: TemporaryFolder, as name: String = "p.pl") throws
    -> String
  {
    try folder.write(Array(script.utf8), to: name)
    return #"["perl", "\#(folder.path(name))"]"#
  }
}
