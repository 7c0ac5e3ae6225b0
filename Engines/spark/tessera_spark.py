#!/usr/bin/env python3
"""Does the missing shards of a Tessera plan on a Spark cluster, and merges.

    tessera plan pipeline.json -i photos -o out --shards 200 --plan out.plan
    spark-submit --master spark://HOST:7077 tessera_spark.py out.plan

The plan, the inputs and the outputs lie where every executor sees them under the same paths. It may be
killed and started again: only what is missing is done.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

TESSERA = os.environ.get("TESSERA", "tessera")  # the command, as every executor finds it
JOBS = 1  # images that a shard works on at once: as spark.task.cpus

AGAIN = 75  # another call may complete what is missing
FINAL = {64, 66, 70, 78, 126, 127}  # it would not


def missing_shards(plan: str) -> list[int]:
    """The shards that `tessera status --missing` names, such as 3,7-9."""
    status = subprocess.run(
        [TESSERA, "status", "--plan", plan, "--missing"], stdout=subprocess.PIPE, text=True
    )
    if status.returncode:
        sys.exit(status.returncode)
    shards: list[int] = []
    for part in filter(None, status.stdout.strip().split(",")):
        first, _, last = part.partition("-")
        shards += range(int(first), int(last or first) + 1)
    return shards


def run_missing(plan: str) -> int:
    """Runs what is missing, a shard a task. Returns 0, or what a call ends with where one has failed."""
    shards = missing_shards(plan)
    if not shards:
        return 0
    context = SparkSession.builder.appName("tessera").getOrCreate().sparkContext
    # pipe hands the shard's number over on standard input. The shell gives way to the command, which so
    # has the executor's Python as its parent, and ends with it. Failed inputs are no failed task (0 in
    # place of 65): Spark would repeat it; merge tells of them.
    run = f"{shlex.quote(TESSERA)} run --plan {shlex.quote(plan)} --jobs {JOBS}"
    script = f'read -r shard && exec {run} --shard "$shard" --with-parent --max-failures 100%'
    tasks = context.parallelize(shards, len(shards))
    try:
        # Without checkCode a command that fails passes for one that has nothing to say.
        tasks.pipe(f"bash -c {shlex.quote(script)}", checkCode=True).count()
    except (Py4JJavaError, PySparkException) as error:
        # The status of the last attempt is in Spark's words alone; where an executor died, in none.
        ended = re.findall(r"exited with error code (-?\d+)", str(error))
        last = f"last with {ended[-1]}" if ended else "see above"
        print(
            f"a shard has failed as often as spark.task.maxFailures allows, {last}", file=sys.stderr
        )
        return int(ended[-1]) if ended and int(ended[-1]) in FINAL else AGAIN
    finally:
        context.stop()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plan", help="the folder of the plan")
    plan = os.path.abspath(parser.parse_args().plan)
    status = run_missing(plan)
    if status:
        return status
    return subprocess.run([TESSERA, "merge", "--plan", plan]).returncode


if __name__ == "__main__":
    sys.exit(main())
