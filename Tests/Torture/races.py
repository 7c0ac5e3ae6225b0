"""Runs that meet in one output folder."""

import fcntl
import time

import bench

ROUNDS = 120
# With two pipelines, whose outputs have the same names.
MIXED = 40


def torture(tally, dice, each):
    """Two or three runs at once, of the same and of different work; then one more, alone."""
    rounds = []
    for number in range(tally.scale(ROUNDS)):
        kind = list(bench.KINDS)[number % len(bench.KINDS)]
        count = dice.choice([2, 2, 3])
        rounds.append((
            kind, [dice.uniform(0, 0.08) for _ in range(count)],
            [dice.choice(["", "", "--wait", "kill", "signal"]) for _ in range(count)],
            [dice.randrange(len(bench.KINDS[kind][1])) for _ in range(count)]))

    def round(what):
        kind, delays, ways, numbers = what
        with bench.Trial(kind, f"race of {list(zip(delays, ways, numbers))}") as trial:
            if kind in ("shards", "rebuilt"):
                # What the others need.
                trial.reach(1)
            race(trial, delays, ways, numbers, tally)

    each(round, rounds)
    if "images" in bench.KINDS:
        each(lambda what: mixed(*what, tally), [
            ([dice.uniform(0, 0.08) for _ in "ab"],
             [dice.choice(["", "--wait", "--overwrite"]) for _ in "ab"])
            for _ in range(tally.scale(MIXED))])
    locks = {kind: locks_of(kind) for kind in bench.KINDS}
    for kind, found in locks.items():
        if not found:
            tally.lose("race", f"{kind}: a run locks nothing")
    each(
        lambda what: held(*what, tally),
        [(kind, lock) for kind, found in locks.items() for lock in found])


def mixed(delays, ways, tally):
    """One round: two pipelines at once; a name that one has taken is its own, unless told so."""
    with bench.Trial("images", f"two pipelines {list(zip(delays, ways))}") as trial:
        other = [*trial.steps[0]]
        other[other.index("p.json")] = "q.json"
        bench.pipeline(
            trial.root / "q.json", "in", {"stage": "resize", "size": [20, 20]},
            {"stage": "encode", "format": "png"})
        done = bench.command([*other[:3], "else", *other[4:]], trial.root)
        assert done.status == 0, done
        wholes = [trial.whole, bench.contents(trial.root / "else")]
        assert wholes[0].keys() == wholes[1].keys()
        assert not any(wholes[0][name] == wholes[1][name] for name in wholes[0])
        steps = [
            [*step, *([way] if way else [])] for step, way in zip((trial.steps[0], other), ways)]
        processes = []
        for step, delay in zip(steps, delays):
            processes.append(bench.start(step, trial.root))
            time.sleep(delay)
        outcomes = [bench.finish(*both) for both in zip(processes, steps)]
        what = f"{trial.disturbance}: {', '.join(map(str, outcomes))}"
        for outcome, way in zip(outcomes, ways):
            tally.round(outcome)
            # Refused as one is at work; or, after it, as the outputs are another pipeline's.
            if outcome.hung:
                tally.lose("hang", what)
            elif outcome.status not in (0, 65, 73, 75):
                tally.lose("death" if outcome.status not in bench.TOLD else "race", what)
            elif outcome.status and not outcome.errors.strip():
                tally.lose("silence", what)
        trial.judge_processes(what, tally)
        left = bench.contents(trial.root / "out")
        ended = [number for number in (0, 1) if outcomes[number].status == 0]
        if not ended:
            tally.lose("race", f"{what}: none has done its work")
        elif left not in [wholes[number] for number in ended]:
            tally.lose("torn", f"{what}: outputs are of neither that ended with 0, or of both")
        if len(ended) == 2 and "--overwrite" not in ways:
            tally.lose("race", f"{what}: one has replaced the other's outputs")
        # The first pipeline again, told to replace what is there.
        again = bench.command([*trial.steps[0], "--overwrite"], trial.root)
        if again.status != 0:
            tally.lose("stuck", f"{what}; then {again}")
        trial.settle(what, 0, tally)


def locks_of(kind):
    """The files that a whole run locks, seen from the trial's folder."""
    with bench.Trial(kind) as trial:
        for step in trial.steps:
            bench.command(step, trial.root)
        return [
            path.relative_to(trial.root) for path in trial.root.rglob("*")
            if path.name in (".tessera-lock", "lock")]


def held(kind, lock, tally):
    """One round: somebody has a lock, so that nobody else may write; then he lets it go."""
    with bench.Trial(kind, f"{lock} held") as trial:
        (trial.root / lock).parent.mkdir(parents=True, exist_ok=True)
        statuses = []
        with open(trial.root / lock, "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            for step in trial.steps:
                outcome = bench.command(step, trial.root)
                tally.round(outcome)
                statuses.append(outcome.status)
                if outcome.hung:
                    tally.lose("hang", f"{trial.name(step)}: {outcome}")
        if 75 not in statuses:
            tally.lose("race", f"{trial.disturbance}: {statuses}, and none of them is 75")
        trial.judge_processes(trial.disturbance, tally)
        trial.settle(trial.disturbance, 0, tally)


def race(trial, delays, ways, numbers, tally):
    """Starts all, ends some, and looks at what they leave."""
    running, done = [], False
    for delay, way, number in zip(delays, ways, numbers):
        step = trial.steps[number]
        more = ["--wait"] if way == "--wait" and step[0] in ("run", "merge") else []
        running.append((bench.start([*step, *more], trial.root), step, way))
        time.sleep(delay)
        if way == "kill":
            running[-1][0].kill()
        elif way == "signal":
            running[-1][0].terminate()
    for process, step, way in running:
        outcome = bench.finish(process, step)
        tally.round(outcome, killed=way == "kill")
        what = f"{trial.name(step)}: {outcome}"
        if outcome.hung:
            tally.lose("hang", what)
        elif outcome.status not in (0, 75, {"kill": -9, "signal": -15}.get(way)):
            tally.lose("death" if outcome.status < 0 else "race", what)
        elif outcome.status > 0 and not outcome.errors.strip():
            tally.lose("silence", what)
        last = step == trial.steps[-1] and trial.kind != "files"
        done |= outcome.status == 0 and way != "kill" and last
    if done and bench.contents(trial.root / "out") != trial.whole:
        tally.lose("incomplete", f"{what}: {trial.differing()}")
    trial.judge_processes(trial.name(trial.steps[0]), tally)
    trial.settle(f"{trial.name(trial.steps[0])}", 0, tally)
