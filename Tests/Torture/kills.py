"""Runs that are killed or asked to end: at a random moment, and at a random system call."""

import signal
import time

import bench
import calls

ROUNDS = 200
# Signals that ask a run to end, in as many rounds each.
SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP")
SIGNALLED = 100
# More rounds with a program that does not end by itself.
DEAF = 12


def torture(tally, dice, each):
    """`ROUNDS` kills, and `SIGNALLED` of each of `SIGNALS`, over every step of every kind."""
    steps = [(kind, number) for kind in bench.KINDS for number in range(len(bench.KINDS[kind][1]))]
    counts, lengths = {}, {}
    for kind, number in steps:
        with bench.Trial(kind) as trial:
            step = trial.reach(number)
            counts[kind, number] = calls.of(step, trial.root)
        with bench.Trial(kind) as trial:
            step = trial.reach(number)
            begin = time.monotonic()
            bench.command(step, trial.root)
            lengths[kind, number] = time.monotonic() - begin
    rounds = []
    for number in range(tally.scale(ROUNDS)):
        place = steps[number % len(steps)]
        if number // len(steps) % 2:
            rounds.append((place, dice.uniform(0.1, 1.1) * lengths[place]))
        else:
            call = dice.choice(sorted(counts[place]))
            rounds.append((place, (call, dice.randint(1, counts[place][call]))))
    # Of the program's, every second moment and every second call.
    deaf = [
        place[0] == "program" and number // len(steps) % 4 < 2
        for number, (place, _) in enumerate(rounds)]
    if "program" in bench.KINDS:
        for _ in range(tally.scale(DEAF)):
            rounds.append((("program", 0), dice.uniform(0.1, 1.5) * lengths["program", 0]))
            deaf.append(True)

    killed = []

    def round(what):
        (place, moment), deaf = what
        if isinstance(moment, tuple):
            killed.append(calls.killed((*place, *moment), tally, deaf))
        else:
            at_moment(*place, moment, tally, deaf)

    each(round, list(zip(rounds, deaf)))
    if sum(killed) < len(killed) / 2:
        tally.lose("blind", f"of {len(killed)} runs only {sum(killed)} were killed at their calls")
    asked = []
    for number in range(len(SIGNALS) * tally.scale(SIGNALLED)):
        place = steps[number % len(steps)]
        call = dice.choice(sorted(counts[place]))
        # Each step meets each signal, in turn.
        name = SIGNALS[(number + number // len(steps)) % len(SIGNALS)]
        asked.append(((*place, call, dice.randint(1, counts[place][call])), name))
    each(lambda what: calls.signalled(*what, tally), asked)


def at_moment(kind, number, moment, tally, deaf=False):
    """One round: kill -9 after some seconds; `deaf`: of a run whose program outlives its input."""
    with bench.Trial(kind, f"killed after {moment:.3f} s{', deaf' if deaf else ''}") as trial:
        step = trial.reach(number)
        if deaf:
            (trial.root / "deaf").touch()
        process = bench.start(step, trial.root)
        time.sleep(moment)
        process.kill()
        outcome = bench.finish(process, step)
        (trial.root / "deaf").unlink(missing_ok=True)
        trial.judge(outcome, step, tally, killed=outcome.status == -signal.SIGKILL)
