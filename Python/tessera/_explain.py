"""What every stage makes of an image, before a pixel is read."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Mapping, Optional, Tuple, Union

from ._command import PathLike, override_arguments, pipeline_file
from ._errors import error_of
from ._run import call, problems_of


Interval = Tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Flow:
    """What flows between stages, or lies in a file."""

    shape: tuple[int, ...]
    """(C, H, W) of an image; values and number of patches; the sides of what is written."""
    dtype: str
    """As NumPy spells it."""
    values: Optional[Interval]
    """The interval that values lie in; None: any."""
    grid: Optional[tuple[int, int]] = None
    """Rows and columns of blocks, where patches flow."""
    channel_names: Optional[tuple[str, ...]] = None
    """What the channels are called."""


@dataclasses.dataclass(frozen=True)
class StepPlan:
    """A part of a stage that is made of others."""

    name: str
    flow: Flow
    """What flows after it."""
    text: str
    """The step as a stage, in JSON."""


@dataclasses.dataclass(frozen=True)
class StagePlan:
    """What a stage makes of the image."""

    index: int
    """Counted from 0."""
    name: str
    flow: Flow
    """What flows after it."""
    file: Optional[Flow]
    """What it writes; None where it writes nothing."""
    files: int
    """How many files it writes for the image."""
    memory_bytes: int
    """What it takes for one image [bytes]."""
    manner: str
    """How it is carried out, in words."""
    steps: tuple[StepPlan, ...]
    """The stages that it stands for, where it stands for others."""


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What a pipeline makes of one image."""

    stages: tuple[StagePlan, ...]
    blocks: int
    """Blocks of all `unfold` stages together."""
    memory_bytes: int
    """The most that one image takes [bytes]."""
    rewrites: tuple[str, ...]
    """Faster ways that were taken, with the same bits."""


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
        arguments = ["explain", file.path, "--json", *override_arguments(overrides)]
        if size is not None:
            arguments.append(
                "--size=" + (size if isinstance(size, str) else "x".join(map(str, size))))
        if image is not None:
            arguments.append(f"--input={os.fspath(image)}")
        ended = call(arguments)
        told = ended.told
        if ended.status != 0:
            raise error_of(ended.status, problems_of(told, file), file.text)
        return _explanation(told)


def _explanation(told: Mapping[str, Any]) -> Explanation:
    return Explanation(
        tuple(map(_stage, told["stages"])), told["blocks"], told["memory_bytes"],
        tuple(told["rewrites"]))


def _stage(told: Mapping[str, Any]) -> StagePlan:
    file = told["file"]
    steps = tuple(StepPlan(step["stage"], _flow(step), step["text"]) for step in told["steps"])
    return StagePlan(
        told["index"], told["stage"], _flow(told), None if file is None else _flow(file),
        0 if file is None else file["files"], told["memory_bytes"], told["manner"], steps)


def _flow(told: Mapping[str, Any]) -> Flow:
    values, grid, names = told["values"], told.get("grid"), told.get("channel_names")
    return Flow(
        tuple(told["shape"]), told["dtype"], None if values is None else (values[0], values[1]),
        None if grid is None else (grid[0], grid[1]), None if names is None else tuple(names))
