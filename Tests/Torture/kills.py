"""Runs that are killed: at a random moment, and at a random system call."""

import os
import signal
import time

import bench
import calls

ROUNDS = 200
# Rounds with a program that does not end by itself.
DEAF = 12


def torture(tally, dice, each):
    """`ROUNDS` kills, over every kind of run and every step of it."""
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

    def round(what):
        place, moment = what
        if isinstance(moment, tuple):
            calls.killed((*place, *moment), tally)
        else:
            at_moment(*place, moment, tally)

    each(round, rounds)
    if "program" in bench.KINDS:
        each(lambda moment: deaf(moment, tally), [
            dice.uniform(0.1, 1.5) * lengths["program", 0] for _ in range(tally.scale(DEAF))])


def deaf(moment, tally):
    """One round: a program that outlives its input goes with the run that has started it."""
    with bench.Trial("program", f"killed after {moment:.3f} s") as trial:
        text = (trial.root / "p.json").read_text()
        deaf = text.replace('["cat"]', '["sh", "-c", "cat; exec sleep 1000"]')
        assert deaf != text
        (trial.root / "p.json").write_text(deaf)
        process = bench.start(trial.steps[0], trial.root)
        time.sleep(moment)
        process.kill()
        tally.round(bench.finish(process, trial.steps[0]), killed=True)
        expect_none(trial, tally)


def expect_none(trial, tally):
    """Waits for the processes that a run has started to end."""
    end = time.monotonic() + 10
    while alive_below(trial.root) and time.monotonic() < end:
        time.sleep(0.01)
    left = alive_below(trial.root)
    if left:
        tally.lose("orphan", f"{trial.kind}, {trial.disturbance}: processes {left} still run")
    for process in left:
        os.kill(process, signal.SIGKILL)


def at_moment(kind, number, moment, tally):
    """One round: kill -9 after some seconds; what the run has started has to end, too."""
    with bench.Trial(kind, f"killed after {moment:.3f} s") as trial:
        step = trial.reach(number)
        process = bench.start(step, trial.root)
        time.sleep(moment)
        process.kill()
        outcome = bench.finish(process, step)
        expect_none(trial, tally)
        trial.judge(outcome, step, tally, killed=outcome.status == -signal.SIGKILL)


def alive_below(folder):
    """Processes whose working directory is a trial's."""
    found = []
    for process in os.listdir("/proc"):
        try:
            if process.isdigit() and os.readlink(f"/proc/{process}/cwd") == str(folder):
                found.append(int(process))
        except OSError:
            pass
    return found
