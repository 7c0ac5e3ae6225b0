"""Whether the torture notices: each part is run on a command that sins in one way."""

import os
import pathlib

import bench
import calls
import changes
import disks
import kills
import limits
import names
import races
import records
import streams

# A part, what the command does wrong, what has to be seen, how much of the part is run, and the
# kind of runs.
SINS = [
    (kills, "writes in place", "torn", 0.2, "images"),
    (kills, "gives up", "stuck", 0.2, "images"),
    (limits, "leaves a program", "orphan", 0.05, "program"),
    (calls, "always ends with 0", "incomplete", 0.02, "images"),
    (calls, "says nothing", "silence", 0.1, "images"),
    (calls, "dies", "death", 0.02, "images"),
    (disks, "always ends with 0", "incomplete", 0.3, "images"),
    (disks, "leaves halves", "leftover", 0.1, "images"),
    (limits, "dies", "death", 0.5, "images"),
    (limits, "hangs", "hang", 0.1, "images"),
    (limits, "cuts the report", "report", 0.3, "images"),
    (limits, "forgets an output", "records", 0.3, "images"),
    (streams, "dies", "death", 0.2, "images"),
    (streams, "always ends with 0", "silence", 0.1, "images"),
    (names, "loses the last", "incomplete", 0.1, "images"),
    (names, "dies", "death", 0.2, "images"),
    (names, "cuts shards", "torn", 0.03, "dataset"),
    (races, "loses the last", "incomplete", 0.1, "images"),
    (races, "damages", "incomplete", 0.1, "images"),
    (races, "ignores locks", "race", 0.02, "images"),
    (records, "dies of records", "death", 0.02, "images"),
    (records, "gives up", "stuck", 0.02, "images"),
    (changes, "damages", "torn", 0.1, "images"),
]


def torture(tally, dice, each):
    """A round for each of `SINS`, each over runs of one kind."""
    true, kinds, limit = bench.TESSERA, bench.KINDS, bench.LIMIT
    for kind in {kind for *_, kind in SINS}:
        with bench.Trial(kind):
            pass
    # What is compared with is not made by a command that does something wrong.
    for target in changes.TARGETS:
        if any(part is changes and kind == target.kind for part, *_, kind in SINS):
            changes.contents(target)
    os.environ["TRUE_TESSERA"] = os.path.abspath(true) if os.sep in true else true
    for part, sin, expected, share, kind in SINS:
        os.environ["SIN"] = sin
        bench.TESSERA = str(pathlib.Path(__file__).with_name("sinner.py"))
        bench.KINDS = {kind: kinds[kind]}
        bench.LIMIT = 5
        seen = bench.Tally(part.__name__, share)
        try:
            part.torture(seen, dice, each)
        finally:
            bench.TESSERA, bench.KINDS, bench.LIMIT = true, kinds, limit
        tally.rounds += 1
        noticed = {kind for kind, _ in seen.losses}
        tally.disturbed += bool(noticed)
        if expected not in noticed:
            tally.lose("blind", f"{part.__name__} takes no notice of a command that {sin}")
