"""Tortures the command, part by part, and counts what is lost.

    torture.py [--seed N] [--share X] [PART…]      every part if none is named

`--share` is how much of each part's rounds is done: 1 unless told, `all` where a part chooses among
cases. Ends with 1 where anything was lost. TESSERA names the command.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import sys
import time

import bench
import calls
import changes
import disks
import kills
import limits
import names
import planted
import races
import records
import streams

PARTS = {
    part.__name__: part
    for part in (kills, calls, disks, limits, streams, names, races, records, changes, planted)}


def work(part, share, seed):
    """Does one part, two rounds at a time, and gives its tally."""
    tally = bench.Tally(part.__name__, share)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:

        def each(round, cases):
            # What a round raises is a mistake of the torture itself, and ends it.
            for _ in pool.map(round, cases):
                pass

        part.torture(tally, random.Random(f"{part.__name__} {seed}"), each)
    return tally


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--share", type=float, default=1)
    options = options.parse_args()
    for name in options.parts:
        if name not in PARTS:
            sys.exit(f"there is no part {name!r}; parts are {', '.join(PARTS)}")
    print(f"{'part':10} {'rounds':>7} {'disturbed':>10} {'deaths':>7} {'losses':>7} {'seconds':>8}")
    lost = rounds = 0
    for name in options.parts or PARTS:
        begin = time.monotonic()
        tally = work(PARTS[name], options.share, options.seed)
        print(
            f"{name:10} {tally.rounds:7} {tally.disturbed:10} {tally.deaths:7} "
            f"{len(tally.losses):7} {time.monotonic() - begin:8.1f}", flush=True)
        for kind, count in collections.Counter(kind for kind, _ in tally.losses).items():
            print(f"  {count} × {kind}")
        for kind, what in tally.losses[:40]:
            print(f"    {kind}: {what}", flush=True)
        if tally.skipped:
            print(f"  {len(tally.skipped)} rounds not begun, such as: {tally.skipped[0]}")
        lost += len(tally.losses)
        rounds += tally.rounds
    bench.Trial.clear()
    print(f"{rounds} rounds, {lost} losses")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
