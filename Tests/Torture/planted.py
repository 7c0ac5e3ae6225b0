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

# A part, what the command does wrong, what has to be seen, and how much of the part is run.
SINS = [
    (kills, "writes in place", "torn", 0.2),
    (kills, "gives up", "stuck", 0.2),
    (calls, "always ends with 0", "incomplete", 0.02),
    (calls, "says nothing", "silence", 0.1),
    (calls, "dies", "death", 0.02),
    (disks, "always ends with 0", "incomplete", 0.3),
    (disks, "leaves halves", "leftover", 0.1),
    (limits, "dies", "death", 0.5),
    (limits, "hangs", "hang", 0.1),
    (streams, "dies", "death", 0.2),
    (streams, "always ends with 0", "silence", 0.1),
    (names, "loses the last", "incomplete", 0.1),
    (names, "dies", "death", 0.2),
    (races, "loses the last", "incomplete", 0.1),
    (races, "damages", "incomplete", 0.1),
    (records, "dies of records", "death", 0.02),
    (records, "gives up", "stuck", 0.02),
    (changes, "damages", "torn", 0.1),
]


def torture(tally, dice, each):
    """A round for each of `SINS`, over runs with an image a file."""
    true, kinds, limit = bench.TESSERA, bench.KINDS, bench.LIMIT
    with bench.Trial("images"):
        pass
    os.environ["TRUE_TESSERA"] = os.path.abspath(true) if os.sep in true else true
    for part, sin, expected, share in SINS:
        os.environ["SIN"] = sin
        bench.TESSERA = str(pathlib.Path(__file__).with_name("sinner.py"))
        bench.KINDS = {"images": kinds["images"]}
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
