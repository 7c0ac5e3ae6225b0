"""The suites of the built tests: what each takes and reaches, and whether it notices a fault."""

import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from affinity import Affinity
from tree import digest, folder_of, say

# Suites that take longer are asked only about what no other one reaches, which is looked for in
# that time [s].
SLOW = 150
# The most that such a suite takes with a fault [s].
LONGEST = 900
FAILURE = "✘"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Outcome:
    """How a suite ended."""

    passed: bool
    seconds: float
    # The line that tells of the first failure, or what ended the process.
    reason: str = ""
    is_hang: bool = False


class Suites:
    """All suites of a tree, with what is known of them from an earlier run."""

    def __init__(self, tree, jobs):
        self.tree, self.jobs = tree, jobs
        self.store = tree.work / "reach.json"
        self.known = {}
        self.groups, self.lock = set(), threading.Lock()
        self.scratch = tree.work / "seen"
        self.affinity = Affinity(tree)

    # MARK: What suites reach

    def names(self):
        """The suites, as `Target.Suite`; tests outside of one are left out."""
        done = subprocess.run(
            [self.tree.bundle, "--testing-library", "swift-testing", "--list-tests"],
            cwd=self.tree.root, capture_output=True, text=True, check=True)
        return sorted({line.split("/")[0] for line in done.stdout.splitlines() if "/" in line})

    def look(self):
        """Runs every suite without a fault, unless tests and sources were the same before."""
        before = json.loads(self.store.read_text()) if self.store.exists() else {}
        sources, wanted = self.tree.key, []
        for name in self.names():
            key = f"{sources} {self._digest(name)}"
            entry = before.get(name, {})
            # One that failed may have failed in a bad moment.
            if entry.get("key") == key and (entry["passed"] or entry["is_slow"]):
                self.known[name] = entry
            else:
                wanted.append((name, key))
        if wanted:
            say(f"running {len(wanted)} suites without a fault, to see what each reaches")
        self.for_each(wanted, lambda pair: self._look(*pair))
        # What failed beside others gets a second chance alone.
        for name, key in wanted:
            if not self.known[name]["passed"] and not self.known[name]["is_slow"]:
                self._look(name, key)
        failing = [name for name, entry in self.known.items()
                   if not entry["passed"] and not entry["is_slow"]]
        for name in failing:
            say(f"left out, since it fails without a fault: {name}: {self.known[name]['reason']}")

    def _digest(self, name):
        """A digest of what a suite is made of: its files, and what its target's suites share."""
        target = name.split(".")[0]
        others = {path for suite, paths in self.affinity.files.items()
                  if suite != name and suite.endswith("Tests") for path in paths}
        shared = ("Tests/TesseraTestSupport/", "Tests/RandomPipelines/", "Package.swift")
        return digest(
            path for path in self.tree.tracked
            if path.startswith(shared) or path in self.affinity.files.get(name, ())
            or path.startswith(folder_of(target)) and path not in others)

    def _look(self, name, key):
        folder = self.scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        outcome = self.run(name, {"TESSERA_MUTANTS_SEEN": str(folder)}, SLOW, stops=False)
        entry = {
            "key": key, "seconds": round(outcome.seconds, 2), "passed": outcome.passed,
            "is_slow": outcome.is_hang, "reason": outcome.reason,
            "seen": sorted(int(path.name) for path in folder.iterdir())}
        # Whatever ends this run, the next one need not look again.
        with self.lock:
            self.known[name] = entry
            self._save()
        shutil.rmtree(folder, ignore_errors=True)

    def _save(self):
        self.store.write_text(json.dumps(self.known, indent=0, sort_keys=True))

    def reaching(self, fault, slow=False):
        """The suites that reach a fault: first the quick ones, which speak of the same things."""
        names = [name for name, entry in self.known.items() if fault.number in entry["seen"]
                 and (entry["is_slow"] if slow else entry["passed"])]
        return sorted(names, key=lambda name: self.known[name]["seconds"] / (
            0.05 + self.affinity.between(fault, name)) ** 2)

    def limit(self, name):
        """The most seconds that a suite takes: what takes longer hangs."""
        entry = self.known[name]
        return LONGEST if entry["is_slow"] else 4 * entry["seconds"] + 30

    # MARK: Running

    def for_each(self, things, body):
        """Calls `body` with each of some things, several at once; ends what runs if that fails."""
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                list(pool.map(body, things))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self.end_all()
                raise

    def run(self, name, environment, most, stops=True):
        """Runs a suite for at most some seconds, to its first failure or to its end."""
        # A suite that is ended removes nothing.
        folder = tempfile.mkdtemp(prefix="tessera-mutants-")
        places = {"TMPDIR": folder, "TESSERA_FUZZ_FOLDER": folder}
        try:
            return self._run(name, environment | places, most, stops)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, name, environment, most, stops):
        begin = time.monotonic()
        process = subprocess.Popen(
            [self.tree.bundle, "--testing-library", "swift-testing",
             "--filter", f"^{re.escape(name)}/"],
            cwd=self.tree.root, env=os.environ | environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        with self.lock:
            self.groups.add(process.pid)
        try:
            reason, is_hang = self._follow(process, begin + most, stops)
        finally:
            end(process)
            with self.lock:
                self.groups.discard(process.pid)
        if not reason and not is_hang and process.returncode != 0:
            reason = f"exit status {process.returncode}"
        return Outcome(
            not reason and not is_hang, time.monotonic() - begin, reason, is_hang)

    def _follow(self, process, deadline, stops):
        """Reads what a suite says: the first failure, and whether its time ran out."""
        reason, rest = "", b""
        os.set_blocking(process.stdout.fileno(), False)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                selector.select(min(left, 0.2))
                text = process.stdout.read()
                *lines, rest = (rest + (text or b"")).split(b"\n")
                for line in lines:
                    line = COLOURS.sub("", line.decode(errors="replace"))
                    if line.startswith(FAILURE) and not reason:
                        reason = line
                if (reason and stops) or text == b"":
                    break
                # A process that the tests have left behind may hold the pipe.
                if not text and process.poll() is not None:
                    break
            else:
                return reason, True
        if text == b"" and not (reason and stops):
            try:
                process.wait(max(deadline - time.monotonic(), 1))
            except subprocess.TimeoutExpired:
                return reason, True
        return reason, False

    def end_all(self):
        """Ends what is still running of what this has started."""
        with self.lock:
            for group in self.groups:
                kill(group)


def end(process):
    """Ends a process with all that it has started."""
    kill(process.pid)
    process.stdout.close()
    process.wait()


def kill(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
