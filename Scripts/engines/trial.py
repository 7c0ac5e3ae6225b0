"""What tests of engines share: photographs, a pipeline that can be held, a run to compare with."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

REPOSITORY = Path(__file__).resolve().parents[2]

# Hands arrays on. Where a file `hold` lies beside it, it waits behind the first, and says so.
HOLD = """#!/usr/bin/env python3
import ast, os, pathlib, sys, time
source, target, first = sys.stdin.buffer, sys.stdout.buffer, True
folder = pathlib.Path(__file__).parent
while start := source.read(10):
    header = source.read(int.from_bytes(start[8:10], "little"))
    size = 4
    for length in ast.literal_eval(header.decode())["shape"]:
        size *= length
    body = source.read(size)
    if not first and (folder / "hold").exists():
        mark = folder / "held" / str(os.getppid())
        mark.touch()
        while (folder / "hold").exists():
            time.sleep(0.05)
        mark.unlink(missing_ok=True)
    first = False
    target.write(start + header + body)
    target.flush()
"""

# Notes the start of a shard, and ends with the next status of fake/SHARD where there is one; where
# `late` stands behind it, once another shard is in the middle.
COMMAND = """#!/usr/bin/env bash
last=
for argument in "$@"; do
  if [ "$last" = --shard ]; then
    echo "$$ $argument" >>'{folder}/starts'
    fake='{folder}/fake/'$argument
    if [ -s "$fake" ]; then
      read -r status late <"$fake"
      sed -i 1d "$fake"
      while [ "$late" ] && [ -z "$(ls '{folder}/held')" ]; do sleep 0.1; done
      exit "$status"
    fi
  fi
  last=$argument
done
exec '{tessera}' "$@"
"""


def fail(message: str) -> NoReturn:
    """Ends the test."""
    raise AssertionError(message)


def check(condition: object, what: str, otherwise: object = "") -> None:
    """Prints what was seen to hold, or ends the test."""
    if not condition:
        fail(f"{what}{f': {otherwise}' if otherwise != '' else ''}")
    print(f"ok: {what}", flush=True)


def wait_for(what: str, condition: Callable[[], object], seconds: float = 60) -> object:
    """Waits until a condition holds, and returns what it gave."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            fail(f"waited {seconds:g} seconds for {what}")
        time.sleep(0.05)
    return value


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not asked for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def words(pid: int) -> list[str]:
    """What a process was started with."""
    try:
        data = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return [word.decode(errors="replace") for word in data.split(b"\0")[:-1]]


