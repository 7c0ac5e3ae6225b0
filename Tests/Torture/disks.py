"""Disks that are full: a file system in memory, of every size from none to enough."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

import bench

# From no room to enough, over all kinds; and every one of the last pages of each kind.
SIZES = 50
LAST = 8


@contextlib.contextmanager
def disk(size, files=0):
    """A file system of `size` bytes, with room for so many files if that is not 0."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="torture-disk-"))
    options = f"size={size},nr_inodes={files or 10_000}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def enlarge(folder):
    subprocess.run(["mount", "-o", "remount,size=64m,nr_inodes=10000", folder], check=True)


def torture(tally, dice, each):
    """Outputs to disks that fill up; then there is room, and the run is done again."""
    page = os.sysconf("SC_PAGE_SIZE")
    rounds = []
    for kind in bench.KINDS:
        with bench.Trial(kind) as trial:
            for step in trial.steps:
                bench.command(step, trial.root)
            need = sum(
                -(-path.stat().st_size // page) + 1 for path in trial.root.rglob("*"))
            given = sum(-(-path.stat().st_size // page) + 1 for path in trial.inputs.rglob("*"))
            files = 1 + sum(1 for _ in trial.root.rglob("*"))
            given_files = 1 + sum(1 for _ in trial.inputs.rglob("*"))
        share = -(-tally.scale(SIZES) // len(bench.KINDS))
        most = need + 4
        sizes = {given + (most - given) * number // max(1, share - 1) for number in range(share)}
        last = range(most - LAST + 1, most + 1)
        sizes.update(dice.sample(last, min(LAST, tally.scale(LAST))))
        rounds += [(kind, pages * page, 0) for pages in sorted(sizes)]
        for number in range(given_files + 1, files + 2, 2):
            rounds.append((kind, 64 << 20, number))

    def round(what):
        kind, size, files = what
        named = f"disk of {size} bytes" if not files else f"disk of {files} files"
        with disk(max(size, page), files) as folder:
            try:
                trial = bench.Trial(kind, named, below=folder)
            except OSError as error:
                tally.skip(f"{kind}, {named}: no room for the inputs: {error}")
                return
            with trial:
                trial.judge_all(tally, undo=lambda: enlarge(folder))

    each(round, rounds)
