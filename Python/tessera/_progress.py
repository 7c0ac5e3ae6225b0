"""How far a run has come.

`tessera run --progress json` writes objects to standard error, one a line. All that is known about
them is here: the arguments that ask for them, and how a line is read.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any, Callable, Optional, TextIO, Union

ARGUMENTS = ("--progress", "json")
"""What makes the command tell how far it is."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    done: int
    """Inputs that are done."""
    failed: int
    """Inputs that failed."""
    skipped: int
    """Inputs that were done before."""
    total: int
    """All inputs."""
    seconds: float
    """Since the run began [s]."""
    images_per_second: Optional[float]
    """The pace; None before there is one."""
    remaining_seconds: Optional[float]
    """How long it will take from now [s]; None where that is not known."""

    @property
    def ended(self) -> int:
        """Inputs that will not be looked at again."""
        return self.done + self.failed + self.skipped


def progress_of(line: str) -> Optional[Progress]:
    """What a line of standard error tells about progress; None where it is another line."""
    if not line.startswith("{"):
        return None
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("event") != "progress":
        return None
    names = (field.name for field in dataclasses.fields(Progress))
    values: dict[str, Any] = {name: told.get(name) for name in names}
    return Progress(**values)


class _Bar:
    """A bar of tqdm."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None

    def show(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar = self._tqdm(total=progress.total, unit="image")
        self._bar.update(progress.ended - self._bar.n)
        if progress.failed:
            self._bar.set_postfix(failed=progress.failed)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()


class _Line:
    """A line that is written over: where there is no tqdm."""

    def __init__(self, stream: Optional[TextIO] = None) -> None:
        self._stream = stream or sys.stderr
        self._width = 0

    def show(self, progress: Progress) -> None:
        text = f"{progress.ended} of {progress.total} images"
        if progress.failed:
            text += f", {progress.failed} failed"
        if progress.remaining_seconds is not None:
            text += f", {progress.remaining_seconds:.0f} s left"
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)

    def end(self) -> None:
        if self._width:
            self._stream.write("\n")


class _Callback:
    """A function of the caller's."""

    def __init__(self, show: Callable[[Progress], object]) -> None:
        self.show = show

    def end(self) -> None:
        pass


Display = Union[_Bar, _Line, _Callback]


def display_for(progress: Union[bool, Callable[[Progress], object], None]) -> Optional[Display]:
    """What shows progress: for True a bar of tqdm where that is installed, or else a line."""
    if progress is None or progress is False:
        return None
    if progress is not True:
        return _Callback(progress)
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _Line()
    return _Bar(tqdm)
