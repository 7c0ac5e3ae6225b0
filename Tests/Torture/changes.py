"""Inputs that change while they are read."""

import os
import threading
import time

import bench

# In each way.
ROUNDS = 30
WAYS = ("replaced", "truncated", "grown", "rewritten", "overwritten", "removed", "touched")
# Large enough to be read in many pieces.
SHAPE = (3, 900, 1200)


def torture(tally, dice, each):
    """Inputs change at random moments, in each way; then they rest, and the run is repeated."""
    kinds = [kind for kind in ("images", "two_sinks", "program") if kind in bench.KINDS]
    rounds = [
        (kinds[number % len(kinds)], way, dice.uniform(0, 1))
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
    elif way == "overwritten":
        with open(path, "r+b") as file:
            for start in range(0, len(second), 1 << 18):
                file.write(second[start:start + (1 << 18)])
                file.flush()
    elif way == "removed":
        path.unlink()
        time.sleep(0.002)
        path.write_bytes(second)
    elif way == "touched":
        os.utime(path)


_made, _lock = {}, threading.Lock()


def contents(kind):
    """Two contents of an input, what a run makes of each, and how long it takes [s]."""
    with _lock:
        if kind not in _made:
            inputs = [bench.npy(seed, SHAPE) for seed in (3, 4)]
            outputs, begin = [], time.monotonic()
            for content in inputs:
                with bench.Trial(kind) as trial:
                    (trial.root / "in/c.npy").write_bytes(content)
                    bench.command(trial.steps[0], trial.root)
                    outputs.append(bench.contents(trial.root / "out"))
            _made[kind] = inputs, outputs, (time.monotonic() - begin) / 2
        return _made[kind]


def changed(kind, way, share, tally):
    """One round: an output is that of one content or of the other, or there is none."""
    with bench.Trial(kind, f"input {way} after {share:.3f} of a run") as trial:
        path = trial.root / "in/c.npy"
        (first, second), both, duration = contents(kind)
        path.write_bytes(first)
        step = trial.steps[0]
        process = bench.start(step, trial.root)
        timer = threading.Timer(share * duration, change, (path, way, first, second))
        timer.start()
        outcome = bench.finish(process, step)
        timer.join()
        tally.round(outcome)
        what = f"{trial.name(step)}: {outcome}"
        if outcome.hung:
            tally.lose("hang", what)
        elif outcome.status not in (0, 65):
            tally.lose("death" if outcome.status not in bench.TOLD else "stuck", what)
        trial.judge_processes(what, tally)
        left = bench.contents(trial.root / "out")
        for name, content in left.items():
            if content not in (both[0].get(name), both[1].get(name)):
                tally.lose("torn", f"{what}: {name}")
        # One that was not there when inputs were looked for is none.
        if outcome.status == 0 and len(left) != len(both[0]) and way != "removed":
            tally.lose("incomplete", what)
        again = bench.command(step, trial.root)
        last = both[0] if way == "touched" else both[1]
        if again.status != 0 or bench.contents(trial.root / "out") != last:
            tally.lose("stuck", f"{what}; then {again}")
