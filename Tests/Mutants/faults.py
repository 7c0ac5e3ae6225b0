"""Finds places in Swift files where a fault can be planted, and what to write there.

A fault is switched on at run time: `a < b` becomes `a <~^ b`, an operator of its own that is `<`
or `<=`; `1` becomes `(mutant(7) ? 2 : 1)`; a statement goes into `if !mutant(7) { … }`. No edit
moves a line, so that what the compiler says of a line is said of the fault on it.
"""

import re
from collections import Counter
from dataclasses import dataclass

from exclusions import is_excluded
from swift_text import SwiftText

KINDS = ("comparison", "off by one", "swapped arguments", "dropped statement", "constant")

COMPARISONS = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "==": ("!=",), "!=": ("==",),
}
PRECEDENCES = {
    "&&": "LogicalConjunctionPrecedence", "||": "LogicalDisjunctionPrecedence",
    "..<": "RangeFormationPrecedence", "...": "RangeFormationPrecedence",
    "+": "AdditionPrecedence", "-": "AdditionPrecedence",
}
# Calls whose arguments decide about nothing that a test could see.
QUIET_CALLS = {
    "precondition", "preconditionFailure", "assert", "assertionFailure", "fatalError",
    "reserveCapacity", "withUnsafeTemporaryAllocation", "allocate",
}
QUIET_LABELS = {
    "capacity", "minimumCapacity", "alignment", "unsafeUninitializedCapacity", "byteAlignment",
}
# Words that begin no call and no assignment.
KEYWORDS = set(
    "if guard while for switch case default else do catch repeat return throw throws break "
    "continue fallthrough let var func init deinit subscript struct class enum extension "
    "protocol import static private fileprivate package public internal mutating nonmutating "
    "nonisolated override final lazy weak unowned typealias associatedtype defer where in is as "
    "super get set willSet didSet indirect infix prefix postfix operator precedencegroup actor "
    "some any consume consuming borrowing unsafe".split())


@dataclass
class Fault:
    """One fault.

    Its edits are (start, end, text), with `mutant(%)` for its switch, or all `@` for its operator.
    """

    path: str
    line: int
    last_line: int
    kind: str
    before: str
    after: str
    edits: list
    # What an operator or function of its own is made of: the operator as it was, and as it will be.
    operators: tuple = ()
    number: int = 0
    # How many faults of the same words the file has before it.
    place: int = 0

    @property
    def module(self):
        return self.path.split("/")[1]

    @property
    def identity(self):
        """What tells it from others, also after lines have moved."""
        return f"{self.path} {self.kind}: {self.before} -> {self.after} ({self.place})"

    @property
    def change(self):
        return f"{flat(self.before)} -> {flat(self.after)}"

    @property
    def name(self):
        """The operator or the function that only this fault uses."""
        digits, number = "", self.number
        while number:
            digits, number = "~^|%"[number % 4] + digits, number // 4
        if self.operators[0] in ("min", "max"):
            return f"{self.operators[0]}OfMutant{self.number}"
        return f"{self.operators[0]}~{digits}"

    def declaration(self):
        """The Swift that declares its operator or function; empty where it needs none."""
        return declaration(self) if self.operators else ""


def flat(text, most=70):
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= most else text[:most - 1] + "…"