def descendants(roots: Iterable[int]) -> list[int]:
    """The processes that others have started, and those that these have."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            children.setdefault(parent(int(name)), []).append(int(name))
    found: list[int] = []
    queue = list(roots)
    while queue:
        for child in children.get(queue.pop(), []):
            found.append(child)
            queue.append(child)
    return found


def listening(pids: Iterable[int]) -> set[str]:
    """The addresses that processes listen on, as /proc has them: 0100007F is 127.0.0.1."""
    sockets = set()
    for pid in pids:
        try:
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                sockets.add(os.readlink(entry))
        except OSError:  # ended, or a file closed, while we looked
            continue
    found = set()
    for name in ("tcp", "tcp6"):
        table = Path(f"/proc/net/{name}")
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                found.add(fields[1].rpartition(":")[0])
    return found


def kill(pids: Iterable[int], number: int = signal.SIGKILL) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def picture(path: Path, number: int) -> None:
    """Writes an RGB PNG of noise on a slope."""
    noise = random.Random(number)
    width, height = 40 + number % 7, 32 + number % 5
    rows = b"".join(
        b"\0" + bytes((3 * x + 2 * y + noise.randrange(90)) % 256 for x in range(width) for _ in "rgb")
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


class Trial:
    """A temporary folder with photographs, a pipeline, and the outputs of one machine."""

    def __init__(self, name: str, images: int = 36) -> None:
        self.real = os.environ.get("TESSERA") or fail("TESSERA has to name the command")
        self.real = shutil.which(self.real) or fail(f"there is no command {self.real}")
        self.folder = Path(tempfile.mkdtemp(prefix=f"tessera-{name}-"))
        self.folder.chmod(0o755)
        self.photos = self.folder / "photos"
        self.starts_file = self.folder / "starts"
        self.logs: list[Path] = []
        self.started: list[subprocess.Popen] = []
        for folder in ("held", "fake"):
            (self.folder / folder).mkdir()
        self._write("hold.py", HOLD)
        self.tessera = str(
            self._write("tessera", COMMAND.format(folder=self.folder, tessera=self.real))
        )
        self._photographs(images)
        self.pipeline = self.folder / "pipeline.json"
        stages = [
            {"stage": "load", "color": "rgb"},
            {"stage": "unfold", "kernel_size": 16, "stride": 12, "edge": "shift"},
            {
                "stage": "transform.command",
                "command": ["./hold.py"],
                "batch": 1024,
                "timeout": 600,
            },
            {"stage": "fold", "normalize": "count"},
            {"stage": "encode", "path": "out", "format": "png"},
        ]
        self.pipeline.write_text(json.dumps({"version": 1, "stages": stages}))
        self.reference = self.folder / "reference"
        one = self.run(
            [self.real, "run", self.pipeline, "-i", self.photos, "-o", self.reference, "--quiet"]
        )
        if one.returncode != 65:  # one input is broken
            fail(f"the run to compare with ended with {one.returncode}: {one.stderr}")

    def _write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def _photographs(self, count: int) -> None:
        samples = sorted((REPOSITORY / "samples").glob("c*-*.*"))
        for number in range(count):
            folder = self.photos / ("a", "b", "b/deep")[number % 3]
            folder.mkdir(parents=True, exist_ok=True)
            picture(folder / f"image{number // 3:03}.png", number)
        for sample in samples[:4]:
            shutil.copy(sample, self.photos / "b")
        (self.photos / "b" / "broken.png").write_bytes(b"broken")

    def run(self, command: list[object]) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, timeout=120
        )

    def start(self, name: str, command: list[object], **options: object) -> subprocess.Popen:
        """Starts a process whose output goes to a file of its own."""
        log = self.folder / f"{name}.log"
        self.logs.append(log)
        with open(log, "ab") as file:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                **options,
            )
        self.started.append(process)
        return process

    def plan(self, name: str, shards: int) -> tuple[Path, Path]:
        """Plans anew, with nothing started yet, and returns the plan's folder and the outputs'."""
        plan, out = self.folder / f"{name}.plan", self.folder / f"{name}.out"
        command = [self.real, "plan", self.pipeline, "-i", self.photos, "-o", out]
        planned = self.run([*command, "--shards", shards, "--plan", plan])
        if planned.returncode:
            fail(f"planning ended with {planned.returncode}: {planned.stderr}")
        self.starts_file.write_text("")
        for fake in (self.folder / "fake").iterdir():
            fake.unlink()
        return plan, out

    def fake(self, shard: int, *statuses: int | str) -> None:
        """Lets the next attempts at a shard end with statuses, nothing done."""
        (self.folder / "fake" / str(shard)).write_text("".join(f"{s}\n" for s in statuses))

    def hold(self) -> None:
        """Lets shards wait behind their first image from now on."""
        (self.folder / "hold").touch()

    def release(self) -> None:
        (self.folder / "hold").unlink(missing_ok=True)

    def starts(self, shard: int | None = None) -> list[tuple[int, int]]:
        """Process and shard of every start so far."""
        lines = self.starts_file.read_text().splitlines()
        pairs = [(int(pid), int(number)) for pid, number in map(str.split, lines)]
        return [pair for pair in pairs if shard is None or pair[1] == shard]

    def held(self) -> list[tuple[int, int]]:
        """Process and shard of the commands that wait behind their first image."""
        marks = {int(mark.name) for mark in (self.folder / "held").iterdir()}
        return [(pid, shard) for pid, shard in self.starts() if pid in marks and alive(pid)]

    def running(self) -> list[int]:
        """The commands and their programs that run, whoever has started them."""
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit() and alive(int(name)):
                said = words(int(name))
                program = said[1:2] == [str(self.folder / "hold.py")]
                command = said[1:2] == ["run"] and any(str(self.folder) in word for word in said)
                if program or command:
                    found.append(int(name))
        return found

    def no_orphans(self, what: str) -> None:
        try:
            wait_for("commands to end", lambda: not self.running(), 15)
        except AssertionError:
            fail(f"{what}: left are {[(pid, words(pid)) for pid in self.running()]}")
        check(True, what)

    def same(self, out: Path) -> None:
        """Checks that outputs are those of one machine, byte for byte."""

        def content(folder: Path) -> dict[str, bytes]:
            files = {}
            for path in sorted(folder.rglob("*")):
                name = str(path.relative_to(folder))
                if path.is_dir() or any(part.startswith(".tessera-") for part in Path(name).parts):
                    continue
                files[name] = path.read_bytes()
                if name == "report.jsonl":
                    lines = [json.loads(line) for line in files[name].splitlines()]
                    for line in lines:
                        line.pop("seconds", None)
                    files[name] = json.dumps(lines).encode()
            return files

        ours, theirs = content(out), content(self.reference)
        wrong = sorted(n for n in ours.keys() | theirs.keys() if ours.get(n) != theirs.get(n))
        check(
            len(ours) > 20 and not wrong,
            f"{len(ours)} files in {out.name} are those of one machine, byte for byte",
            f"not the same are {wrong}",
        )

    def ends(self, process: subprocess.Popen, what: str, seconds: float = 90) -> int:
        """Waits for a process to end, and returns its status."""
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            fail(f"waited {seconds:g} seconds for {what} to end")

    def close(self, failed: bool) -> None:
        """Ends what was started, shows what it said where the test has failed, and cleans up."""
        self.release()
        pids = [process.pid for process in self.started if process.poll() is None]
        kill([*descendants(pids), *pids, *self.running()])
        for process in self.started:
            process.wait(10)
        if failed:
            for log in dict.fromkeys(self.logs):
                print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-60:], sep="\n")
            print("--- starts", self.starts_file.read_text(), sep="\n")
        shutil.rmtree(self.folder, ignore_errors=True)


def main(name: str, test: Callable[[Trial], None], **options: object) -> NoReturn:
    """Runs a test in a folder of its own."""
    trial = None
    failed = True
    try:
        trial = Trial(name, **options)
        trial.starts_file.touch()
        test(trial)
        failed = False
    except Exception as error:
        print(f"FAILED: {error}", flush=True)
        if not isinstance(error, AssertionError):
            raise
    finally:
        if trial:
            trial.close(failed)
    sys.exit(1 if failed else 0)
