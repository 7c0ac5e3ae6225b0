#!/usr/bin/env python3
"""Does the missing shards of a Tessera plan on a Dask cluster, and merges.

    tessera plan pipeline.json -i photos -o out --shards 200 --plan out.plan
    python tessera_dask.py out.plan --scheduler HOST:8786

The plan, the inputs and the outputs lie where every worker sees them under the same paths. It may be
killed and started again: only what is missing is done.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from dask.distributed import Client, as_completed

TESSERA = os.environ.get("TESSERA", "tessera")  # the command, as every worker finds it
JOBS = 1  # images that a shard works on at once: start workers with as many cores per thread
RETRIES = 3  # attempts after the first
PAUSE = 5.0  # seconds before another attempt: locks of a dead machine take a while to go
OPTIONS: list[str] = []  # more options of `tessera run`, such as ["--max-failures", "1%"]

COMPLETE = {0, 65}  # 65: some inputs failed; again they would fail again
STOP = {64, 66, 78, 126, 127}  # wrong for every shard: no need to try the others
FAILED = {70}  # wrong for this shard


def run_shard(plan: str, shard: int, tessera: str, pause: float) -> int:
    """Runs a shard, and returns its status where another attempt would change nothing."""
    command = [tessera, "run", "--plan", plan, "--shard", str(shard)]
    command += ["--with-parent", "--jobs", str(JOBS), *OPTIONS]
    try:
        status = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    except OSError as error:
        print(f"cannot start {tessera}: {error}", file=sys.stderr)
        return 127
    if status in COMPLETE | STOP | FAILED:
        return status
    time.sleep(pause)
    raise RuntimeError(f"shard {shard} ended with {status}")


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


def run_missing(client: Client, plan: str, tessera: str, pause: float) -> int:
    """Runs what is missing.

    Returns 0, what stopped everything, 70 where a shard has ended so, or 75 where another call may
    complete what all attempts have not.
    """
    tasks = {
        client.submit(run_shard, plan, i, tessera, pause, retries=RETRIES, pure=False): i
        for i in missing_shards(plan, tessera)
    }
    left, ended = 0, 0
    for task in as_completed(tasks):
        shard = tasks[task]
        ended += 1
        error = task.exception()  # retries are used up, or the worker died each time
        if error:
            print(f"shard {shard} is left: {error}", file=sys.stderr)
            left = left or 75
            continue
        status = task.result()
        if status in STOP:
            print(f"shard {shard} ended with {status}: stopping", file=sys.stderr)
            client.cancel(list(tasks))  # those that run go on to their end
            return status
        if status in FAILED:
            print(f"shard {shard} failed: status {status}", file=sys.stderr)
            left = status
        else:
            print(f"shard {shard}: {status} ({ended} of {len(tasks)})", flush=True)
    return left


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plan", help="the folder of the plan")
    parser.add_argument(
        "--scheduler", help="the scheduler's address; workers on this machine if left out"
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
    if arguments.scheduler:
        client = Client(arguments.scheduler)
    else:
        client = Client(threads_per_worker=1, dashboard_address=None)
    with client:
        status = run_missing(client, plan, arguments.tessera, arguments.pause)
    if status:
        return status
    return subprocess.run([arguments.tessera, "merge", "--plan", plan]).returncode


if __name__ == "__main__":
    sys.exit(main())
