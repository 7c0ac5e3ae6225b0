"""Tortures the command, part by part, and counts what is lost.

    torture.py [--seed N] [--share X] [PART…]      every part if none is named

`--share` is how much of each part's rounds is done, above 0 and up to 1, which it is unless told;
of what is not divided, all. Ends with 1 where anything was lost, or a part could not be done to
its end. TESSERA names the command.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import signal
import sys
import tempfile
import time
import traceback

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
    """Does one part, as many rounds at a time as there are cores, and gives its tally."""
    tally = bench.Tally(part.__name__, share)
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())

    def each(round, cases):
        # What a round raises is a mistake of the torture itself, and ends the part.
        for _ in pool.map(round, cases):
            pass

    try:
        part.torture(tally, random.Random(f"{part.__name__} {seed}"), each)
    except Exception:
        tally.lose("raised", traceback.format_exc().strip())
    except BaseException:
        # Nobody waits for rounds that have begun.
        bench.ending.set()
        bench.end_running()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        bench.end_running()
    return tally


def share_of(text):
    share = float(text)
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and up to 1")
    return share


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--share", type=share_of, default=1)
    options = options.parse_args()
    for name in options.parts:
        if name not in PARTS:
            sys.exit(f"there is no part {name!r}; parts are {', '.join(PARTS)}")
    # Also where they were ignored: what is started inherits that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("interrupted"))
    with tempfile.TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = bench.own_folder = os.path.realpath(folder)
        sys.exit(campaign(options))


def campaign(options):
    """Does the parts one after the other, prints what each has lost, and gives the exit status."""
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
    print(f"{rounds} rounds, {lost} losses")
    return 1 if lost else 0


if __name__ == "__main__":
    main()
