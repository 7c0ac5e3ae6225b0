"""What every stage makes of an image, before a pixel is read."""

from __future__ import annotations

import dataclasses
import os
import re
from typing import Any, Mapping, Optional, Union

from ._command import PathLike, PipelineFile, override_arguments, pipeline_file
from ._errors import Problem, TesseraBug, error_of
from ._run import call


@dataclasses.dataclass(frozen=True)
class StepPlan:
    """A part of a stage that is made of others."""

    name: str
    gives: str
    """What flows after it, such as `3 × 224 × 224`."""
    shape: Optional[tuple[int, ...]]
    """The same as numbers; None where it is not of one shape."""
    dtype: str
    values: str
    """The interval that values lie in, such as `0 … 255`, or `any`."""
    text: str
    """The step as a stage, in JSON."""


@dataclasses.dataclass(frozen=True)
class StagePlan:
    """What a stage makes of the image."""

    index: int
    """Counted from 0."""
    name: str
    gives: str
    """What flows after it or is written: `3 × 480 × 640`, or `768 × 196 (14 × 14 blocks)`."""
    shape: Optional[tuple[int, ...]]
    """The same as numbers, slowest first; None where it is not of one shape."""
    grid: Optional[tuple[int, int]]
    """Rows and columns of blocks, where it gives blocks."""
    dtype: str
    values: str
    """The interval that values lie in, such as `0 … 255`, or `any`."""
    memory: str
    """What it takes for one image, such as `614.4 kB`."""
    manner: str
    """How it is carried out."""
    steps: tuple[StepPlan, ...]
    """The stages that it stands for, where it stands for others."""


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What a pipeline makes of one image."""

    stages: tuple[StagePlan, ...]
    blocks: int
    """Blocks of all `unfold` stages together."""
    memory: str
    """The most that one image takes, such as `2.6 MB`."""
    rewrites: tuple[str, ...]
    """Faster ways that were taken, with the same bits."""
    text: str
    """The whole table, for people."""

    def __str__(self) -> str:
        return self.text


def explain(
    pipeline: Union[PathLike, Mapping[str, Any]],
    *,
    size: Union[str, tuple[int, ...], None] = None,
    image: Optional[PathLike] = None,
    overrides: Optional[Mapping[str, Any]] = None,
    folder: Optional[PathLike] = None,
) -> Explanation:
    """Tells every stage's shape, type, values and memory for one image. No pixel is read.

    Args:
        pipeline: The pipeline file, or what would be in it.
        size: An image of 8 bits: (width, height), (width, height, channels) or "640x480x3".
        image: An image, or a folder whose first image counts; with neither, what the pipeline
            loads.
        overrides: Values that are changed, as in `run`.
        folder: Where relative paths in a pipeline that is a dict start, as in `run`.

    Raises:
        ValueError: Both `size` and `image` are given.
        PipelineError: The pipeline is wrong, or no image of this size fits it; `errors` has the
            places.
        TesseraError: Whatever else ends the command, by its status.
    """
    if size is not None and image is not None:
        raise ValueError("give one of size and image")
    with pipeline_file(pipeline, folder) as file:
        arguments = ["explain", file.path, *override_arguments(overrides)]
        if size is not None:
            arguments.append(
                "--size=" + (size if isinstance(size, str) else "x".join(map(str, size))))
        if image is not None:
            arguments.append(f"--input={os.fspath(image)}")
        ended = call(arguments)
        if ended.status != 0:
            raise error_of(ended.status, _problems(ended.notes, file), file.text)
        return _explanation(ended.out)


def _problems(notes: str, file: PipelineFile) -> list[Problem]:
    """What is wrong, with its places: `error: FILE:LINE:COLUMN: sentence`, and more such lines."""
    place = re.compile(re.escape(file.path) + r":(\d+):(\d+): ")
    problems: list[Problem] = []
    for line in notes.splitlines():
        begins = line.startswith("error: ")
        line = line[len("error: "):] if begins else line
        found = place.match(line)
        name = file.path if file.text is None else file.name
        if found:
            problems.append(Problem(
                file.renamed(line[found.end():]), file=name, line=int(found[1]),
                column=int(found[2])))
        elif begins:
            problems.append(Problem(file.renamed(line)))
        elif problems:
            last = problems[-1]
            problems[-1] = dataclasses.replace(last, message=f"{last.message}\n{line}")
    return problems


def _explanation(text: str) -> Explanation:
    """The table that `tessera explain` prints, as values: a cell begins where its heading does."""
    lines = text.rstrip("\n").split("\n")
    titles = [(match[0], match.start()) for match in re.finditer(r"\S+", lines[0])]
    expected = ["#", "stage", "gives", "type", "values", "memory", "how"]
    if [title for title, _ in titles] != expected:
        raise TesseraBug(0, [Problem(f"expected a table of {expected}, found {lines[0]!r}")])
    starts = [start for _, start in titles]
    stages: list[StagePlan] = []
    end = lines.index("")
    for line in lines[1:end]:
        number, name, gives, dtype, values, memory, how = (
            line[start:stop].strip() for start, stop in zip(starts, [*starts[1:], None]))
        shape, grid = _shape(gives)
        if number:
            stages.append(StagePlan(
                int(number), name, gives, shape, grid, dtype, values, memory, how, ()))
        else:
            step = StepPlan(name, gives, shape, dtype, values, how)
            stages[-1] = dataclasses.replace(stages[-1], steps=(*stages[-1].steps, step))
    total = re.match(r"(\d+) blocks, at most (.*) of memory for one image$", lines[end + 1])
    if total is None:
        raise TesseraBug(0, [Problem(f"expected blocks and memory, found {lines[end + 1]!r}")])
    rewrites = [line for line in lines[end + 2:] if line.startswith("rewritten: ")]
    return Explanation(
        tuple(stages), int(total[1]), total[2],
        tuple(rewrites[0][len("rewritten: "):].split(", ")) if rewrites else (), text)


def _shape(gives: str) -> tuple[Optional[tuple[int, ...]], Optional[tuple[int, int]]]:
    found = re.match(r"(\d+(?: × \d+)*)(?: \((\d+) × (\d+) blocks\))?$", gives)
    if found is None:
        return None, None
    grid = None if found[2] is None else (int(found[2]), int(found[3]))
    return tuple(int(side) for side in found[1].split(" × ")), grid