def declaration(fault):
    old, new = fault.operators
    name, test = fault.name, f"mutant({fault.number})"
    if old in ("min", "max"):
        return (f"func {name}<T: Comparable>(_ a: T, _ b: T) -> T {{ "
                f"{test} ? {new}(a, b) : {old}(a, b) }}\n")
    precedence = PRECEDENCES.get(old, "ComparisonPrecedence")
    lines = [f"infix operator {name}: {precedence}"]
    if old in ("&&", "||"):
        lines.append(
            f"func {name} (a: Bool, b: @autoclosure () throws -> Bool) rethrows -> Bool {{ "
            f"{test} ? try a {new} b() : try a {old} b() }}")
    elif old in ("..<", "..."):
        result, end = ("Range", "b.advanced(by: 1)") if old == "..<" else (
            "ClosedRange", "b.advanced(by: -1)")
        lines.append(
            f"func {name} <T: Strideable>(a: T, b: T) -> {result}<T> "
            f"where T.Stride: SignedInteger {{ {test} ? a{old}{end} : a{old}b }}")
    elif old in ("+", "-"):
        lines.append(f"func {name} <T: AdditiveArithmetic>(a: T, b: T) -> T {{ "
                     f"{test} ? a {new} b : a {old} b }}")
    else:
        needed = "Equatable" if old in ("==", "!=") else "Comparable"
        lines.append(f"func {name} <T: {needed}>(a: T, b: T) -> Bool {{ "
                     f"{test} ? a {new} b : a {old} b }}")
        if needed == "Equatable":
            lines.append(
                f"func {name} <T: ~Copyable>(a: borrowing T?, b: _OptionalNilComparisonType)"
                f" -> Bool {{ {test} ? a {new} b : a {old} b }}")
    return "\n".join(lines) + "\n"


