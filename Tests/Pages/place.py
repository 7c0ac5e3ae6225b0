"""A folder like the one that pages take for granted, and a shell in it."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from pagetext import ROOT

TESSERA = pathlib.Path(os.environ.get("TESSERA", ROOT / ".build/debug/tessera"))


class Place:
    """A new folder with samples/ and Pipelines/, the command on PATH, and this Python."""

    def __init__(self, test):
        holder = tempfile.TemporaryDirectory()
        test.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        self.folder = self.root / "folder"
        for name in ("samples", "Pipelines", "docs/examples"):
            shutil.copytree(ROOT / name, self.folder / name)
        programs = self.root / "programs"
        programs.mkdir()
        (programs / "tessera").symlink_to(TESSERA)
        path = f"{programs}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = os.environ | {
            "PATH": path, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(ROOT / "Python")}

    def type(self, lines, timeout=300):
        """Types lines into a shell; its status, and what came on either stream."""
        return self.run("bash", "-eo", "pipefail", "-c", lines, timeout=timeout)

    def python(self, program):
        return self.run(sys.executable, "-c", program)

    def run(self, *words, timeout=300):
        done = subprocess.run(
            words, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        return done.returncode, done.stdout
