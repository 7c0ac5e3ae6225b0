"""What a run tells: the summary of `--json`, and the lines of report.jsonl."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from typing import Any, Mapping, Optional

from ._errors import Problem


def _chosen(kind: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a data class's fields; fields that came later are left out."""
    return {field.name: told[field.name] for field in dataclasses.fields(kind)
            if field.name in told}


@dataclasses.dataclass(frozen=True)
class Counts:
    """How many inputs there are of each kind."""

    total: int
    ok: int
    failed: int
    skipped: int
    """Done before."""
    not_run: int
    ignored: int
    """Files that were passed over because they are no images."""
    special_files: int
    warnings: int


@dataclasses.dataclass(frozen=True)
class Example:
    """An input that failed."""

    source: str
    message: str


@dataclasses.dataclass(frozen=True)
class Failures:
    """Inputs that failed in the same way."""

    kind: str
    count: int
    examples: tuple[Example, ...]
    """The first of them, at most three."""


@dataclasses.dataclass(frozen=True)
class Warned:
    """A warning, and how many inputs drew one of its kind."""

    message: str
    count: int
    source: Optional[str]


@dataclasses.dataclass(frozen=True)
class StageTime:
    """Processor time that a stage took."""

    index: int
    stage: str
    seconds: float
    """Of all workers [s]."""


@dataclasses.dataclass(frozen=True)
class Output:
    """A file that was written for an input."""

    path: pathlib.Path
    bytes: int
    shape: tuple[int, ...]
    """Lengths of the axes, slowest first; (C, H, W) for images."""
    dtype: str
    xxh64: str


@dataclasses.dataclass(frozen=True)
class Record:
    """A line of report.jsonl: what became of an input."""

    source: str
    status: str
    """ok, skipped, failed or not_run."""
    error: Optional[Problem]
    """Why it failed."""
    outputs: tuple[Output, ...]
    warnings: tuple[str, ...]
    metrics: Mapping[str, Any]
    """Figures of `compare`; what JSON has no number for is "inf", "-inf" or "nan"."""
    seconds: float
    """How long it took [s]."""
    row: Mapping[str, Any]
    """The whole line, as docs/reports.md lists its fields."""


@dataclasses.dataclass(frozen=True)
class Report:
    """What a run has done."""

    counts: Counts
    seconds: float
    """How long the run took [s]."""
    megapixels: float
    """Of the inputs that were processed [10⁶ pixels]."""
    bytes_read: int
    bytes_written: int
    failures: tuple[Failures, ...]
    """Inputs that failed, by kind, the most frequent first."""
    errors: tuple[Problem, ...]
    warnings: tuple[Warned, ...]
    stages: tuple[StageTime, ...]
    status: int
    """The exit status: 0, or 65 where some inputs failed."""
    path: Optional[pathlib.Path]
    """Where report.jsonl is."""
    files: tuple[pathlib.Path, ...]
    """With a single file as `output`: that file, or one for each channel."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Report:
        """A report, from what `run --json` printed."""
        return cls(
            counts=Counts(**_chosen(Counts, told["counts"])),
            failures=tuple(
                Failures(one["kind"], one["count"],
                         tuple(Example(**_chosen(Example, each)) for each in one["examples"]))
                for one in told["failures"]),
            errors=tuple(map(Problem.of, told["errors"])),
            warnings=tuple(Warned(**_chosen(Warned, one)) for one in told["warnings"]),
            stages=tuple(StageTime(**_chosen(StageTime, one)) for one in told["stages"]),
            status=told["exit_status"],
            path=None if told["report"] is None else pathlib.Path(told["report"]).absolute(),
            files=tuple(pathlib.Path(file) for file in told["files"]),
            **{name: told[name]
               for name in ("seconds", "megapixels", "bytes_read", "bytes_written")})

    @functools.cached_property
    def records(self) -> tuple[Record, ...]:
        """A record for each input, in their order, read from report.jsonl when it is first asked
        for.

        Raises:
            OSError: report.jsonl cannot be read any more.
        """
        if self.path is None:
            return ()
        with open(self.path, encoding="utf-8", errors="surrogateescape") as lines:
            return tuple(self._record(json.loads(line)) for line in lines)

    @property
    def outputs(self) -> tuple[pathlib.Path, ...]:
        """The files that the run's inputs have, each once, in order of the records."""
        if self.files:
            return self.files
        return tuple(dict.fromkeys(
            output.path for record in self.records for output in record.outputs))

    def _record(self, row: Mapping[str, Any]) -> Record:
        assert self.path is not None
        folder = self.files[0].parent if self.files else self.path.parent
        return Record(
            source=row["source"], status=row["status"],
            error=None if row["error"] is None else Problem(
                row["error"]["message"], kind=row["error"]["kind"], file=row["source"]),
            outputs=tuple(
                Output(folder / one["path"], one["bytes"], tuple(one["shape"]), one["dtype"],
                       one["xxh64"])
                for one in row["outputs"]),
            warnings=tuple(row["warnings"]), metrics=row["metrics"], seconds=row["seconds"],
            row=row)
