"""Image patch pipelines: runs the command `tessera`, and reads the datasets that it writes.

    report = tessera.run("pipeline.json", input="photos", output="tokens")
    dataset = tessera.Dataset("tokens")
"""

from ._command import PIPELINES, command_path
from ._dataset import Dataset, DatasetError
from ._errors import (
    CannotCreateError,
    CannotWriteError,
    InputsFailed,
    InterruptedRun,
    NothingToDoError,
    PipelineError,
    Problem,
    SystemRefusal,
    TesseraBug,
    TesseraError,
    UsageError,
)
from ._explain import Explanation, Flow, StagePlan, StepPlan, explain
from ._progress import Progress
from ._report import Counts, Example, Failures, Output, Record, Report, StageTime, Warned
from ._run import run
from ._version import __version__

__all__ = [
    "PIPELINES",
    "CannotCreateError",
    "CannotWriteError",
    "Counts",
    "Dataset",
    "DatasetError",
    "Example",
    "Explanation",
    "Failures",
    "Flow",
    "InputsFailed",
    "InterruptedRun",
    "NothingToDoError",
    "Output",
    "PipelineError",
    "Problem",
    "Progress",
    "Record",
    "Report",
    "StagePlan",
    "StageTime",
    "StepPlan",
    "SystemRefusal",
    "TesseraBug",
    "TesseraError",
    "UsageError",
    "Warned",
    "__version__",
    "command_path",
    "explain",
    "run",
]
