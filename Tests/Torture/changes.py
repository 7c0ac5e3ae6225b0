"""Inputs that change while they are read."""

import functools
import io
import os
import shutil
import tarfile
import threading
import time
import typing

import bench

# In each way.
ROUNDS = 30
WAYS = ("replaced", "truncated", "grown", "rewritten", "overwritten", "removed", "touched")
# Large enough to be read in many pieces.
SHAPE = (3, 500, 700)
WIDTH, HEIGHT = 400, 300

large_npy = functools.cache(lambda seed: bench.npy(seed, SHAPE))
large_png = functools.cache(lambda seed: bench.png(seed, WIDTH, HEIGHT))
large_jpeg = functools.cache(lambda seed: bench.jpeg(seed, WIDTH, HEIGHT))

# What makes an input, by a seed, where a trial has the others.


def array(seed, _):
    return large_npy(seed)


def png(seed, _):
    return large_png(seed)


def jpeg(seed, _):
    return large_jpeg(seed)


def archive(seed, trial):
    """The trial's archive with a large array in it."""
    made = io.BytesIO()
    with tarfile.open(trial.root / "in.tar") as old, tarfile.open(fileobj=made, mode="w") as tar:
        for member in old:
            content = old.extractfile(member).read()
            if member.name == "c.npy":
                content = large_npy(seed)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


def shard(seed, trial):
    """The file of a dataset in which a large array is."""
    (trial.root / "in/c.npy").write_bytes(large_npy(seed))
    trial.reach(1)
    return (trial.root / "out/patches/data-00000.npy").read_bytes()


class Target(typing.NamedTuple):
    """An input of a kind of runs, during which of its steps it changes, and what makes it."""

    kind: str
    path: str
    step: int
    make: typing.Callable


TARGETS = [
    Target(kind, path, 0, make) for kind in ("images", "two_sinks", "program")
    for path, make in (("in/a.png", png), ("in/sub/b.jpg", jpeg), ("in/c.npy", array))
] + [
    Target("archive", "in.tar", 0, archive),
    Target("rebuilt", "out/patches/data-00000.npy", 1, shard),
] + [
    # An input of the first shard, and one of the second.
    Target("shards", path, step, png)
    for path in ("in/cat/1.png", "in/dog/0.png") for step in range(4)]


def torture(tally, dice, each):
    """Inputs change at random moments, in each way; then they rest, and the run is repeated."""
    targets = [target for target in TARGETS if target.kind in bench.KINDS]
    ways = WAYS * tally.scale(ROUNDS)
    # Each target meets each way, as neither count divides the other.
    rounds = [
        (targets[number % len(targets)], way, dice.uniform(0, 1))
        for number, way in enumerate(ways)]
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
            file.truncate()
    elif way == "removed":
        path.unlink()
        time.sleep(0.002)
        path.write_bytes(second)
    elif way == "touched":
        os.utime(path)


_made, _lock = {}, threading.Lock()


def contents(target):
    """Two contents of an input, what a run makes of each, and how long a step takes [s]."""
    key = target._replace(step=0)
    with _lock:
        if key not in _made:
            inputs, outputs = [], []
            for seed in (3, 4):
                with bench.Trial(target.kind) as trial:
                    inputs.append(target.make(seed, trial))
                with bench.Trial(target.kind) as trial:
                    first = prepare(trial, target, inputs[0])
                    (trial.root / target.path).write_bytes(inputs[-1])
                    begin = time.monotonic()
                    for step in trial.steps[first:]:
                        done = bench.command(step, trial.root)
                        assert done.status == 0, f"{target}: {step} gives {done}"
                    duration = (time.monotonic() - begin) / len(trial.steps[first:])
                    outputs.append(made(trial, target))
            assert inputs[0] != inputs[1] and outputs[0] != outputs[1], f"{target}: no difference"
            _made[key] = inputs, outputs, duration
        return _made[key]


def prepare(trial, target, content):
    """Gives an input its content, and the number of the first step that reads it."""
    first = 0
    if target.kind == "rebuilt":
        # As `content` was made.
        target.make(3, trial)
        first = 1
    (trial.root / target.path).write_bytes(content)
    return first


def made(trial, target):
    """The outputs of the steps that read the input."""
    found = bench.contents(trial.root / "out")
    if target.kind == "rebuilt":
        return {name: found[name] for name in found if name.startswith("pictures/")}
    return found


