"""What the planter finds in Swift, and what it writes."""

import contextlib
import io
import json
import re
import unittest
import unittest.mock

import mutants
from exclusions import EXCLUSIONS
from faults import Finder
from swift_text import SwiftText
from tree import HERE, MODULES, ROOT, Tree, folder_of, planted, target_of, tracked_files


def faults(*lines, path="Sources/TesseraBatch/Some.swift"):
    """The faults found in the body of a function."""
    text = "import TesseraCore\n\nfunc some() {\n  " + "\n  ".join(lines) + "\n}\n"
    found = Finder(path, text).faults()
    for number, fault in enumerate(found, 1):
        fault.number = number
    return text, found


def changes(*lines):
    """The kinds and changes of those faults."""
    return {(fault.kind, fault.change) for fault in faults(*lines)[1]}


def with_fault(number, *lines):
    """What stands in place of the body with one of its faults."""
    text, found = faults(*lines)
    return planted(text, [found[number - 1]]).split("{\n", 1)[1][:-2].replace("\n  ", "\n").strip()


class Reading(unittest.TestCase):
    """Tokens, as far as the planter needs them."""

    def kinds(self, text):
        return [(token.kind, token.text) for token in SwiftText(text).tokens]

    def test_strings_are_one_token_with_what_they_interpolate(self):
        text = r'"a\(b ? "}" : f(")"))" #"\("# """' + '\nx " y\n""" + 1'
        self.assertEqual([kind for kind, _ in self.kinds(text)],
                         ["string", "string", "string", "operator", "number"])

    def test_comments_are_left_out(self):
        self.assertEqual(self.kinds("a // b\n/* c /* d */ e */ f"), [("word", "a"), ("word", "f")])

    def test_patterns_are_no_divisions(self):
        self.assertEqual([kind for kind, _ in self.kinds("a / b / c; x = /a < b/")],
                         ["word", "operator", "word", "operator", "word", "punctuation", "word",
                          "operator", "string"])

    def test_brackets_know_their_partners(self):
        tokens = SwiftText("f(a[1], { b })").tokens
        self.assertEqual(tokens[tokens[1].partner].text, ")")
        self.assertEqual([tokens[token.opener].text for token in tokens if token.text in "1b"],
                         ["[", "{"])

    def test_lines_are_counted_through_strings(self):
        self.assertEqual(SwiftText('"""\n\n"""\nlast').tokens[-1].line, 4)


class Finding(unittest.TestCase):
    """Which faults there are."""

    def test_comparisons(self):
        self.assertIn(("comparison", "if a < b { -> if a <= b {"), changes("if a < b {", "}"))
        self.assertIn(("comparison", "if a < b { -> if a >= b {"), changes("if a < b {", "}"))
        self.assertIn(("comparison", "a < b -> !(a < b)"), changes("if a < b {", "}"))

    def test_clauses_that_bind_names_are_not_negated(self):
        found = changes("guard let a, a.isEmpty, case .b = c else { return }")
        self.assertEqual([change for kind, change in found if kind == "comparison"],
                         ["a.isEmpty -> !(a.isEmpty)"])

    def test_off_by_one(self):
        self.assertLessEqual({
            ("off by one", "x = a + 1 -> x = a - 1"), ("off by one", "x = a + 1 -> x = a + 2"),
            ("off by one", "x = a + 1 -> x = a + 0"),
        }, changes("x = a + 1"))
        self.assertIn(("off by one", "for i in 0..<n { -> for i in 0...n {"),
                      changes("for i in 0..<n {", "}"))

    def test_arguments(self):
        self.assertIn(("swapped arguments", "f(a: x, b: y) -> f(a: y, b: x)"),
                      changes("return f(a: x, b: y)"))

    def test_arguments_with_effects_and_closures_are_not_swapped(self):
        for line in ("f(&a, b)", "f(a, { b })", "f(try a(), b)", "f(a, a)", 'f("a", b)'):
            kinds = {kind for kind, _ in changes(f"return {line}")}
            self.assertNotIn("swapped arguments", kinds, line)

    def test_statements(self):
        for line in ("a.b(c)", "a = b", "a[0].b += c", "continue", "throw .some", "try a()",
                     "a.b { c }"):
            self.assertIn(("dropped statement", f"{line} -> nothing"), changes(line), line)

    def test_expressions_and_declarations_are_no_statements(self):
        for line in ("let a = b()", "return b()", "a.b", "a == b", "x { $0.a(1) }.c"):
            kinds = {kind for kind, _ in changes(line)}
            self.assertNotIn("dropped statement", kinds, line)

    def test_a_statement_ends_with_its_last_line(self):
        _, found = faults("a.b(", "  c)", "  .d()", "e()")
        self.assertEqual([fault.before for fault in found if fault.kind == "dropped statement"],
                         ["a.b(\n    c)\n    .d()", "e()"])

    def test_constants(self):
        self.assertIn(("constant", "return true -> return false"), changes("return true"))
        self.assertIn(("constant", "return a && b -> return a || b"), changes("return a && b"))
        self.assertIn(("constant", "x = min(a, b) -> x = max(a, b)"), changes("x = min(a, b)"))
        self.assertIn(("constant", "x = 0.5 -> x = 1.0"), changes("x = 0.5"))

    def test_what_shows_nowhere_is_left_alone(self):
        for line in ("precondition(a < 1)", "a.reserveCapacity(b + 1)", '#if swift(>=6.0)',
                     "// a < b", 'let a = "1 < 2"', "let a: Array<Int>", "let b = c.0"):
            self.assertFalse([pair for pair in changes(line)
                              if pair != ("dropped statement", f"{line} -> nothing")], line)
        self.assertFalse(changes("precondition(a < 1)"))


