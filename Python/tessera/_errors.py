"""What the command ends with, as exceptions."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence

if TYPE_CHECKING:
    from ._report import Report


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    message: str
    """A sentence."""
    kind: Optional[str] = None
    """In a word, as docs/reports.md lists them; None where the command told a text alone."""
    file: Optional[str] = None
    """The file in question; `<pipeline>` is a pipeline that was given as a dict."""
    line: Optional[int] = None
    """The line of the pipeline, counted from 1; of a dict, that of the exception's `document`."""
    column: Optional[int] = None
    """The column in that line, counted from 1."""
    key: Optional[str] = None
    """The key in question, such as `stages[1].kernel_size`."""

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Problem:
        """A problem, from an entry of `errors`."""
        values: dict[str, Any] = {
            field.name: entry.get(field.name) for field in dataclasses.fields(cls)}
        return cls(**values)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        if not place or self.message.startswith(place):
            return self.message
        return f"{place}: {self.message}"


class TesseraError(Exception):
    """The command has not done what was asked for.

    Attributes:
        status: The exit status; the negative number of a signal where one ended the command.
        errors: What is wrong, one by one.
        document: The JSON text of a pipeline that was given as a dict, which lines count in.
    """

    def __init__(
        self, status: int, errors: Sequence[Problem], document: Optional[str] = None
    ) -> None:
        super().__init__(status, tuple(errors), document)
        self.status = status
        self.errors = tuple(errors)
        self.document = document

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors)) or f"the command ended with {self.status}"


class UsageError(TesseraError):
    """The command line is wrong (64)."""


class InputsFailed(TesseraError):
    """Some inputs failed (65); the others are done.

    Attributes:
        report: The whole run.
    """

    report: Report

    def __init__(
        self, status: int, errors: Sequence[Problem], document: Optional[str] = None,
        report: Optional[Report] = None,
    ) -> None:
        super().__init__(status, errors, document)
        self.args = (status, tuple(errors), document, report)
        if report is not None:
            self.report = report


class NothingToDoError(TesseraError):
    """There is no input, or the pipeline file is missing (66)."""


class TesseraBug(TesseraError):
    """A mistake in Tessera (70)."""


class SystemRefusal(TesseraError):
    """The system refuses the start (71)."""


class CannotCreateError(TesseraError):
    """An output cannot be created, or somebody's file has its place (73)."""


class CannotWriteError(TesseraError):
    """An output cannot be written to its end (74)."""


class InterruptedRun(TesseraError):
    """The run was interrupted, or the folder is in use (75); the same call goes on."""


class PipelineError(TesseraError):
    """The pipeline is wrong (78)."""


OF_STATUS: Mapping[int, type[TesseraError]] = {
    64: UsageError, 65: InputsFailed, 66: NothingToDoError, 70: TesseraBug, 71: SystemRefusal,
    73: CannotCreateError, 74: CannotWriteError, 75: InterruptedRun, 78: PipelineError,
}


def error_of(
    status: int, errors: Sequence[Problem], document: Optional[str]
) -> TesseraError:
    """The exception for an exit status."""
    return OF_STATUS.get(status, TesseraError)(status, errors, document)