def changed(target, way, share, tally):
    """One round: an output is that of one content or of the other, or there is none."""
    named = f"{target.path} {way} after {share:.3f} of a step"
    with bench.Trial(target.kind, named) as trial:
        path = trial.root / target.path
        (first, second), both, duration = contents(target)
        begin = prepare(trial, target, first)
        for step in trial.steps[begin:target.step]:
            done = bench.command(step, trial.root)
            assert done.status == 0, f"{target}: {step} gives {done}"
        step = trial.steps[target.step]
        process = bench.start(step, trial.root)
        timer = threading.Timer(share * duration, change, (path, way, first, second))
        timer.start()
        outcome = bench.finish(process, step)
        timer.join()
        judge(trial, target, step, outcome, both, tally)
        what = f"{trial.name(step)}: {outcome}"
        if target.kind == "shards" and target.step == 0 and way == "removed":
            # One that was not there when inputs were looked for is none: no content's outputs come of it.
            plan_anew(trial, target, what, both, second, tally)
            return
        if target.kind == "shards":
            go_on(trial, target, what, first, second, both, tally)
            return
        # One that was not there when inputs were looked for is none.
        whole = made(trial, target).keys() == both[0].keys()
        if outcome.status == 0 and not whole and way != "removed":
            tally.lose("incomplete", what)
        again = bench.command(step, trial.root)
        last = both[0] if way == "touched" else both[1]
        if again.status != 0 or made(trial, target) != last:
            tally.lose("stuck", f"{what}; then {again}")


def judge(trial, target, step, outcome, both, tally):
    """How a step ended whose input has changed, or had changed before, and what it left."""
    tally.round(outcome)
    what = f"{trial.name(step)}: {outcome}"
    # That inputs failed; of what is one file or was planned, also that there is nothing to do.
    told = {0, 65}
    if target.kind not in ("images", "two_sinks", "program"):
        told |= {66, 75, 78}
    if outcome.hung:
        tally.lose("hang", what)
    elif outcome.status not in told:
        tally.lose("death" if outcome.status not in bench.TOLD else "stuck", what)
    elif outcome.status and not outcome.errors.strip():
        tally.lose("silence", what)
    trial.judge_processes(what, tally)
    left = made(trial, target)
    for name, content in left.items():
        if content not in (both[0].get(name), both[1].get(name)):
            # Files that images share lack those that failed, and are sound all the same.
            shared = outcome.status != 0 and target.kind in ("archive", "shards")
            if not (shared and bench.is_sound(trial.root / "out" / name)):
                tally.lose("torn", f"{what}: {name}")
    telling = [name for name in left if both[0].get(name) != both[1].get(name)]
    if outcome.status == 0 and not any(
            all(left[name] == version.get(name) for name in telling) for version in both):
        tally.lose("torn", f"{what}: {telling} are not of one content")


def go_on(trial, target, what, first, second, both, tally):
    """The steps of a plan after one whose input has changed: refused, or right as planned."""
    for step in trial.steps[target.step + 1:]:
        outcome = bench.command(step, trial.root)
        judge(trial, target, step, outcome, both, tally)
        what += f"; then {step[0]}: {outcome}"
    # Also where the last step was the one.
    complete = bench.command(trial.steps[-1], trial.root)
    planned = both[:1] if target.step else both
    if complete.status == 0 and made(trial, target) not in planned:
        tally.lose("incomplete", f"{what}; {trial.steps[-1][0]}: {complete}")
    # What was planned comes back; or what there is is planned anew.
    if target.step:
        (trial.root / target.path).write_bytes(first)
        do_all(trial, target, what, both, second, tally)
    else:
        plan_anew(trial, target, what, both, second, tally)


def plan_anew(trial, target, what, both, second, tally):
    """Everything from the beginning, of what there is now."""
    shutil.rmtree(trial.root / "plan", ignore_errors=True)
    shutil.rmtree(trial.root / "out", ignore_errors=True)
    do_all(trial, target, what, both, second, tally)


def do_all(trial, target, what, both, second, tally):
    """All steps, which must end well and give what the input's content gives."""
    for step in trial.steps:
        again = bench.command(step, trial.root)
        if again.status != 0:
            tally.lose("stuck", f"{what}; then {step[0]}: {again}")
            return
    content = (trial.root / target.path).read_bytes()
    if made(trial, target) != both[content == second]:
        tally.lose("incomplete", f"{what}; then again")
