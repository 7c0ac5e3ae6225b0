"""Runs the command on small inputs, and reads what it wrote."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

TESSERA = os.environ["TESSERA"]
SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"


class Workshop(unittest.TestCase):
    """A folder of inputs for each test."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        self.random = np.random.default_rng(7)

    def array(self, name, shape, dtype="uint8"):
        """Saves noise of (C, H, W) below `in`, and gives it."""
        path = self.root / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        values = self.random.integers(0, 256, shape).astype(dtype)
        np.save(path, values)
        return values

    def run_stages(self, *stages, output="out", arguments=(), status=0, load=None):
        """Runs stages on `in`, and gives the output folder."""
        first = {"stage": "load", "path": "in"} | (load or {})
        done = self.run_pipeline([first, *stages], output, arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        self.errors = done.stderr
        return self.root / output

    def run_pipeline(self, stages, output="out", arguments=()):
        """Runs all stages of a pipeline, and gives how that ended."""
        (self.root / "p.json").write_text(json.dumps({"version": 1, "stages": stages}))
        return subprocess.run(
            [TESSERA, "run", "p.json", "-o", output, *arguments],
            cwd=self.root, capture_output=True, text=True, timeout=300)

    def index(self, folder):
        """dataset.json and the lines of images.jsonl."""
        dataset = json.loads((folder / "dataset.json").read_text())
        rows = [json.loads(line) for line in (folder / "images.jsonl").read_text().splitlines()]
        return dataset, rows


def tokens(image, side, stride=None):
    """Patches of (C, H, W), one row each, over channel, row and column: the slow way."""
    stride = stride or side
    channels, height, width = image.shape
    return np.stack([
        image[:, y:y + side, x:x + side].reshape(-1)
        for y in range(0, height - side + 1, stride)
        for x in range(0, width - side + 1, stride)])
