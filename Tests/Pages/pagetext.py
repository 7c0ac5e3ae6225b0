"""Pages in Markdown: their blocks of code, and what they say before each."""

import pathlib
import re
import subprocess
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Block(NamedTuple):
    """A fenced block of code, or an indented one, whose language is empty."""

    page: str
    line: int
    language: str
    text: str
    before: str

    def __str__(self):
        return f"{self.page}:{self.line}"


def pages():
    """Every page of the repository, by its path."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT,
        check=True, capture_output=True, text=True)
    return sorted(path for path in said.stdout.splitlines() if (ROOT / path).exists())


def blocks(page, text=None):
    """The blocks of code of a page, in their order."""
    lines = ((ROOT / page).read_text("utf-8") if text is None else text).split("\n")
    found, before, index = [], "", 0
    while index < len(lines):
        line = lines[index]
        fence = re.fullmatch(r" {0,3}(`{3,})\s*(\S*)", line)
        indented = line.startswith("    ") and (index == 0 or not lines[index - 1].strip())
        body = []
        if fence:
            start = index + 1
            end = lines.index(fence[1], start)
            body, index = lines[start:end], end + 1
            found.append(Block(page, start + 1, fence[2], "\n".join(body) + "\n", before))
        elif indented and not re.match(r"\s*([-*]|\d+\.) ", line) and not is_in_list(lines, index):
            start = index
            while index < len(lines) and (lines[index].startswith("    ") or not lines[index]):
                index += 1
            body = [text.removeprefix("    ") for text in lines[start:index]]
            found.append(Block(page, start + 1, "", "\n".join(body).strip("\n") + "\n", before))
        else:
            if line.strip():
                before = line if not before_ends(lines, index) else f"{before}\n{line}"
            index += 1
    return found


def before_ends(lines, index):
    """Whether a line goes on with the paragraph above it."""
    return index > 0 and bool(lines[index - 1].strip())


def is_in_list(lines, index):
    """Whether an indented line belongs to an entry of a list."""
    while index > 0:
        index -= 1
        if lines[index].strip() and not lines[index].startswith(" "):
            return bool(re.match(r"([-*]|\d+\.) ", lines[index]))
    return False
