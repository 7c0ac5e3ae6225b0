"""Where the command lies, and how a pipeline and its settings become a command line."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import tempfile
from typing import Any, Iterator, Mapping, Optional, Union

PathLike = Union[str, "os.PathLike[str]"]

_FOLDER = pathlib.Path(__file__).resolve().parent / "command"

PIPELINES: pathlib.Path = _FOLDER / "Pipelines"
"""The folder of pipelines to begin with, such as `PIPELINES / "blur.json"`, and their JSON
Schema."""


def command_path() -> pathlib.Path:
    """The command that this package brings along.

    Raises:
        FileNotFoundError: It is not there, as where the sources are imported from a clone.
    """
    path = _FOLDER / "bin" / "tessera"
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: the command is not there; install the wheel that Scripts/package.sh makes")
    return path


def override_arguments(overrides: Optional[Mapping[str, Any]]) -> list[str]:
    """`--set` for each value: texts, numbers and lists go as JSON."""
    return [f"--set={key}={json.dumps(value)}" for key, value in (overrides or {}).items()]


class PipelineFile:
    """A pipeline as a file, and its text where it was no file before."""

    name = "<pipeline>"
    """What a pipeline that is no file is called in messages."""

    def __init__(self, path: str, text: Optional[str]) -> None:
        self.path = path
        self.text = text

    def renamed(self, message: str) -> str:
        """A message, with the name that its reader knows."""
        return message if self.text is None else message.replace(self.path, self.name)


@contextlib.contextmanager
def pipeline_file(
    pipeline: Union[PathLike, Mapping[str, Any]], folder: Optional[PathLike]
) -> Iterator[PipelineFile]:
    """A pipeline as a file. Paths in a pipeline start at the file's folder: hence a hidden file
    there, for as long as the command runs.

    Raises:
        OSError: The file cannot be made in `folder`.
    """
    if not isinstance(pipeline, Mapping):
        yield PipelineFile(os.path.join("", os.fspath(pipeline)), None)
        return
    text = json.dumps(pipeline, indent=2, ensure_ascii=False) + "\n"
    handle, path = tempfile.mkstemp(
        prefix=".tessera-", suffix=".json", dir=os.path.abspath(folder or os.curdir))
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        yield PipelineFile(path, text)
    finally:
        os.unlink(path)
