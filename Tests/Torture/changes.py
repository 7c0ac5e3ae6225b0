"""Inputs that change while they are read."""

import os
import threading
import time

import bench

# In each way.
ROUNDS = 30
WAYS = ("replaced", "truncated", "grown", "rewritten", "removed", "touched")


def torture(tally, dice, each):
    """Inputs are changed at random moments, in each way; then they rest, and the run is done again."""
    kinds = [kind for kind in ("images", "two_sinks", "program") if kind in bench.KINDS]
    rounds = [
        (kinds[number % len(kinds)], way, dice.uniform(0, 0.06))
        for number in range(tally.scale(ROUNDS)) for way in WAYS]
    each(lambda what: changed(*what, tally), rounds)


def change(path, way, first, second):
    """Changes a file in place, or puts another in its place, and leaves the second content."""
    if way == "replaced":
        new = path.with_name(".new")
        new.write_bytes(second)
        os.replace(new, path)
    elif way == "truncated":
        os.truncate(path, len(first) // 2)
        time.sleep(0.002)
        path.write_bytes(second)
    elif way == "grown":
        with open(path, "ab") as file:
            file.write(b"\0" * 100)
        path.write_bytes(second)
    elif way == "rewritten":
        path.write_bytes(second)
    elif way == "removed":
        path.unlink()
        time.sleep(0.002)
        path.write_bytes(second)
    elif way == "touched":
        os.utime(path)


def changed(kind, way, moment, tally):
    """One round: an output is that of one content or of the other, or there is none."""
    with bench.Trial(kind, f"input {way} after {moment:.3f} s") as trial:
        path = trial.root / "in/c.npy"
        first, second = bench.npy(3), bench.npy(4)
        both = []
        for content in (first, second):
            with bench.Trial(kind) as other:
                (other.root / "in/c.npy").write_bytes(content)
                bench.command(other.steps[0], other.root)
                both.append(bench.contents(other.root / "out"))
        step = trial.steps[0]
        process = bench.start(step, trial.root)
        timer = threading.Timer(moment, change, (path, way, first, second))
        timer.start()
        outcome = bench.finish(process, step)
        timer.join()
        tally.round(outcome)
        what = f"{trial.name(step)}: {outcome}"
        if outcome.hung:
            tally.lose("hang", what)
        elif outcome.status not in (0, 65):
            tally.lose("death" if outcome.status not in bench.TOLD else "stuck", what)
        left = bench.contents(trial.root / "out")
        for name, content in left.items():
            if content not in (both[0].get(name), both[1].get(name)):
                tally.lose("torn", f"{what}: {name}")
        if outcome.status == 0 and len(left) != len(both[0]):
            tally.lose("incomplete", what)
        again = bench.command([*step, "--overwrite"], trial.root)
        last = both[0] if way == "touched" else both[1]
        if again.status != 0 or bench.contents(trial.root / "out") != last:
            tally.lose("stuck", f"{what}; then {again}")
