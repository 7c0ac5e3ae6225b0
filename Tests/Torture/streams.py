"""Standard streams that are closed, full, or whose reader is gone."""

import itertools
import os
import subprocess

import bench

# How a stream is given to the command, in the words of sh.
WAYS = {
    "as it is": "", "closed": "{}<&-", "full": "{}>/dev/full", "read only": "{}</dev/null",
    "a folder": "{}</"}


def torture(tally, dice, each):
    """Every way for standard output and error, input closed or not, for every command."""
    rounds = []
    for kind in bench.KINDS:
        for output, error, entry in itertools.product(WAYS, WAYS, ("", "0<&-", "0</")):
            rounds.append((kind, output, error, entry))

    def round(what):
        kind, output, error, entry = what
        words = " ".join(
            way for way in (WAYS[output].format(1), WAYS[error].format(2), entry) if way)
        with bench.Trial(kind, f"streams {words}") as trial:
            trial.judge_all(
                tally, before=["sh", "-c", f'exec "$@" {words}', "sh"], mute=error != "as it is")

    each(round, dice.sample(rounds, tally.scale(150)))
    each(lambda what: printed(*what, tally), itertools.product(
        (["--version"], ["--help"], ["stages"], ["stages", "unfold"], ["schema"],
         ["explain", "p.json"], ["validate", "p.json", "--json"], ["inspect", "in/a.png"],
         ["verify", "out", "--json"], ["run", "p.json", "-o", "out", "--json"],
         ["run", "p.json", "-o", "new", "--dry-run"]),
        ("full", "closed", "read only", "gone")))


def printed(arguments, way, tally):
    """One round: what a command prints cannot be written; it must not end with 0."""
    with bench.Trial("images", f"output {way}") as trial:
        bench.command(trial.steps[0], trial.root)
        before, streams = [], {}
        if way == "gone":
            read, write = os.pipe()
            os.close(read)
            streams = {"stdout": write}
        else:
            before = ["sh", "-c", f'exec "$@" {WAYS[way].format(1)}', "sh"]
        outcome = bench.command(arguments, trial.root, before, **streams)
        if way == "gone":
            os.close(write)
        tally.round(outcome)
        what = f"{arguments}, output {way}: {outcome}"
        trial.judge_processes(what, tally)
        if outcome.hung:
            tally.lose("hang", what)
        elif outcome.status not in bench.TOLD and not (way == "gone" and outcome.status == -13):
            tally.lose("death", what)
        elif outcome.status == 0 and way != "gone":
            # Where the reader has gone, as with `head`, nobody misses the rest.
            tally.lose("silence", what)
