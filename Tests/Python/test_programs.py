"""Programs of docs/examples, and some that go wrong, run by the command."""

import importlib.util
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

import numpy as np

from workshop import TESSERA, Workshop

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"

START = """
import os, sys, time
from types import SimpleNamespace
import numpy as np
from numpy.lib import format
source = SimpleNamespace(read=sys.stdin.buffer.read)
out = sys.stdout.buffer
target = SimpleNamespace(write=out.write)
while sys.stdin.buffer.peek(1):
    x = format.read_array(source)
"""


class Programs(Workshop):
    """transform.command with programs in Python."""

    def setUp(self):
        super().setUp()
        # Programs begin with env: the Python that has NumPy comes first.
        path = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", path)
        os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{path}"
        self.cut = {"stage": "unfold", "kernel_size": 8, "stride": 6, "edge": "shift"}

    def stage(self, answer, **keys):
        """A stage whose program answers a batch with some lines of Python."""
        lines = "".join(f"    {line}\n" for line in answer.splitlines())
        (self.root / "program.py").write_text(START + lines + "    out.flush()\n")
        command = [sys.executable, "program.py"]
        return {"stage": "transform.command", "command": command} | keys

    def images(self):
        return {f"{index}": self.array(f"{index}.npy", (3, 20 + index, 31))
                for index in range(4)}

    def read(self, folder, images):
        return {name: np.load(folder / f"{name}.npy") for name in images}

    def test_identity(self):
        images = self.images()
        stage = self.stage("format.write_array(target, x)")
        for jobs in ("1", "3"):
            out = self.run_stages(
                self.cut, stage, {"stage": "fold"}, {"stage": "encode", "format": "npy"},
                output=f"out{jobs}", arguments=["-j", jobs])
            for name, found in self.read(out, images).items():
                np.testing.assert_array_equal(found, images[name])

    def test_upscale(self):
        images = self.images()
        stage = {"stage": "transform.command", "scale": 2,
                 "command": [str(DOCS / "examples" / "upscale.py")]}
        out = self.run_stages(
            self.cut, stage, {"stage": "fold"}, {"stage": "encode", "format": "npy"})
        for name, found in self.read(out, images).items():
            np.testing.assert_array_equal(found, images[name].repeat(2, 1).repeat(2, 2))

    def test_page(self):
        page = (DOCS / "commands.md").read_text("utf-8")
        program = (DOCS / "examples" / "upscale.py").read_text("utf-8")
        shown = re.search("```python\n(.*?)```", page, re.S)[1]
        self.assertEqual("#!/usr/bin/env python3\n" + shown, program)
        for name in ("upscale", "denoise"):
            path = DOCS / "examples" / f"{name}.py"
            self.assertTrue(os.access(path, os.X_OK))
            self.assertLess(len(path.read_text("utf-8").splitlines()), 20)

    @unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not here")
    def test_denoise(self):
        image = self.array("a.npy", (1, 24, 30))
        stage = {"stage": "transform.command", "timeout": 300,
                 "command": [str(DOCS / "examples" / "denoise.py")]}
        out = self.run_stages(
            {"stage": "unfold", "kernel_size": [24, 30]}, stage, {"stage": "fold"},
            {"stage": "encode", "format": "npy"})
        wide = np.pad(image, ((0, 0), (1, 1), (1, 1)), "edge")
        windows = np.lib.stride_tricks.sliding_window_view(wide, (3, 3), (1, 2))
        np.testing.assert_array_equal(np.load(out / "a.npy"), np.median(windows, (3, 4)))

    faults = {
        "raise RuntimeError('no model')": "RuntimeError: no model",
        "time.sleep(1000)": "has not answered within 1 s",
        "format.write_array(target, x[:, :, 1:])": "wrote an array of shape",
        "format.write_array(target, x[1:])": "wrote an array of shape",
        "out.write(b'hello')": "wrote something else than an .npy array",
        "format.write_array(target, x)\nout.write(b'x')": "wrote more than",
        "out.write(b'\\x93NUMPY')\nout.flush()\nsys.exit()": "ended with status 0",
        "format.write_array(target, x / 3)\nformat.write_array(target, x)": "wrote more than",
        "format.write_array(target, x.astype(float) / 3)": "is not exact in float32",
        "os._exit(4)": "ended with status 4",
    }

    def test_faults(self):
        images = self.images()
        for name, image in images.items():
            image[0, 0, 0] = 255 if name == "2" else 0
            np.save(self.root / "in" / f"{name}.npy", image)
        for number, (answer, sentence) in enumerate(self.faults.items()):
            bad = "".join(f"    {line}\n" for line in answer.splitlines())
            stage = self.stage(
                f"if x[0, 0, 0, 0] == 255:\n{bad}else:\n    format.write_array(target, x)",
                timeout=1 if "sleep" in answer else 60)
            for jobs in ("1", "2"):
                out = self.run_stages(
                    self.cut, stage, {"stage": "fold"}, {"stage": "encode", "format": "npy"},
                    output=f"out{number}-{jobs}", arguments=["-j", jobs], status=65)
                self.assertIn("1 input failed (program)", self.errors, answer)
                self.assertIn(sentence, self.errors, answer)
                self.assertFalse((out / "2.npy").exists())
                for name in ("0", "1", "3"):
                    np.testing.assert_array_equal(np.load(out / f"{name}.npy"), images[name])

    def test_kill(self):
        self.array("a.npy", (1, 16, 16))
        stage = self.stage(
            "if os.fork() == 0: time.sleep(1000)\n"
            "open('pids', 'a').write(f'{os.getpid()} ')\ntime.sleep(1000)")
        (self.root / "p.json").write_text(json.dumps({"version": 1, "stages": [
            {"stage": "load", "path": "in"}, self.cut, stage,
            {"stage": "encode", "format": "npy"}]}))
        run = subprocess.Popen([TESSERA, "run", "p.json", "-o", "out", "--quiet"], cwd=self.root)
        pids = self.root / "pids"
        self.wait(lambda: pids.exists() and pids.read_text().endswith(" "))
        group = int(pids.read_text().split()[0])
        os.killpg(group, 0)
        run.send_signal(signal.SIGKILL)
        run.wait()

        def gone():
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return True
            return all(
                ") Z " in self.state(pid) for pid in os.listdir("/proc")
                if pid.isdigit() and f" {group} " in self.state(pid))

        self.wait(gone)

    def state(self, pid):
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ") Z "

    def wait(self, condition):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)


if __name__ == "__main__":
    unittest.main()
