"""Times work that is done in turns, and processes."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")


def debug(message):
    """Tells on standard error what is going on."""
    print(f"[{time.strftime('%H:%M:%S')}] {message}", file=sys.stderr, flush=True)


class Timed:
    """A function whose calls are timed in groups that last long enough for the clock.

    What counts is the processor time of all threads: of one thread it is the time that passes where
    nothing else runs, and others that share the machine change it little.
    """

    def __init__(self, call, least_seconds=0.1):
        self.call = call
        self.least_seconds = least_seconds
        self.count = None

    def __call__(self):
        """Seconds of one call."""
        if self.count is None:
            self.count = max(1, round(self.least_seconds / max(self._run(1), 1e-6)))
        return self._run(self.count)

    def _run(self, count):
        start = time.process_time()
        for _ in range(count):
            self.call()
        return (time.process_time() - start) / count


def process_medians(runs, rounds):
    """What processes in turns took: medians of the time that passed and of processor time.

    Where other work shares the machine, processor times still tell who needs less.
    """
    spent = {name: [] for name in runs}

    def sampler(name, run):
        def sample():
            process = run()
            spent[name].append(process.cpu_seconds)
            return process.seconds

        return sample

    times = in_turns({name: sampler(name, run) for name, run in runs.items()}, rounds)
    medians = {}
    for name, values in spent.items():
        # The first sample does not count here either.
        medians[name] = Process(times[name], statistics.median(values[1:]))
        debug(f"    {name}: {medians[name].cpu_seconds:.2f} s of processor time")
    return medians


def wall_and_processor(runs, rounds):
    """Medians of the seconds of processes in turns; processor times are told."""
    return {name: process.seconds for name, process in process_medians(runs, rounds).items()}


def in_turns(sides, rounds):
    """Medians of samples that are taken in turns: A, B, A, B.

    `sides` maps names to functions that return seconds; one sample of each does not count.
    """
    samples = {name: [] for name in sides}
    for name, sample in sides.items():
        sample()
    for _ in range(rounds):
        for name, sample in sides.items():
            samples[name].append(sample())
    for name, values in samples.items():
        debug(
            f"    {name}: {statistics.median(values) * 1e3:.2f} ms"
            f" ({min(values) * 1e3:.2f} … {max(values) * 1e3:.2f})"
        )
    return {name: statistics.median(values) for name, values in samples.items()}


@dataclass
class Process:
    """What a process took."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int = 0


def run_process(command, **settings):
    """Runs a command through a launcher of its own, so that its peak memory is its own."""
    result = subprocess.run(
        [sys.executable, "-I", "-S", LAUNCHER, *map(str, command)],
        capture_output=True,
        text=True,
        **settings,
    )
    try:
        facts = json.loads(result.stderr.splitlines()[-1])
    except (IndexError, ValueError):
        raise RuntimeError(f"{command[0]} could not be run: {result.stderr}") from None
    if facts["status"] != 0:
        errors = "\n".join(result.stderr.splitlines()[:-1])
        raise RuntimeError(f"{' '.join(map(str, command))}: status {facts['status']}\n{errors}")
    return Process(facts["seconds"], facts["cpu_seconds"], facts["peak_bytes"])
