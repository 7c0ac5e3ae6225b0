"""Rows of the tables, kept as JSON between runs."""

import json
from dataclasses import asdict, dataclass


@dataclass
class Row:
    """One comparison."""

    group: str
    work: str
    ours: str
    peer: str
    ratio: float
    goal: float | None = None
    """The least ratio, or the greatest one where `at_most` is set; None: only told."""
    at_most: bool = False
    unit: str = "×"
    note: str = ""

    @property
    def is_met(self):
        if self.goal is None:
            return None
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal

    @property
    def ratio_text(self):
        return f"{self.ratio:.{0 if self.ratio >= 100 else 2}f} {self.unit}"

    @property
    def goal_text(self):
        if self.goal is None:
            return "–"
        return f"{'≤' if self.at_most else '≥'} {self.goal:g} {self.unit}"


class Results:
    """All rows that were ever measured, by name of the measurement."""

    def __init__(self, path):
        self.path = path
        self.rows = {}
        if path.exists():
            for name, rows in json.loads(path.read_text()).items():
                self.rows[name] = [Row(**row) for row in rows]

    def add(self, name, rows):
        """Takes the rows of one measurement, in place of earlier ones, and saves."""
        self.rows[name] = rows
        data = {key: [asdict(row) for row in value] for key, value in self.rows.items()}
        self.path.write_text(json.dumps(data, indent=1, ensure_ascii=False))


def seconds_text(seconds):
    """A time for people."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.{1 if seconds >= 0.01 else 2}f} ms"


def bytes_text(count):
    """An amount of memory for people."""
    return f"{count / 1e6:.0f} MB" if count < 1e9 else f"{count / 1e9:.2f} GB"
