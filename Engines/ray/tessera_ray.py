#!/usr/bin/env python3
"""Does the missing shards of a Tessera plan on a Ray cluster, and merges.

    tessera plan pipeline.json -i photos -o out --shards 200 --plan out.plan
    python tessera_ray.py out.plan --address auto

The plan, the inputs and the outputs lie where every node sees them under the same paths. It may be
killed and started again: only what is missing is done.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time

import ray

TESSERA = os.environ.get("TESSERA", "tessera")  # the command, as every node finds it
CPUS = 1  # cores that a shard takes, and images that it works on at once
RETRIES = 3  # attempts after the first
PAUSE = 5.0  # seconds before another attempt: locks of a dead node take a while to go
GRACE = 20.0  # seconds that commands have to end in order when everything stops
OPTIONS: list[str] = []  # more options of `tessera run`, such as ["--max-failures", "1%"]

COMPLETE = {0, 65}  # 65: some inputs failed; again they would fail again
STOP = {64, 66, 78, 126, 127}  # wrong for every shard: no need to try the others
FAILED = {70}  # wrong for this shard


class Again(Exception):
    """A shard that another attempt may complete."""


@ray.remote(num_cpus=CPUS, max_retries=RETRIES, retry_exceptions=[Again])
def run_shard(plan: str, shard: int, tessera: str, pause: float) -> int:
    """Runs a shard, and returns its status where another attempt would change nothing."""
    command = [tessera, "run", "--plan", plan, "--shard", str(shard)]
    command += ["--with-parent", "--jobs", str(CPUS), *OPTIONS]
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"cannot start {tessera}: {error}", file=sys.stderr)
        return 127
    try:
        while (status := process.poll()) is None:
            time.sleep(0.2)  # where a cancelled task is interrupted; a wait for the process is not
    finally:  # the task was cancelled: let the command end in order
        end = time.monotonic() + GRACE
        if process.poll() is None:
            process.terminate()
        while process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(KeyboardInterrupt):  # cancelled once more
                time.sleep(0.2)
        if process.poll() is None:
            process.kill()
    if status in COMPLETE | STOP | FAILED:
        return status
    time.sleep(pause)
    raise Again(f"shard {shard} ended with {status}")


def missing_shards(plan: str, tessera: str) -> list[int]:
    """The shards that `tessera status --missing` names, such as 3,7-9."""
    status = subprocess.run(
        [tessera, "status", "--plan", plan, "--missing"], stdout=subprocess.PIPE, text=True
    )
    if status.returncode:
        sys.exit(status.returncode)
    shards: list[int] = []
    for part in filter(None, status.stdout.strip().split(",")):
        first, _, last = part.partition("-")
        shards += range(int(first), int(last or first) + 1)
    return shards


def run_missing(plan: str, tessera: str, pause: float) -> int:
    """Runs what is missing.

    Returns 0, what stopped everything, 70 where a shard has ended so, or 75 where another call may
    complete what all attempts have not.
    """
    tasks = {run_shard.remote(plan, i, tessera, pause): i for i in missing_shards(plan, tessera)}
    total, left = len(tasks), 0
    pending = list(tasks)
    while pending:
        (task,), pending = ray.wait(pending)
        shard = tasks[task]
        try:
            status = ray.get(task)
        except ray.exceptions.RayError as error:  # retries are used up, or the worker died each time
            print(f"shard {shard} is left: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
            left = left or 75
            continue
        if status in STOP:
            print(f"shard {shard} ended with {status}: stopping", file=sys.stderr)
            end = time.monotonic() + 2 * GRACE
            while pending and time.monotonic() < end:
                for other in pending:
                    ray.cancel(other)  # said again: a task that is just being started may miss it
                _, pending = ray.wait(pending, num_returns=len(pending), timeout=2)
            return status
        if status in FAILED:
            print(f"shard {shard} failed: status {status}", file=sys.stderr)
            left = status
        else:
            print(f"shard {shard}: {status} ({total - len(pending)} of {total})", flush=True)
    return left


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plan", help="the folder of the plan")
    parser.add_argument(
        "--address", help="the cluster, such as auto or HOST:PORT; Ray on this machine if left out"
    )
    parser.add_argument("--tessera", default=TESSERA, help="the command (default: %(default)s)")
    parser.add_argument(
        "--pause",
        type=float,
        default=PAUSE,
        help="seconds before another attempt (default: %(default)s)",
    )
    arguments = parser.parse_args()
    plan = os.path.abspath(arguments.plan)
    ray.init(address=arguments.address)
    status = run_missing(plan, arguments.tessera, arguments.pause)
    ray.shutdown()
    if status:
        return status
    return subprocess.run([arguments.tessera, "merge", "--plan", plan]).returncode


if __name__ == "__main__":
    sys.exit(main())
