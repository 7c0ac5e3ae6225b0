"""What is tortured: small runs of every kind, and what is left when one of them was disturbed."""

import contextlib
import dataclasses
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import tarfile
import tempfile
import threading
import time
import zlib

TESSERA = os.environ.get("TESSERA", "tessera")
# Undisturbed, the longest step takes less than a second.
LIMIT = float(os.environ.get("TESSERA_TORTURE_LIMIT", "60"))


@dataclasses.dataclass
class Outcome:
    """How a command ended; `status` is negative for a signal, as subprocess has it."""

    arguments: list
    status: int
    output: str
    errors: str
    hung: bool = False

    def __str__(self):
        said = self.errors.strip().splitlines()
        return f"{self.status}: {said[-1][:200] if said else 'no word'}"


# The folder below which everything is, once there is one that nobody else uses.
own_folder = None
# Those that have not been waited for.
running = set()
ending = threading.Event()


def finish(process, arguments):
    """Waits for a command from `start`; what hangs is killed with all that it started."""
    try:
        output, errors = process.communicate(timeout=LIMIT)
        hung = False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        hung = True
    finally:
        running.discard(process)
    return Outcome(
        arguments, process.returncode, (output or b"").decode(errors="replace"),
        (errors or b"").decode(errors="replace"), hung)


def start(arguments, folder, before=(), **streams):
    """Starts the command with `arguments` in a process group of its own.

    `before` is what starts it, such as strace with its own arguments; `streams` are as for Popen.
    """
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if ending.is_set():
        raise InterruptedError("the campaign has ended")
    # Who dies is to die at once, not after a minute of telling where, under strace.
    process = subprocess.Popen(
        [*before, TESSERA, *arguments], cwd=folder, start_new_session=True,
        env=os.environ | {"SWIFT_BACKTRACE": "enable=no"}, **(given | streams))
    running.add(process)
    return process


def end_running():
    """Kills what was started and not waited for, and whatever else works below the campaign."""
    for process in list(running):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        running.discard(process)
    for process in processes_below(own_folder) if own_folder else []:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def command(arguments, folder, before=(), **streams):
    """Runs the command to its end; keywords are as for `start`."""
    return finish(start(arguments, folder, before, **streams), arguments)


# Inputs


def chunk(kind, content):
    return (
        struct.pack(">I", len(content)) + kind + content
        + struct.pack(">I", zlib.crc32(kind + content)))


def png(seed, width=40, height=37):
    """An RGB picture of noise on a slope."""
    dice = random.Random(seed)
    rows = b"".join(
        b"\0" + bytes(
            (5 * x + 3 * y + dice.randrange(16)) % 256 for x in range(width) for _ in "rgb")
        for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b""))


def npy(seed, shape=(3, 37, 40)):
    """Noise of (C, H, W), uint8."""
    count = shape[0] * shape[1] * shape[2]
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return (
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()
        + random.Random(seed).randbytes(count))


