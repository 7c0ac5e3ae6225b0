"""Records, reports and plans that are cut at every byte, or have bytes changed."""

import bench


def torture(tally, dice, each):
    """Cuts of what an earlier run has left, its records at every byte, and changes of a byte."""
    rounds = []
    for kind in ("images", "dataset", "shards"):
        if kind not in bench.KINDS:
            continue
        with bench.Trial(kind) as trial:
            for step in trial.steps[:-1] if kind == "shards" else trial.steps:
                bench.command(step, trial.root)
            for path in sorted(trial.root.rglob("*")):
                name = path.relative_to(trial.root)
                own = path.name.startswith(bench.OWN) or name.parts[0] == "plan"
                if path.is_file() and own and path.stat().st_size:
                    size = path.stat().st_size
                    cuts = range(size)
                    if kind != "images" or path.name != ".tessera-records":
                        cuts = dice.sample(cuts, min(60, size))
                    rounds += [(kind, name, cut, None) for cut in cuts]
                    rounds += [
                        (kind, name, dice.randrange(size), dice.randrange(1, 256))
                        for _ in range(40)]

    def round(what):
        kind, name, place, change = what
        said = f"{name} cut at {place}" if change is None else f"{name} ^ {change} at {place}"
        with bench.Trial(kind, said) as trial:
            damaged(trial, name, place, change, tally)

    each(round, dice.sample(rounds, tally.scale(len(rounds))))


def damaged(trial, name, place, change, tally):
    """One round: what a run finds of an earlier one is damaged; nothing but time may be lost."""
    steps = trial.steps[:-1] if trial.kind == "shards" else trial.steps
    for step in steps:
        bench.command(step, trial.root)
    path = trial.root / name
    content = bytearray(path.read_bytes())
    if change is None:
        path.write_bytes(content[:place])
    else:
        content[place % len(content)] ^= change
        path.write_bytes(content)
    for step in trial.steps[1:] if trial.kind == "shards" else trial.steps:
        outcome = bench.command(step, trial.root)
        tally.round(outcome)
        what = f"{trial.name(step)}: {outcome}"
        if outcome.hung:
            tally.lose("hang", what)
        elif outcome.status not in bench.TOLD or outcome.status in (70, 127):
            tally.lose("death", what)
        elif outcome.status and not outcome.errors.strip():
            tally.lose("silence", what)
        left = bench.contents(trial.root / "out")
        if any(trial.whole.get(name) != content for name, content in left.items()):
            tally.lose("torn", what)
        trial.judge_processes(what, tally)
    if outcome.status == 0 and left != trial.whole:
        tally.lose("incomplete", what)
    # A report is replaced only where a run has written it: what was changed may be somebody's.
    if name.name == "report.jsonl" and outcome.status == 73 and "--overwrite" in outcome.errors:
        path.unlink()
    # A plan that is damaged is made anew by who owns it; outputs are kept.
    if trial.kind == "shards" and outcome.status:
        for path in sorted((trial.root / "plan").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    trial.settle(what, 0, tally)