class Planting(unittest.TestCase):
    """What stands there then."""

    def number(self, change, *lines):
        _, found = faults(*lines)
        return next(fault.number for fault in found if fault.change == change)

    def test_a_literal(self):
        number = self.number("return 5 -> return 6", "return 5")
        self.assertEqual(with_fault(number, "return 5"), f"return (mutant({number}) ? 6 : 5)")

    def test_an_operator_of_its_own(self):
        text, found = faults("return a < b")
        fault = found[0]
        self.assertIn(f"return a {fault.name} b", planted(text, [fault]))
        self.assertIn(f"infix operator {fault.name}: ComparisonPrecedence", fault.declaration())
        self.assertIn(f"mutant({fault.number}) ? a <= b : a < b", fault.declaration())

    def test_names_differ(self):
        _, found = faults(*(f"x = a < b{number}" for number in range(300)))
        names = [fault.name for fault in found if fault.operators]
        self.assertEqual(len(names), len(set(names)))

    def test_a_statement(self):
        number = self.number("a.b(c) -> nothing", "a.b(c)")
        self.assertEqual(with_fault(number, "a.b(c)"), f"if !mutant({number}) {{ a.b(c) }}")

    def test_arguments(self):
        line = "return f(x, b: y)"
        number = self.number("f(x, b: y) -> f(y, b: x)", line)
        on = f"mutant({number})"
        self.assertEqual(with_fault(number, line),
                         f"return f(({on} ? (y) : (x)), b: ({on} ? (x) : (y)))")

    def test_lines_keep_their_numbers(self):
        text, found = faults("if a(", "  b), c {", "  d(e,", "    f)", "}")
        self.assertTrue(found)
        for fault in found:
            self.assertEqual(planted(text, [fault]).count("\n"), text.count("\n"), fault.change)

    def test_the_module_is_imported_once(self):
        text, found = faults("return true")
        self.assertEqual(planted(text, found).count("import TesseraCore"), 1)
        bare = text.replace("import TesseraCore\n", "import Glibc\n")
        self.assertIn("import TesseraCore; import Glibc\n",
                      planted(bare, Finder("Sources/Some/A.swift", bare).faults()[:1]))


class Lists(unittest.TestCase):
    """What is listed of the sources is there."""

    def test_every_exclusion_matches_a_line(self):
        texts = {path: (ROOT / path).read_text() for path in tracked_files()
                 if path.startswith(tuple(f"Sources/{module}/" for module in MODULES))}
        for place, pattern, reason in EXCLUSIONS:
            lines = [line for path, text in texts.items() if path.startswith(place)
                     for line in text.split("\n")]
            # Ways that stand beside each other, unless they are inside of brackets.
            for way in re.split(r"\|(?![^(]*\))", pattern):
                with self.subTest(place=place, way=way):
                    self.assertTrue(any(re.search(way, line) for line in lines), reason)

    def test_every_equivalent_is_a_fault(self):
        for entry in json.loads((HERE / "equivalent.json").read_text()):
            with self.subTest(**entry):
                text = (ROOT / entry["file"]).read_text()
                lines = text.split("\n")
                self.assertTrue(any(
                    fault.change == entry["change"]
                    and lines[fault.line - 1].strip() == entry["line"]
                    for fault in Finder(entry["file"], text).faults()))

    def test_targets_of_tests_lie_where_the_package_says(self):
        text = (ROOT / "Package.swift").read_text()
        targets = re.findall(r'\.testTarget\(\s*name: "(\w+)"(.*?)swiftSettings', text, re.DOTALL)
        self.assertGreater(len(targets), 5)
        for target, rest in targets:
            path = re.search(r'path: "([^"]*)"', rest)
            folder = f"{path[1]}/" if path else f"Tests/{target}/"
            self.assertTrue(folder.startswith(folder_of(target)), target)
            self.assertEqual(target_of(folder + "Some.swift"), target)


class Choosing(unittest.TestCase):
    """What is asked for is there, or nothing is built."""

    def ends(self, message, *arguments):
        said = io.StringIO()
        with unittest.mock.patch("sys.argv", ["mutants", *arguments]), \
                unittest.mock.patch.object(Tree, "plant", side_effect=AssertionError), \
                contextlib.redirect_stderr(said), self.assertRaises(SystemExit) as end:
            mutants.main()
        self.assertNotIn(end.exception.code, (0, None))
        self.assertRegex(f"{end.exception.code} {said.getvalue()}", message)

    def test_files(self):
        self.ends("no file of this repository", "--files", "Sources/None.swift")
        self.ends("no file of this repository", "--files", str(ROOT.parent))
        self.ends("no fault can be planted", "--files", str(ROOT / "Package.swift"))

    def test_numbers(self):
        file = str(ROOT / "Sources/TesseraPipeline/Plan/Planner.swift")
        self.ends("faults are drawn, and not: 99999 ", "--files", file, "--only", "1,99999")
        self.ends("invalid", "--only", "one")
        self.ends("from 1 up", "--count", "0")


if __name__ == "__main__":
    unittest.main()
