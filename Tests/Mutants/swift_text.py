"""Reads Swift as far as the planter must understand it: tokens, brackets, statements."""

import re
from dataclasses import dataclass, field

OPERATOR = "/=-+!*%<>&|^~?"
WORD = re.compile(r"[$\w]+|`\w+`")
NUMBER = re.compile(
    r"0x[0-9a-fA-F_]+(\.[0-9a-fA-F_]+)?(p[+-]?[0-9_]+)?|0b[01_]+|0o[0-7_]+"
    r"|[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9_]+)?")
OPEN, CLOSE = "([{", ")]}"


@dataclass
class Token:
    """A token; `opener` is the index of the innermost bracket that is open before it, or -1."""

    kind: str
    text: str
    start: int
    end: int
    line: int
    opener: int = -1
    partner: int = -1


@dataclass
class SwiftText:
    """The text of a file with its tokens; comments are left out."""

    text: str
    tokens: list = field(default_factory=list)

    def __post_init__(self):
        self._read()
        self._pair()

    def _read(self):
        text, at, line = self.text, 0, 1
        while at < len(text):
            start, kind = at, "punctuation"
            char = text[at]
            if char.isspace():
                line += char == "\n"
                at += 1
                continue
            if text.startswith("//", at):
                end = text.find("\n", at)
                at = end if end >= 0 else len(text)
                continue
            if text.startswith("/*", at):
                at = after_comment(text, at)
                line += text.count("\n", start, at)
                continue
            if char == '"' or re.match(r'#+"', text[at:at + 8]):
                at, kind = after_string(text, at), "string"
            elif self._is_regex(at):
                at, kind = after_regex(text, at), "string"
            elif char == "#" or char == "@":
                at = WORD.match(text, at + 1).end() if WORD.match(text, at + 1) else at + 1
                kind = "attribute"
            elif char.isdigit():
                at, kind = NUMBER.match(text, at).end(), "number"
            elif WORD.match(text, at):
                at, kind = WORD.match(text, at).end(), "word"
            elif char in OPERATOR or text.startswith("..", at):
                dots = char == "."
                while at < len(text) and text[at] in OPERATOR + "." * dots:
                    at += 1
                kind = "operator"
            else:
                at += 1
            self.tokens.append(Token(kind, text[start:at], start, at, line))
            line += text.count("\n", start, at)

    def _is_regex(self, at):
        """Whether a slash begins a pattern: after what cannot be an operand, before no space."""
        if re.match(r"#+/", self.text[at:at + 8]):
            return True
        if self.text[at] != "/" or self.text[at + 1:at + 2].isspace():
            return False
        before = self.tokens[-1] if self.tokens else None
        if before and (before.kind in ("number", "string") or before.text in CLOSE):
            return False
        return not (before and before.kind == "word" and before.text not in ("return", "in"))

    def _pair(self):
        stack = []
        for index, token in enumerate(self.tokens):
            if token.text in CLOSE and token.kind == "punctuation" and stack:
                token.partner = stack.pop()
                self.tokens[token.partner].partner = index
            token.opener = stack[-1] if stack else -1
            if token.text in OPEN and token.kind == "punctuation":
                stack.append(index)

    def is_spaced(self, index):
        """Whether white space stands on both sides of a token."""
        token = self.tokens[index]
        return (self.text[token.start - 1:token.start].isspace()
                and self.text[token.end:token.end + 1].isspace())

    def is_tight(self, index):
        """Whether a token stands between two operands without white space, as `..<` does."""
        token = self.tokens[index]
        before, after = self.text[token.start - 1:token.start], self.text[token.end:token.end + 1]
        return (bool(re.match(r"[\w)\]]", before)) and bool(re.match(r"[\w(.\[]", after)))

    def is_first_of_line(self, index):
        """Whether a token is the first one of its line."""
        return index == 0 or self.tokens[index - 1].line < self.tokens[index].line

    def callee(self, index):
        """The word before a bracket that opens; empty where there is none."""
        before = self.tokens[index - 1] if index > 0 else None
        return before.text if before and before.kind == "word" else ""

    def enclosing(self, index):
        """The brackets that are open at a token, the innermost first."""
        opener = self.tokens[index].opener
        while opener >= 0:
            yield opener
            opener = self.tokens[opener].opener

    def slice(self, first, last):
        """The text from one token to another, both included."""
        return self.text[self.tokens[first].start:self.tokens[last].end]


def after_comment(text, at):
    """The place after a comment that may hold others."""
    depth = 0
    while at < len(text):
        if text.startswith("/*", at):
            depth, at = depth + 1, at + 2
        elif text.startswith("*/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                break
        else:
            at += 1
    return at


def after_string(text, at):
    """The place after a string, with what it interpolates."""
    hashes = len(re.match("#*", text[at:]).group())
    at += hashes
    quotes = '"""' if text.startswith('"""', at) else '"'
    at += len(quotes)
    escape, end = "\\" + "#" * hashes, quotes + "#" * hashes
    while at < len(text) and not text.startswith(end, at):
        if text.startswith(escape + "(", at):
            at = after_parentheses(text, at + len(escape))
        elif text.startswith(escape, at):
            at += len(escape) + 1
        else:
            at += 1
    return at + len(end)


def after_parentheses(text, at):
    """The place after what is interpolated, which may hold strings."""
    depth = 0
    while at < len(text):
        if text[at] == '"':
            at = after_string(text, at)
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
        if depth == 0:
            break
    return at


def after_regex(text, at):
    """The place after a pattern; those between `#/` and `/#` may have lines of their own."""
    hashes = len(re.match("#*", text[at:]).group())
    at += hashes + 1
    end = "/" + "#" * hashes
    while at < len(text) and not text.startswith(end, at):
        at += 2 if text[at] == "\\" else 1
    return at + len(end)
