"""Names, links and devices that nobody expects, among inputs and in the places of outputs."""

import os
import socket
import stat

import bench

NAMES = [
    b"-rf.png", b"--help.png", b" .png", b"a b.png", b"new\nline.png", b"tab\t.png",
    b"\x1b[31m.png",
    b"'quote'.png", b'"quote".png', b"back\\slash.png", b"$HOME.png", b"`id`.png", b"*.png",
    b"[a].png", b"{stem}.png", b"%s%n.png", b"\xff\xfe.png", b"\xc3.png", "é.png".encode(),
    "e\u0301.png".encode(), "\u202egnp.png".encode(), "\u200b.png".encode(),
    "日本語.png".encode(),
    b"con.png", b"a.png.png", b"...png", b"..png", b"#.png", b"@list.png", b"a;b.png", b"a|b.png",
    b"~.png", b"a:b.png", b"\x7f.png", b"n" * 251 + b".png", b"n" * 240 + b".png"]


def links(folder):
    """What stands among inputs and is no image."""
    os.symlink("nowhere", folder / "dangling.png")
    os.symlink("loop.png", folder / "loop.png")
    os.symlink(".", folder / "circle")
    os.symlink("/dev/zero", folder / "zero.png")
    os.symlink("/etc", folder / "etc")
    os.mkfifo(folder / "fifo.png")
    (folder / "folder.png").mkdir()
    (folder / "empty.png").write_bytes(b"")
    with socket.socket(socket.AF_UNIX) as entry:
        entry.bind(os.path.relpath(folder / "socket.png"))


OBSTACLES = {
    "folder": lambda path: path.mkdir(),
    "fifo": os.mkfifo,
    "link to a file": lambda path: os.symlink("../other", path),
    "dangling link": lambda path: os.symlink("../nothing", path),
    "link to a device": lambda path: os.symlink("/dev/full", path),
    "link to itself": lambda path: os.symlink(path.name, path),
    "file": lambda path: path.write_bytes(b"somebody's"),
}


def torture(tally, dice, each):
    """Each name alone and all together, and each obstacle in the place of each file of a run."""
    rounds = [(kind, [name], False) for kind in ("images", "dataset") for name in NAMES]
    rounds += [
        (kind, NAMES, True) for kind in ("images", "two_sinks", "dataset", "program", "shards")]
    rounds = [round for round in rounds if round[0] in bench.KINDS]
    linked = [round for round in rounds if round[2]]
    each(lambda what: strange(*what, tally), linked + dice.sample(rounds, tally.scale(len(rounds))))
    if "images" in bench.KINDS:
        each(lambda name: given(name, tally), [
            "fifo.png", "socket.png", "zero.png", "dangling.png", "loop.png", "folder.png",
            "circle"])
    places = []
    for kind in bench.KINDS:
        with bench.Trial(kind) as trial:
            for step in trial.steps:
                bench.command(step, trial.root)
            names = [
                path.relative_to(trial.root) for path in (trial.root / "out").rglob("*")]
            names += [path.relative_to(trial.root) for path in (trial.root / "plan").rglob("*")]
        places += [(kind, name, way) for name in sorted(names) for way in OBSTACLES]
    each(
        lambda what: obstructed(*what, tally),
        dice.sample(places, min(len(places), tally.scale(300))))


def strange(kind, names, linked, tally):
    """One round: inputs with strange names; each has its output, whatever stands beside it."""
    with bench.Trial(kind, f"names {names[0]!r} …" if linked else f"name {names[0]!r}") as trial:
        for name in names:
            (trial.root / "in").joinpath(os.fsdecode(name)).write_bytes(bench.png(len(name)))
        if linked:
            links(trial.root / "in")
        statuses = set()
        for step in trial.steps:
            outcome = bench.command(step, trial.root)
            tally.round(outcome)
            statuses.add(outcome.status)
            what = f"{trial.name(step)}: {outcome}"
            if outcome.hung:
                tally.lose("hang", what)
            elif outcome.status not in bench.TOLD or outcome.status == 70:
                tally.lose("death", what)
        found = bench.contents(trial.root / "out")
        if kind in ("images", "program"):
            for name in names:
                if os.fsdecode(name) not in found and not name.startswith(b"."):
                    tally.lose("incomplete", f"{what}: no output for {name!r}")
        if linked and statuses == {0}:
            tally.lose("silence", f"{trial.name(step)}: dangling links pass for done")
        again = [bench.command(step, trial.root) for step in trial.steps]
        if bench.contents(trial.root / "out") != found:
            tally.lose("torn", f"{trial.name(step)}: another run changes outputs: {again[-1]}")


def given(name, tally):
    """One round: what is no image is named as the input; it is refused, and nobody waits for it."""
    with bench.Trial("images", f"input {name}") as trial:
        links(trial.root / "in")
        outcome = bench.command([*trial.steps[0], "-i", f"in/{name}"], trial.root)
        trial.judge_end(outcome, trial.steps[0], tally)
        if outcome.status == 0 and name != "circle":
            tally.lose("silence", f"{trial.name(trial.steps[0])}: {outcome}")


def obstructed(kind, place, way, tally):
    """One round: something stands where a run wants to write; it stays, and goes by hand."""
    with bench.Trial(kind, f"{way} at {place}") as trial:
        path = trial.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        (trial.root / "other").write_bytes(b"somebody's")
        OBSTACLES[way](path)
        # What is the run's own, and what it was told to replace.
        own = (
            place.name.startswith(".tessera") or place.parts[0] in ("plan", "state")
            or kind == "files" and place.name != "a.png")

        def undo():
            if (trial.root / "other").read_bytes() != b"somebody's":
                tally.lose("torn", f"{trial.disturbance}: a file behind a link was written")
            if (trial.root / "nothing").exists():
                tally.lose("torn", f"{trial.disturbance}: a file came to be behind a dangling link")
            if own or kind_of(path) == before:
                remove(path)
            else:
                tally.lose("torn", f"{trial.kind}, {trial.disturbance}: replaced")

        before = kind_of(path)
        trial.judge_all(tally, undo=undo, but=str(place))


def kind_of(path):
    """Type of what stands somewhere, and the content of files."""
    mode = stat.S_IFMT(path.lstat().st_mode) if os.path.lexists(path) else None
    return mode, path.read_bytes() if mode == stat.S_IFREG else None


def remove(path):
    if stat.S_ISDIR(kind_of(path)[0] or 0):
        if not list(path.iterdir()):
            path.rmdir()
    else:
        path.unlink(missing_ok=True)