class Finder:
    """The faults that could be planted in one file."""

    def __init__(self, path, text):
        self.path = path
        self.swift = SwiftText(text)
        self.tokens = self.swift.tokens
        self.lines = text.split("\n")
        self.found = []
        self.places = Counter()

    def faults(self):
        for index, token in enumerate(self.tokens):
            if self._is_quiet(index):
                continue
            if token.kind == "operator":
                self._operator(index)
            elif token.kind == "number":
                self._number(index)
            elif token.kind == "word":
                self._word(index)
            if token.text == "(" and self.swift.callee(index):
                self._swap(index)
            if self._begins_statement(index):
                self._drop(index)
        return self.found

    def _add(self, kind, first, last, before, after, edits, operators=()):
        line, last_line = self.tokens[first].line, self.tokens[last].line
        lines = self.lines[line - 1:last_line]
        if not is_excluded(self.path, "\n".join(lines)):
            fault = Fault(self.path, line, last_line, kind, before, after, edits, operators)
            fault.place = self.places[kind, before, after]
            self.places[kind, before, after] += 1
            self.found.append(fault)

    def _text(self, index):
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def _is_quiet(self, index):
        """Whether a token lies where a fault would show nowhere, or is no code that runs."""
        token = self.tokens[index]
        line = self.lines[token.line - 1].strip()
        if line.startswith(("#", "@", "import ")) or "#available" in line:
            return True
        # Constraints on types, not on values.
        if " where " in line and re.match(
                r"((private|fileprivate|package|public|static|mutating) )*"
                r"(extension|func|struct|init|protocol|enum|subscript|class)\b", line):
            return True
        if self._text(index - 1) == ":" and self._text(index - 2) in QUIET_LABELS:
            return True
        return any(
            self.swift.callee(opener) in QUIET_CALLS for opener in self.swift.enclosing(index)
            if self._text(opener) == "(")

    # MARK: Tokens

    def _operator(self, index):
        token, choices, kind = self.tokens[index], (), "comparison"
        if token.text in COMPARISONS and self.swift.is_spaced(index):
            choices = COMPARISONS[token.text]
        elif token.text in ("&&", "||") and self.swift.is_spaced(index):
            choices, kind = ({"&&": "||", "||": "&&"}[token.text],), "constant"
        elif token.text in ("..<", "...") and self.swift.is_tight(index):
            choices, kind = ({"..<": "...", "...": "..<"}[token.text],), "off by one"
        elif token.text in ("+", "-") and self.swift.is_spaced(index) and (
                re.fullmatch(r"[0-9]+", self._text(index + 1))
                or re.fullmatch(r"[0-9]+", self._text(index - 1))):
            choices, kind = ({"+": "-", "-": "+"}[token.text],), "off by one"
        for choice in choices:
            self._add(
                kind, index, index, self._around(index, token.text), self._around(index, choice),
                [(token.start, token.end, "@")], (token.text, choice))

    def _around(self, index, text):
        """A token's replacement with its neighbours, for people."""
        token, line = self.tokens[index], self.tokens[index].line
        before = after = ""
        for other in self.tokens[max(index - 8, 0):index]:
            if other.line == line:
                before += self.swift.text[other.start:self._next_start(other, token)]
        end = token.end
        for other in self.tokens[index + 1:index + 8]:
            if other.line != line:
                break
            after += self.swift.text[end:other.end]
            end = other.end
        return (before + text + after).strip()

    def _next_start(self, token, limit):
        """Where the white space after a token ends."""
        end = token.end
        while end < limit.start and self.swift.text[end] in " ":
            end += 1
        return end

    def _number(self, index):
        token = self.tokens[index]
        if self._text(index - 1) == "." or token.text.startswith("0x"):
            return
        beside = {self._text(index - 1), self._text(index + 1)}
        kind, choices = "constant", []
        if re.fullmatch(r"[0-9_]+", token.text):
            value = int(token.text.replace("_", ""))
            if value <= 2 or beside & {"+", "-", "<", "<=", ">", ">=", "..<", "..."}:
                kind = "off by one"
            choices = [value + 1, value - 1] if value > 0 else [1]
        elif re.fullmatch(r"[0-9_]+\.[0-9_]+", token.text):
            value = float(token.text.replace("_", ""))
            choices = [value * 2, value / 2] if value else [1.0]
        for choice in choices:
            self._add(
                kind, index, index, self._around(index, token.text),
                self._around(index, str(choice)),
                [(token.start, token.end, f"(mutant(%) ? {choice} : {token.text})")])

    def _word(self, index):
        token = self.tokens[index]
        if token.text in ("true", "false"):
            other = "false" if token.text == "true" else "true"
            self._add(
                "constant", index, index, self._around(index, token.text),
                self._around(index, other),
                [(token.start, token.end, f"(mutant(%) ? {other} : {token.text})")])
        elif token.text in ("min", "max") and self._text(index - 1) != "." and (
                self._text(index + 1) == "("):
            other = "max" if token.text == "min" else "min"
            self._add(
                "constant", index, index, self._around(index, token.text),
                self._around(index, other), [(token.start, token.end, "@")], (token.text, other))
        elif token.text in ("if", "guard", "while"):
            for first, last in self._clauses(index):
                self._negate(first, last)

    # MARK: Conditions

    def _clauses(self, index):
        """The clauses of a condition without those that bind names, each as its tokens' range."""
        end = "else" if self._text(index) == "guard" else "{"
        opener, first, at = self.tokens[index].opener, index + 1, index + 1
        while at < len(self.tokens):
            token = self.tokens[at]
            if token.opener == opener and token.text in (end, ","):
                if self._text(first) not in ("let", "var", "case", "try", "await") and first < at:
                    yield first, at - 1
                first = at + 1
                if token.text == end:
                    return
            elif token.opener == opener and token.text in ("{", "}"):
                if end == "{" or token.text == "}":
                    return
            at += 1

    def _negate(self, first, last):
        text = self.swift.slice(first, last)
        if "{" in text and "\n" in text or re.search(r"\btry\b|\bawait\b|#available", text):
            return
        start, end = self.tokens[first].start, self.tokens[last].end
        self._add(
            "comparison", first, last, text, f"!({text})",
            [(start, start, "mutant(%) != ("), (end, end, ")")])

    # MARK: Calls

    def _swap(self, index):
        """Exchanges two arguments that stand next to each other."""
        close, callee = self.tokens[index].partner, self._text(index - 1)
        is_declaration = self._text(index - 2) in ("func", "case", "struct", "class", "enum")
        # Of these two, the order of arguments is nothing.
        if close < 0 or is_declaration or callee in ("min", "max") or (
                callee in KEYWORDS and self._text(index - 2) != "."):
            return
        arguments, first = [], index + 1
        for at in range(index + 1, close + 1):
            if at == close or (self._text(at) == "," and self.tokens[at].opener == index):
                if first < at:
                    arguments.append(self._argument(first, at - 1))
                first = at + 1
        for one, other in zip(arguments, arguments[1:]):
            if one and other:
                self._exchange(one, other, index - 1, close)

    def _argument(self, first, last):
        """The range of an argument's value; `None` where it cannot be written twice."""
        if self._text(first + 1) == ":":
            first += 2
        text = self.swift.slice(first, last) if first <= last else ""
        if not text or re.search(r'[{&"]|\btry\b|\bawait\b|\binout\b|->|\.\.\.$|:', text):
            return None
        if re.fullmatch(r"[-0-9._]+|true|false|nil|self|\.?init.*", text):
            return None
        return first, last

    def _exchange(self, one, other, first, last):
        texts = [self.swift.slice(*range) for range in (one, other)]
        if texts[0] == texts[1]:
            return
        edits = []
        for (begin, end), kept, given in ((one, *texts), (other, *texts[::-1])):
            lines = "\n" * kept.count("\n")
            edits.append((
                self.tokens[begin].start, self.tokens[end].end,
                f"(mutant(%) ? ({flat(given, 10_000)}) : ({flat(kept, 10_000)})){lines}"))
        call = self.swift.slice(first, last)
        begin = self.tokens[first].start
        spans = [(self.tokens[range[0]].start - begin, self.tokens[range[1]].end - begin)
                 for range in (one, other)]
        swapped = (call[:spans[0][0]] + texts[1] + call[spans[0][1]:spans[1][0]] + texts[0]
                   + call[spans[1][1]:])
        self._add("swapped arguments", first, last, call, swapped, edits)

    # MARK: Statements

    def _begins_statement(self, index):
        """Whether a statement of a function begins here, as the formatter lays code out."""
        token, opener = self.tokens[index], self.tokens[index].opener
        if token.kind != "word" or opener < 0 or self._text(opener) != "{":
            return False
        before = self.tokens[index - 1]
        if index - 1 == opener and before.line == token.line:
            # A block of one line: of a condition or a loop, not a closure that gives a value.
            head = self.lines[token.line - 1].strip()
            return bool(re.match(r"(\} else )?(if|guard|while|for|else|defer|case)\b", head))
        if not self.swift.is_first_of_line(index):
            return False
        if index - 1 == opener or before.text in ("}", "in"):
            return True
        return before.text not in (",", "=", ":", "?", "return", "try", "else", ".") and (
            before.kind != "operator" or before.text in ("!", "?", ">"))

    def _drop(self, index):
        first = self._text(index)
        if first in KEYWORDS and first not in ("return", "continue", "break", "throw"):
            return
        last = self._statement_end(index)
        if last is None or self.tokens[last].line - self.tokens[index].line > 4:
            return
        text = self.swift.slice(index, last)
        if re.match(r"return\s+\S|_ = ", text) or first in QUIET_CALLS:
            return
        start = index + (first in ("try", "await"))
        if not re.match(r"(return|continue|break|throw)\b", text) and not self._is_effect(
                start, last):
            return
        self._add(
            "dropped statement", index, last, text, "nothing",
            [(self.tokens[index].start, self.tokens[index].start, "if !mutant(%) { "),
             (self.tokens[last].end, self.tokens[last].end, " }")])

    def _statement_end(self, index):
        """The last token of a statement; `None` where that is unclear."""
        opener, at = self.tokens[index].opener, index
        while at + 1 < len(self.tokens):
            following = self.tokens[at + 1]
            if self.tokens[at].partner > at:
                at = self.tokens[at].partner
                continue
            if following.text == "}" and following.opener == self.tokens[opener].opener:
                return at
            if following.line > self.tokens[at].line and following.text not in (
                    ".", "?", ":", "=", "else", "catch", "where") and (
                    following.kind != "operator" or following.text in ("!", "-")) and (
                    self.tokens[at].text not in (",", "=", ":", "?", "(") and (
                        self.tokens[at].kind != "operator")):
                return at
            at += 1
        return None

    def _is_effect(self, first, last):
        """Whether a statement is a call or an assignment to a path of names."""
        at = first
        while at <= last:
            token = self.tokens[at]
            if token.text in ("=", "+=", "-=", "*=", "/=", "|=", "&=", "^=", "<<=", ">>="):
                return at > first
            if token.text in ("(", "["):
                at = token.partner
                if at == last and token.text == "(":
                    return True
            elif token.text == "{":
                return token.partner == last
            elif token.kind != "word" and token.text not in (".", "?", "!"):
                return False
            at += 1
        return False
