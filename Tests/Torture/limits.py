"""Runs under the limits that systems set: open files, sizes of files, memory."""

import bench


def torture(tally, dice, each):
    """Every count of open files, sizes of files up to what is needed, and memory from little on."""
    rounds = []
    for kind in bench.KINDS:
        limits = [("nofile", count, False) for count in (*range(3, 20), 24, 32, 48, 64, 96)]
        limits += [("fsize", count * 512, False) for count in (0, 1, 2, 4, 6, 8, 12, 16, 32, 64)]
        limits += [("as", count << 20, True) for count in (*range(8, 160, 8), 192, 256, 384, 512)]
        rounds += [(kind, *limit) for limit in dice.sample(limits, tally.scale(len(limits)))]

    def round(what):
        kind, name, value, may_die = what
        with bench.Trial(kind, f"{name} {value}") as trial:
            trial.judge_all(tally, before=["prlimit", f"--{name}={value}"], may_die=may_die)

    each(round, rounds)