def jpeg(seed, width=40, height=37):
    """A JPEG file, which the command itself makes of `png`."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "a.png").write_bytes(png(seed, width, height))
        pipeline(root / "p.json", "a.png", {"stage": "encode", "format": "jpeg"})
        done = command(["run", "p.json", "-o", "a.jpg", "--state", "state"], root)
        assert done.status == 0, done.errors
        return (root / "a.jpg").read_bytes()


def pipeline(path, source, *stages):
    """Writes a pipeline; `source` is the path to load, or all keys of `load`."""
    load = source if isinstance(source, dict) else {"path": source}
    path.write_text(json.dumps({"version": 1, "stages": [{"stage": "load"} | load, *stages]}))


CUT = {"stage": "unfold", "kernel_size": 8, "stride": 4, "edge": "shift"}
FOLD = {"stage": "fold"}


def three_files(root):
    (root / "in/sub").mkdir(parents=True)
    (root / "in/a.png").write_bytes(png(1))
    (root / "in/sub/b.jpg").write_bytes(jpeg(2))
    (root / "in/c.npy").write_bytes(npy(3))


# Kinds of runs


def images(root):
    """An image in, an image out."""
    three_files(root)
    pipeline(root / "p.json", "in", CUT, FOLD, {"stage": "encode", "format": "png"})


def two_sinks(root):
    """A file in each of two folders for an image."""
    three_files(root)
    pipeline(
        root / "p.json", "in", {"stage": "encode", "format": "jpeg", "path": "out/first"}, CUT,
        {"stage": "encode", "format": "npy", "path": "out/second"})


def dataset(root):
    """Files that images share, in two parts, with views."""
    (root / "in/cat").mkdir(parents=True)
    (root / "in/dog").mkdir()
    for number in range(6):
        (root / f"in/{'cat' if number % 2 else 'dog'}/{number}.png").write_bytes(png(number))
    pipeline(
        root / "p.json", {"path": "in", "repeat": 2}, {"stage": "unfold", "kernel_size": 8},
        {"stage": "sample", "count": 5},
        {"stage": "encode", "format": "webdataset", "images_per_shard": 3, "labels": "folder",
         "split": {"val": 0.4}})


def archive(root):
    """Members of a tar file in, safetensors out."""
    three_files(root)
    with tarfile.open(root / "in.tar", "w") as tar:
        for path in sorted((root / "in").rglob("*.*")):
            tar.add(path, path.name)
    shutil.rmtree(root / "in")
    pipeline(
        root / "p.json", "in.tar", CUT,
        {"stage": "encode", "format": "safetensors", "images_per_shard": 2})


def program(root):
    """Patches that go through a child process, which outlives its input where `deaf` is."""
    three_files(root)
    pipeline(
        root / "p.json", "in", CUT,
        {"stage": "transform.command", "batch": 16,
         "command": ["sh", "-c", "cat; test ! -e deaf || exec sleep 1000"]}, FOLD,
        {"stage": "encode", "format": "png"})


def rebuilt(root):
    """A dataset, and pictures made of its patches again."""
    three_files(root)
    pipeline(
        root / "p.json", "in", CUT, {"stage": "encode", "format": "npy", "images_per_shard": 2})
    pipeline(root / "q.json", {"dataset": "out/patches"}, FOLD, {"stage": "encode"})


def files(root):
    """Commands that write a file of their own: an image, statistics, drawings."""
    three_files(root)
    (root / "out").mkdir()
    pipeline(root / "p.json", "in", {"stage": "encode", "format": "png"})
    pipeline(root / "q.json", "in", CUT, {"stage": "encode", "format": "npy"})


def run(*more, pipeline="p.json", output="out"):
    return ["run", pipeline, "-o", output, "--jobs", "2", "--retry-failed", *more]


# What makes the inputs of each kind, and its commands. All outputs are below `out`.
KINDS = {
    kind.__name__: (kind, [run()])
    for kind in (images, two_sinks, dataset, archive, program)
} | {
    "shards": (dataset, [
        ["plan", "p.json", "-o", "out", "--shards", "2", "--plan", "plan"],
        ["run", "--plan", "plan", "--shard", "0", "--retry-failed"],
        ["run", "--plan", "plan", "--shard", "1", "--retry-failed"],
        ["merge", "--plan", "plan"]]),
    "rebuilt": (rebuilt, [
        run(output="out/patches"), run(pipeline="q.json", output="out/pictures")]),
    "files": (files, [
        ["run", "p.json", "-i", "in/a.png", "-o", "out/a.png", "--state", "state"],
        ["fit", "q.json", "-o", "out/learned.safetensors", "--overwrite"],
        ["inspect", "in/a.png", "--grid", "out/grid.png", "--overwrite"],
        ["bank", "laws", "--png", "out/laws.png", "--overwrite"]]),
}

# What shows that the records know all outputs of a kind.
VERIFIED = {kind: [["verify", "out"]] for kind in KINDS} | {
    "rebuilt": [["verify", "out/patches", "out/pictures"]],
    "files": [["verify", "out/a.png", "--state", "state"]]}

# Kinds whose images share files, such as what `fit` learns of them.
SHARING = ("dataset", "archive", "shards", "rebuilt", "files")
# What runs keep for themselves, and what differs from run to run.
OWN = (".tessera", "report.jsonl")
FATAL = ("Fatal error", "Illegal instruction", "Crash", "terminate called", "Assertion")
# 70 is a bug; what cannot be loaded has not begun.
TOLD = {0, 64, 65, 66, 71, 73, 74, 75, 78, 127}


class Trial:
    """A folder with a run of one kind, which is disturbed and done again."""

    _whole = {}
    _lock = threading.Lock()

    def __init__(self, kind, disturbance="", below=None):
        self.kind = kind
        self.disturbance = disturbance
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="torture-", dir=below)).resolve()
        with self._lock:
            if kind not in self._whole:
                self._whole[kind] = self.undisturbed(kind)
        self.inputs, self.whole, self.told = self._whole[kind]
        shutil.copytree(self.inputs, self.root, dirs_exist_ok=True)
        self.steps = KINDS[kind][1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    @classmethod
    def undisturbed(cls, kind):
        """The inputs of a kind, the files that a whole run makes of them, and what its reports
        have lines for."""
        inputs = pathlib.Path(tempfile.mkdtemp(prefix="torture-inputs-"))
        KINDS[kind][0](inputs)
        root = pathlib.Path(tempfile.mkdtemp(prefix="torture-whole-"))
        shutil.copytree(inputs, root, dirs_exist_ok=True)
        for step in KINDS[kind][1]:
            done = command(step, root)
            assert done.status == 0, f"{kind}: {step} gives {done}"
        whole = contents(root / "out")
        assert whole
        reports = filter(None, map(report_of, KINDS[kind][1]))
        told = {report: [entry[:2] for entry in entries(root / report)] for report in reports}
        assert all(told.values())
        shutil.rmtree(root)
        return inputs, whole, told

    def reach(self, number):
        """Does the steps before one undisturbed, and gives that one."""
        for step in self.steps[:number]:
            done = command(step, self.root)
            assert done.status == 0, f"{self.kind}: {step} gives {done}"
        return self.steps[number]

    def name(self, step):
        return f"{self.kind}, {step[0]}, {self.disturbance}"

    def judge(self, outcome, step, tally, killed=False, **allowed):
        """Counts what one disturbed step has lost; the rest of the run is done undisturbed."""
        self.judge_end(outcome, step, tally, killed, **allowed)
        self.judge_files(outcome, step, tally, killed)
        done = outcome.status == 0 and not killed
        self.settle(f"{self.name(step)}: {outcome}", self.steps.index(step) + done, tally)

    def judge_all(self, tally, before=(), undo=lambda: None, but=None, **allowed):
        """Does all steps under one disturbance, up to the first that does not end with 0; then
        undoes the disturbance, and lets the run be done again.

        `before` is what starts a step, `but` a file that is not the run's.
        """
        for number, step in enumerate(self.steps):
            outcome = command(step, self.root, before)
            self.judge_end(outcome, step, tally, **allowed)
            self.judge_files(outcome, step, tally, but=but)
            if outcome.status != 0:
                break
        what = f"{self.name(step)}: {outcome}"
        if outcome.status == 0:
            if contents(self.root / "out") != self.whole:
                tally.lose("incomplete", f"{what}: {self.differing()}")
            self.judge_records(what, tally)
        undo()
        self.settle(what, number if outcome.status else 0, tally)

    def judge_end(self, outcome, step, tally, killed=False, may_die=False, mute=False):
        """How a command may end: told, by itself, and with all that it has started.

        `may_die`: by what it was refused, such as memory; deaths are counted then, and are no loss.
        `mute`: its words could not be read.
        """
        tally.round(outcome, killed)
        what = f"{self.name(step)}: {outcome}"
        fatal = any(word in outcome.errors for word in FATAL)
        if outcome.hung:
            tally.lose("hang", what)
        elif killed:
            pass
        elif outcome.status not in TOLD or fatal:
            if may_die and outcome.status != 70:
                tally.died()
            else:
                tally.lose("death", what)
        elif outcome.status and not outcome.errors.strip() and not mute:
            tally.lose("silence", what)
        self.judge_processes(what, tally)

    def judge_processes(self, what, tally):
        """What commands have started ends soon after them; here, no later than now."""
        end = time.monotonic() + LIMIT / 6
        while (left := processes_below(self.root)) and time.monotonic() < end:
            time.sleep(0.01)
        if left:
            tally.lose("orphan", f"{what}: processes {left} still run")
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def judge_files(self, outcome, step, tally, killed=False, but=None):
        """Nothing stands under a final name but what an undisturbed run writes there."""
        left = contents(self.root / "out")
        other = [
            name for name, content in left.items()
            if self.whole.get(name) != content and f"out/{name}" != but]
        if outcome.status != 0 and not killed and self.kind in SHARING:
            # Files that images share lack those that failed, and are sound all the same.
            other = [name for name in other if not is_sound(self.root / "out" / name)]
        if other:
            tally.lose("torn", f"{self.name(step)}: {outcome}: {other[:3]}")
        if outcome.status == 0 and not killed:
            self.judge_report(f"{self.name(step)}: {outcome}", step, tally)

    def judge_report(self, what, step, tally):
        """A step that has ended with 0 tells of each input, in order, that it is done."""
        report = report_of(step)
        if report is None:
            return
        try:
            found = entries(self.root / report)
        except (ValueError, KeyError, OSError) as error:
            tally.lose("report", f"{what}: {report}: {error!r}")
            return
        if [entry[:2] for entry in found] != self.told[report]:
            tally.lose("report", f"{what}: {report} has lines for other inputs: {found[:3]} …")
        elif not {entry[2] for entry in found} <= {"ok", "skipped"}:
            tally.lose("report", f"{what}: {report} has inputs that are not done: {found[:3]} …")

    def judge_records(self, what, tally):
        """The records of a run that is whole know each output as it is."""
        for arguments in VERIFIED[self.kind]:
            verified = command(arguments, self.root)
            if verified.status != 0:
                tally.lose("records", f"{what}; then {arguments[0]}: {verified}")

    def settle(self, what, begin, tally):
        """Does the steps from `begin` on, undisturbed: they must end well, with all that is due."""
        for step in self.steps[begin:]:
            again = command(step, self.root)
            if again.status != 0:
                tally.lose("stuck", f"{what}; then {step[0]}: {again}")
                return
            self.judge_report(f"{what}; then {step[0]}: {again}", step, tally)
        self.judge_records(what, tally)
        if contents(self.root / "out") != self.whole:
            tally.lose("incomplete", f"{what}; then: {self.differing()}")
        elif half_files(self.root):
            tally.lose("leftover", f"{what}: {half_files(self.root)[:3]}")

    def differing(self):
        left = contents(self.root / "out")
        return [name for name in {*left, *self.whole} if left.get(name) != self.whole.get(name)][:3]


def processes_below(folder):
    """Processes that work in a folder, or whose arguments name it."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            place = os.readlink(process / "cwd")
            named = os.fsencode(f"{folder}/") in (process / "cmdline").read_bytes()
        except OSError:
            continue
        if named or f"{place}/".startswith(f"{folder}/"):
            found.append(int(process.name))
    return [process for process in found if process != os.getpid()]


