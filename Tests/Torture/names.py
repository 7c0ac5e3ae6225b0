"""Names, links and devices that nobody expects, among inputs and in the places of outputs."""

import json
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


# Where inputs are added, of each kind that takes more; those of datasets want a label.
FOLDERS = {
    "images": "in", "two_sinks": "in", "dataset": "in/cat", "program": "in", "shards": "in/cat"}


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


def link(path, name):
    """Links to what has a name beside a trial's outputs, however deep the link lies."""
    root = next(folder for folder in path.parents if (folder / "p.json").exists())
    os.symlink(os.path.relpath(root / name, path.parent), path)


OBSTACLES = {
    "folder": lambda path: path.mkdir(),
    "fifo": os.mkfifo,
    "link to a file": lambda path: link(path, "other"),
    "dangling link": lambda path: link(path, "nothing"),
    "link to a device": lambda path: os.symlink("/dev/full", path),
    "link to itself": lambda path: os.symlink(path.name, path),
    "file": lambda path: path.write_bytes(b"somebody's"),
}


def torture(tally, dice, each):
    """Each name alone and all together, and each obstacle in the place of each file of a run."""
    alone = [
        (kind, [name], False)
        for kind in ("images", "dataset") if kind in bench.KINDS for name in NAMES]
    linked = [(kind, NAMES, True) for kind in FOLDERS if kind in bench.KINDS]
    each(
        lambda what: strange(*what, tally),
        linked + dice.sample(alone, min(len(alone), tally.scale(len(alone)))))
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
        # A folder in the place of the output of one input takes it in.
        places += [
            (kind, name, way) for name in sorted(names) for way in OBSTACLES
            if (kind, str(name), way) != ("files", "out/a.png", "folder")]
    each(
        lambda what: obstructed(*what, tally),
        dice.sample(places, min(len(places), tally.scale(300))))


def strange(kind, names, linked, tally):
    """One round: inputs with strange names; each has its output, whatever stands beside it."""
    with bench.Trial(kind, f"names {names[0]!r} …" if linked else f"name {names[0]!r}") as trial:
        for name in names:
            path = trial.root / FOLDERS[kind] / os.fsdecode(name)
            path.write_bytes(bench.png(len(name)))
        if linked:
            links(trial.root / FOLDERS[kind])
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
            elif outcome.status and not (outcome.errors + outcome.output).strip():
                tally.lose("silence", what)
            trial.judge_processes(what, tally)
        found = bench.contents(trial.root / "out")
        # Hidden files are no inputs.
        due = [name for name in names if not name.startswith(b".")]
        if lacking := lacking_of(kind, [os.fsdecode(name) for name in due], found):
            tally.lose("incomplete", f"{what}: nothing of {lacking[:3]}")
        if linked and statuses == {0}:
            tally.lose("silence", f"{trial.name(step)}: dangling links pass for done")
        again = [bench.command(step, trial.root) for step in trial.steps]
        if bench.contents(trial.root / "out") != found:
            tally.lose("torn", f"{trial.name(step)}: another run changes outputs: {again[-1]}")


def lacking_of(kind, names, found):
    """Those of the inputs with `names` that outputs lack."""
    if kind == "two_sinks":
        return [
            name for name in names
            if not {f"first/{name[:-4]}.jpg", f"second/{name[:-4]}.npy"} <= found.keys()]
    if kind in bench.SHARING:
        lines = found.get("images.jsonl", b"").decode().splitlines()
        views = {(line["source"], line["view"]) for line in map(json.loads, lines)}
        # No member of a tar file has a name as long as a file's may be; that is told.
        return [
            name for name in names
            if len(name) < 200 and not {(f"cat/{name}", 0), (f"cat/{name}", 1)} <= views]
    return [name for name in names if name not in found]


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
