"""Runs pipelines."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import tempfile
from typing import IO, Any, Callable, Iterable, Mapping, Optional, Sequence, Union

from ._command import PathLike, PipelineFile, command_path, override_arguments, pipeline_file
from ._errors import InputsFailed, Problem, TesseraBug, error_of
from ._progress import ARGUMENTS as PROGRESS_ARGUMENTS
from ._progress import Progress, display_for, progress_of
from ._report import Report


def run(
    pipeline: Union[PathLike, Mapping[str, Any]],
    *,
    input: Union[PathLike, Iterable[PathLike], None] = None,
    output: Optional[PathLike] = None,
    jobs: Optional[int] = None,
    overrides: Optional[Mapping[str, Any]] = None,
    overwrite: bool = False,
    progress: Union[bool, Callable[[Progress], object], None] = None,
    check: bool = False,
    folder: Optional[PathLike] = None,
    memory: Optional[str] = None,
    state: Optional[PathLike] = None,
    fail_fast: bool = False,
    retry_failed: bool = False,
    verify_done: bool = False,
    wait: bool = False,
) -> Report:
    """Sends images through a pipeline.

    What an earlier run has done is skipped, and files that exist are never replaced unless
    `overwrite` says so. A KeyboardInterrupt ends the command cleanly, as Ctrl-C does, and is raised
    again once it has ended; the same call goes on from there.

    Args:
        pipeline: The pipeline file, or what would be in it.
        input: A folder, a file or a glob, or many files; None: what the pipeline names.
        output: The folder to write to, or a file for one input; None: what the pipeline names.
        jobs: How many images are worked on at once; None: one per core.
        overrides: Values changed for this run: {"stages[2].stride": 4}, or {"quality": 80} where
            one stage has that key.
        overwrite: Whether outputs that exist are replaced. Inputs never are.
        progress: A function that is called with a Progress now and then; or True for a bar of tqdm,
            or a line where there is no tqdm.
        check: Whether InputsFailed is raised where some inputs failed. Without it, look at
            `counts.failed` of what is returned.
        folder: Where relative paths in a pipeline that is a dict start; None: the working
            directory. A hidden file lies there for as long as the run takes.
        memory: The memory that images in work may take together, such as "4G".
        state: The folder for records and lock, which else are hidden files in the output folder.
        fail_fast: Whether the run stops at the first input that fails.
        retry_failed: Whether files of a dataset that lack images which failed are made anew.
        verify_done: Whether outputs of earlier runs are read, and made anew where they have
            changed.
        wait: Whether to wait while another run writes to the folder.

    Raises:
        PipelineError: The pipeline is wrong; `errors` has every mistake with its place.
        NothingToDoError: There is no input.
        InputsFailed: With `check`, some inputs failed; `report` has the run.
        TesseraError: Whatever else ends the command, by its status.
        OSError: `folder` takes no file, or the command cannot be started.
    """
    with pipeline_file(pipeline, folder) as file, tempfile.TemporaryFile() as listed:
        arguments = ["run", file.path, "--json", "--quiet", "--with-parent", *override_arguments(overrides)]
        arguments += _input_arguments(input, listed)
        arguments += [
            f"--{name}={os.fspath(path)}" for name, path in [("output", output), ("state", state)]
            if path is not None]
        arguments += [
            f"--{name}={value}" for name, value in [("jobs", jobs), ("memory", memory)]
            if value is not None]
        for name, wanted in [
            ("overwrite", overwrite), ("fail-fast", fail_fast), ("retry-failed", retry_failed),
            ("verify-done", verify_done), ("wait", wait)
        ]:
            if wanted:
                arguments.append(f"--{name}")
        ended = call(arguments, input=listed, progress=progress)
        return _report(ended, file, check)


def _input_arguments(
    input: Union[PathLike, Iterable[PathLike], None], listed: IO[bytes]
) -> list[str]:
    """What names the inputs; many are put into a list that the command reads."""
    if input is None:
        return []
    if isinstance(input, (str, os.PathLike)):
        path = os.fspath(input)
        # Names that mean something else to the command.
        return ["--input=" + (os.path.join(".", path) if path[:1] in ("@", "-") else path)]
    for one in input:
        listed.write(os.fsencode(one) + b"\0")
    listed.seek(0)
    return ["--input=-"]


def _report(ended: Ended, file: PipelineFile, check: bool) -> Report:
    told = ended.told
    problems = problems_of(told, file)
    if "counts" in told and ended.status in (0, 65):
        report = dataclasses.replace(Report.of(told), errors=tuple(problems))
        if check and ended.status == 65:
            raise InputsFailed(ended.status, problems, file.text, report)
        return report
    raise error_of(ended.status, problems, file.text)


def problems_of(told: Mapping[str, Any], file: PipelineFile) -> list[Problem]:
    """What is wrong, by the object that the command has printed."""
    return [
        dataclasses.replace(
            one, message=file.renamed(one.message), file=one.file and file.renamed(one.file))
        for one in map(Problem.of, told["errors"])]


@dataclasses.dataclass(frozen=True)
class Ended:
    """How the command ended."""

    status: int
    out: str
    notes: str
    """What it wrote to standard error, but progress."""

    @property
    def told(self) -> Mapping[str, Any]:
        """The object that it printed last.

        Raises:
            TesseraError: There is none.
        """
        try:
            told = json.loads(self.out.splitlines()[-1])
        except (ValueError, IndexError):
            status = self.status
            message = self.notes.strip() or f"the command ended with {status} and told nothing"
            if status == 0:
                raise TesseraBug(status, [Problem(message)]) from None
            raise error_of(status, [Problem(message)], None) from None
        if not isinstance(told, dict):
            raise TesseraBug(self.status, [Problem(f"expected an object, found {self.out!r}")])
        return told


def call(
    arguments: Sequence[str], *, input: Union[IO[bytes], int] = subprocess.DEVNULL,
    progress: Union[bool, Callable[[Progress], object], None] = None,
) -> Ended:
    """Runs the command, and waits until it has ended, whatever comes.

    Raises:
        OSError: It cannot be started.
    """
    display = display_for(progress)
    line = [str(command_path()), *arguments]
    if display is not None:
        line += PROGRESS_ARGUMENTS
    notes = []
    with tempfile.TemporaryFile() as out:
        # In a session of its own, as Ctrl-C on the terminal would reach it besides: a second signal
        # ends it at once, without its records.
        process = subprocess.Popen(
            line, stdin=input, stdout=out, stderr=subprocess.PIPE, start_new_session=True)
        assert process.stderr is not None
        try:
            for raw in process.stderr:
                text = raw.decode("utf-8", "surrogateescape")
                shown = progress_of(text) if display is not None else None
                if display is None or shown is None:
                    notes.append(text)
                else:
                    display.show(shown)
            status = process.wait()
        except BaseException:
            _interrupt(process)
            raise
        finally:
            process.stderr.close()
            if display is not None:
                display.end()
        out.seek(0)
        return Ended(status, out.read().decode("utf-8", "surrogateescape"), "".join(notes))


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Has the command end cleanly, and waits; once more, and it ends at once."""
    # What this process ignores, as in the background of a shell, the command ignores, too.
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    while process.poll() is None:
        process.send_signal(signal.SIGTERM if ignored else signal.SIGINT)
        try:
            assert process.stderr is not None
            process.stderr.read()  # It must not wait for somebody to read what it says.
            process.wait()
        except KeyboardInterrupt:
            continue