def contents(folder):
    """The bytes of all files below `folder` that have a final name."""
    found = {}
    for path in sorted(folder.rglob("*")) if folder.exists() else []:
        name = os.fsencode(path.relative_to(folder)).decode(errors="surrogateescape")
        if path.is_file() and not path.name.startswith(OWN) and not is_half(path):
            found[name] = path.read_bytes()
    return found


def report_of(step):
    """Where a step leaves its report, seen from the trial's folder; None where it has none."""
    if step[0] == "merge":
        return "out/report.jsonl"
    if step[0] != "run":
        return None
    if "--shard" in step:
        return f"plan/shards/{int(step[step.index('--shard') + 1]):05}/report.jsonl"
    place = "--state" if "--state" in step else "-o"
    return f"{step[step.index(place) + 1]}/report.jsonl"


def entries(report):
    """The source, the number of the view and the status in each line of a report."""
    lines = report.read_text().split("\n")
    if lines.pop():
        raise ValueError("the last line has no end")
    told = map(json.loads, lines)
    return [(entry["source"], entry.get("view"), entry["status"]) for entry in told]


def is_sound(path):
    """Whether a file of a dataset can be read to its end."""
    try:
        if path.suffix == ".json":
            return bool(json.loads(path.read_text()))
        if path.suffix == ".jsonl":
            lines = path.read_text().splitlines()
            return bool(lines) and all(json.loads(line) for line in lines)
        if path.suffix == ".tar":
            with tarfile.open(path) as tar:
                sizes = [len(tar.extractfile(member).read()) for member in tar]
            return bool(sizes) and ends_as_tar(path)
    except (ValueError, tarfile.TarError, OSError, EOFError):
        return False
    return command(["inspect", path.name, "--json"], path.parent).status == 0


