#!/usr/bin/env python3
"""Measures planned runs of many inputs: time and peak memory of planning, status and merge.

    Benchmarks/many_shards.py BINARY [--inputs 1000000] [--run 100000] [--shards 1000] [--folder DIR]

BINARY is a release build of the command. Inputs are pictures of 2 × 2 pixels, made up in DIR (by default
a temporary folder) and removed at the end. A tenth of them, and all, are planned, to show that time and
memory grow with their number and no faster; shards of a plan of `--run` inputs are all run before their
status and their merge are measured. Python's standard library is all it needs.
"""

import argparse
import json
import pathlib
import shutil
import tempfile

from many_files import png, run

FILES_OF_A_FOLDER = 1000


def pictures(folder, count):
    """Makes pictures in folders, of 256 kinds."""
    kinds = [png(number, side=2) for number in range(256)]
    for number in range(count):
        place = folder / f"{number // FILES_OF_A_FOLDER:04}"
        if number % FILES_OF_A_FOLDER == 0:
            place.mkdir(parents=True)
        (place / f"img_{number:07}.png").write_bytes(kinds[number % 256])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--run", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=1000)
    parser.add_argument("--folder")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tessera-shards-", dir=options.folder))
    try:
        measure(pathlib.Path(options.binary).resolve(), folder, options)
    finally:
        shutil.rmtree(folder)


def row(work, inputs, figures):
    seconds, megabytes = figures
    print(f"| {work} | {inputs:,} | {seconds:.2f} s | {megabytes:.0f} MB |", flush=True)


def measure(binary, folder, options):
    recipe = folder / "copy.json"
    recipe.write_text(json.dumps({
        "version": 1, "stages": [{"stage": "load"}, {"stage": "encode", "path": "out"}]}))
    print(f"| work ({options.shards} shards) | inputs | time | peak memory |\n| --- | --- | --- | --- |")
    for count in sorted({options.inputs // 10, options.inputs, options.run}):
        inputs, plan = folder / f"in-{count}", folder / f"plan-{count}"
        pictures(inputs, count)
        make = [binary, "plan", recipe, "-i", inputs, "-o", folder / f"out-{count}",
                "--shards", options.shards]
        if count in (options.inputs // 10, options.inputs):
            row("plan, every input read", count, run([*make, "--plan", plan]))
            row("plan --no-digest", count,
                run([*make, "--no-digest", "--plan", folder / f"sizes-{count}"]))
            row("status before the first shard", count, run([binary, "status", "--plan", plan]))
            row("one shard", count // options.shards,
                run([binary, "run", "--plan", plan, "--shard", options.shards // 2, "--quiet"]))
        if count == options.run:
            if not plan.exists():
                run([*make, "--plan", plan])
            run([binary, "run", "--plan", plan, "--shard", f"0-{options.shards - 1}", "--quiet"])
            row("status of all shards done", count, run([binary, "status", "--plan", plan]))
            row("merge", count, run([binary, "merge", "--plan", plan]))
            row("merge, again", count, run([binary, "merge", "--plan", plan]))


if __name__ == "__main__":
    main()
