"""Random chains with learned transforms and programs among them: what changes nothing, changes nothing."""

import json
import subprocess
import sys
import unittest

import numpy as np
from PIL import Image

from workshop import SAMPLES, TESSERA, Workshop

IDENTITY = """
import sys
from types import SimpleNamespace
from numpy.lib import format
source = SimpleNamespace(read=sys.stdin.buffer.read)
target = SimpleNamespace(write=sys.stdout.buffer.write)
while sys.stdin.buffer.peek(1):
    format.write_array(target, format.read_array(source))
    sys.stdout.buffer.flush()
"""
IMAGES = ["chelsea-rgb.png", "coffee-rgba.png", "clock-gray-alpha.png", "cell-gray16.png"]
SEEDS = range(24)


class Neighbours(Workshop):
    """Chains made from seeds, run with and without a stage that changes nothing."""

    def setUp(self):
        super().setUp()
        (self.root / "identity.py").write_text(IDENTITY)
        self.command = {
            "stage": "transform.command", "command": [sys.executable, "identity.py"], "batch": 7}

    def chain(self, seed):
        """load, what stands before the patches, the window, transforms, and what follows them."""
        random = np.random.default_rng(seed)

        def pick(*choices):
            return choices[random.integers(len(choices))]

        load = pick({}, {"color": "gray"}, {"color": "rgb"}, {"alpha": "premultiply"})
        before = pick(
            [], [{"stage": "normalize"}], [{"stage": "normalize", "mean": 0.4, "std": 0.3}],
            [{"stage": "resize", "size": 61}], [{"stage": "median", "kernel_size": 3}])
        before = [{"stage": "crop", "size": [75, 83]}, *before]
        cut = {"stage": "unfold", "kernel_size": pick(4, [3, 5]), "stride": pick(2, [3, 4], 5),
               "edge": pick("drop", "shift", "pad")}
        cut |= pick({}, {"halo": 2}, {"halo": 1, "padding_mode": "reflect"}, {"dilation": 2})
        transforms = pick(
            [], [{"stage": "transform.mean_removal"}], [{"stage": "transform.clip", "max": 0.5}],
            [{"stage": "transform.median", "kernel_size": 3}],
            [{"stage": "transform.contrast_normalize"}])
        after = pick(
            [{"stage": "fold", "uncovered": "zero"}],
            [{"stage": "fold", "uncovered": "zero", "normalize": "window", "window": pick("hann", "crop", "gaussian")}],
            [{"stage": "transform.reduce", "kind": pick("mean", "max")}], [])
        dilates = "dilation" in cut
        if dilates and after and after[0].get("window") == "crop":
            after = [{"stage": "fold", "uncovered": "zero"}]
        return load, before, cut, transforms, after

    def outputs(self, name, load, stages, arguments=()):
        """Every array that the stages make of the samples; `None` where they are refused."""
        load = {"stage": "load", "path": str(SAMPLES)} | load
        encode = {"stage": "encode", "format": "npy"}
        inputs = [word for image in IMAGES for word in ("-i", str(SAMPLES / image))]
        done = self.run_pipeline([load, *stages, encode], name, [*inputs, "-q", *arguments])
        if done.returncode not in (0, 65):
            return done.returncode, done.stderr
        self.assertNotIn("internal", done.stderr)
        folder = self.root / name
        return done.returncode, {
            str(path.relative_to(folder)): np.load(path) for path in folder.rglob("*.npy")}

    def test_program(self):
        """A program that gives back what it got, before and behind the transforms."""
        compared = 0
        for seed in SEEDS:
            load, before, cut, transforms, after = self.chain(seed)
            status, plain = self.outputs(f"plain{seed}", load, [*before, cut, *transforms, *after])
            for place, patches in {
                "first": [self.command, *transforms], "last": [*transforms, self.command],
            }.items():
                with self.subTest(seed=seed, place=place):
                    found, made = self.outputs(
                        f"{place}{seed}", load, [*before, cut, *patches, *after])
                    self.assertEqual(found, status, made if found not in (0, 65) else "")
                    if status not in (0, 65):
                        continue
                    self.assertEqual(made.keys(), plain.keys())
                    for name, values in plain.items():
                        compared += 1
                        np.testing.assert_array_equal(made[name], values.astype(made[name].dtype))
        self.assertGreater(compared, 100)

    def test_all_directions(self):
        """PCA that keeps every direction rebuilds its patches."""
        compared = 0
        for seed in SEEDS:
            load, before, cut, transforms, after = self.chain(seed)
            load["color"] = "gray"
            load.pop("alpha", None)
            if {"stage": "resize", "size": 61} in before:
                before = before[:1]
            status, plain = self.outputs(f"plain{seed}", load, [*before, cut, *transforms, *after])
            if status != 0:
                continue
            learned = self.root / f"learned{seed}.safetensors"
            pca = {"stage": "transform.pca", "statistics": str(learned), "reconstruct": True,
                   "components": self.window(cut)}
            stages = [*before, cut, *transforms, pca, *after]
            file = self.root / "fit.json"
            encode = {"stage": "encode", "format": "npy", "path": "x"}
            first = {"stage": "load", "path": str(SAMPLES)} | load
            file.write_text(json.dumps({"version": 1, "stages": [first, *stages, encode]}))
            inputs = [word for image in IMAGES for word in ("-i", str(SAMPLES / image))]
            done = subprocess.run(
                [TESSERA, "fit", str(file), *inputs, "-o", str(learned), "-q"],
                capture_output=True, text=True, timeout=300, check=False)
            # Means of patches whose mean is gone are rounding errors: what counts is what was there.
            full = 1 if any(stage["stage"] == "normalize" for stage in before) else 255
            with self.subTest(seed=seed):
                self.assertEqual(done.returncode, 0, done.stderr)
                found, made = self.outputs(f"pca{seed}", load, stages)
                self.assertEqual(found, 0, made if found else "")
                for name, values in plain.items():
                    compared += 1
                    scale = max(full, np.abs(values.astype(float)).max())
                    self.assertLess(np.abs(made[name] - values.astype(float)).max() / scale, 1e-4)
        self.assertGreater(compared, 40)

    def test_spread_colours(self):
        """Transposed convolution of premultiplied colours: products over the opacity beneath them."""
        kernel = np.array([[0.25, 0.5, 0.1], [0.3, 1, 0.2], [0.05, 0.4, 0.15]], np.float32)
        (self.root / "in").mkdir()
        images = {}
        for mode, channels in (("RGBA", 4), ("LA", 2)):
            values = self.random.integers(0, 256, (9, 11, channels)).astype(np.uint8)
            values[..., -1] |= 1
            Image.fromarray(values, mode).save(self.root / "in" / f"{mode}.png")
            images[mode] = values.transpose(2, 0, 1).astype(float)
        out = self.run_stages(
            {"stage": "convolve_transpose", "kernels": kernel.tolist(), "stride": 2},
            {"stage": "encode", "format": "npy"}, load={"alpha": "premultiply"})
        for mode, image in images.items():
            opacity = image[-1:] / 255
            products = np.concatenate([image[:-1] * opacity, opacity])
            spread = np.zeros((len(image), 19, 23))
            for y, x in np.ndindex(9, 11):
                spread[:, 2 * y:2 * y + 3, 2 * x:2 * x + 3] += products[:, y, x, None, None] * kernel
            expected = np.concatenate([spread[:-1] / spread[-1], 255 * spread[-1:]])
            np.testing.assert_allclose(np.load(out / f"{mode}.npy"), expected, atol=1e-3)

    @staticmethod
    def window(cut):
        """How many values a patch of one channel has."""
        sides = cut["kernel_size"]
        height, width = sides if isinstance(sides, list) else (sides, sides)
        halo = 2 * cut.get("halo", 0)
        return (height + halo) * (width + halo)


if __name__ == "__main__":
    unittest.main()