def ends_as_tar(path):
    """Whether a tar file ends with its two blocks of zeros, which many readers do without."""
    content = path.read_bytes()
    return len(content) % 512 == 0 and content.endswith(bytes(1024))


def every_file(folder):
    """The bytes of all files below `folder`, whatever they are called."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def is_half(path):
    return path.name.startswith(".") and "tessera-part" in path.name


def half_files(folder):
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if is_half(path)]


class Tally:
    """Rounds of one part, and what was lost in them. `share`: of the rounds that it has."""

    def __init__(self, part, share=1):
        self.part = part
        self.rounds = 0
        self.disturbed = 0
        self.deaths = 0
        self.losses = []
        self.skipped = []
        self._share = share
        self._lock = threading.Lock()

    def scale(self, count):
        """So many rounds of `count` as this campaign wants; at least one."""
        return max(1, round(count * self._share))

    def died(self):
        """Counts a death that is no loss, once the run is done again."""
        with self._lock:
            self.deaths += 1

    def skip(self, why):
        """Notes a round that could not be begun."""
        with self._lock:
            self.skipped.append(why)

    def round(self, outcome, killed=False):
        """Counts a round, and whether the command noticed: by its status or its end."""
        with self._lock:
            self.rounds += 1
            self.disturbed += outcome.status != 0 or killed

    def lose(self, kind, what):
        """Notes a loss of a `kind`, and where it was seen."""
        with self._lock:
            self.losses.append((kind, what))
