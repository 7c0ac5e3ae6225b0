"""The tables of docs/from/: what is on the left, and the stages on the right, on the same images.

The last column of a row says how far results are apart in any value, on the scale of the result:
`0`, `at most N`, or `more than N` where they are alike and not the same. Rows of torch.md want
PyTorch, which TESSERA_TORCH names a Python of. TESSERA_SHOW=1 prints what is measured.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import cv2
import numpy as np

from pagetext import ROOT
from place import Place

ROW = re.compile(r"^\| (?P<there>`.+`) \| (?P<here>`.+`) "
                 r"\| (?P<apart>0|at most [\d.e-]+|more than [\d.]+) \|$")
SAMPLES = {
    "photo": ["chelsea-rgb.png", "astronaut.jpg"],
    "gray": ["camera-gray.jpg", "brick-interlaced.png"], "deep": ["hubble-rgb16.png"],
    "clear": ["coffee-rgba.png"], "turned": ["chelsea-rotated.jpg"]}
ENDINGS = (".png", ".npy", ".jpg", ".tif", ".webp")


def rows(name):
    """The rows of tables that say how far two sides are apart: code, stages, and that."""
    found, tried = [], False
    text = (ROOT / f"docs/from/{name}.md").read_text("utf-8")
    for line in text.splitlines():
        tried = line.endswith("| apart |") or tried and line.startswith("|")
        if tried and line.startswith("| `"):
            row = ROW.match(line)
            assert row, f"docs/from/{name}.md: no row that can be tried: {line}"
            there = " ".join(re.findall(r"`([^`]+)`", row["there"])).replace("\\|", "|")
            here = "[" + ", ".join(re.findall(r"`([^`]+)`", row["here"])) + "]"
            found.append((there, json.loads(here), row["apart"]))
    return found


def allows(apart, difference):
    """Whether a difference is as the row says."""
    word, _, bound = apart.rpartition(" ")
    if word == "more than":
        return difference > float(bound)
    return difference <= float(bound)


def apart(one, other):
    """The largest difference of two results; more than any, where they have other shapes."""
    if one.shape != other.shape:
        return float("inf")
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())


class From(unittest.TestCase):
    """What pages have in common."""

    def setUp(self):
        self.place = Place(self)
        self.folder = self.place.folder

    def image_of(self, there):
        """Which kind of image a row is about."""
        return next((kind for kind in SAMPLES if re.search(rf"\b{kind}\b", there)), "photo")

    def inputs(self, kind):
        """The images of a kind, under its name."""
        for sample in SAMPLES[kind]:
            suffix = ".jpg" if kind == "turned" else ".png"
            path = self.folder / f"{kind}{suffix}"
            if sample.endswith(suffix):
                shutil.copy(ROOT / "samples" / sample, path)
            else:
                self.stages(ROOT / "samples" / sample, [], path)
            yield path

    def stages(self, path, stages, output=None):
        """What stages make of an image: an array of (H, W, C) or of whatever `encode` writes."""
        stages = list(stages)
        if not stages or stages[0]["stage"] != "load":
            stages.insert(0, {"stage": "load"})
        if stages[-1]["stage"] != "encode":
            stages.append({"stage": "encode", "format": "png" if output else "npy"})
        pipeline = self.folder / "row.json"
        pipeline.write_text(json.dumps({"version": 1, "stages": stages}))
        shutil.rmtree(self.folder / "made", ignore_errors=True)
        status, said = self.place.run(
            "tessera", "run", "row.json", str(path), "--overwrite", "-o", str(output or "made"))
        self.assertEqual(status, 0, f"{stages}: {said}")
        if output:
            return None
        return [self.read(path) for path in made(self.folder / "made")]

    @staticmethod
    def read(path):
        """An image as (C, H, W), or an array as it is."""
        if path.suffix == ".npy":
            return np.load(path)
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image.ndim == 2:
            return image[None]
        return np.concatenate([image[..., 2::-1], image[..., 3:]], 2).transpose(2, 0, 1)

    def check(self, name, least, there):
        """Tries every row of a page; `there` gives what its left side makes of a file."""
        table = rows(name)
        self.assertGreaterEqual(len(table), least)
        for code, stages, said in table:
            with self.subTest(code):
                largest = 0.0
                for path in self.inputs(self.image_of(code)):
                    theirs, ours = there(code, path), self.stages(path, stages)
                    self.assertEqual(len(theirs), len(ours), code)
                    largest = max([largest, *map(apart, theirs, ours)])
                if os.environ.get("TESSERA_SHOW"):
                    print(f"{name}: {largest:g} ({said}): {code}", file=sys.stderr)
                self.assertTrue(allows(said, largest), f"{code}: {said} is said, {largest} found")


def made(folder):
    """The outputs in a folder, in the order of the numbers in their names."""
    files = [path for path in folder.rglob("*") if path.suffix in ENDINGS]
    return sorted(files, key=lambda path: [
        int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name)])


class OpenCV(From):
    """docs/from/opencv.md."""

    def there(self, code, path):
        names = {"cv2": cv2, "np": np, "numpy": np}
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            for kind in SAMPLES:
                if re.search(rf"\b{kind}\b", code):
                    names[kind] = cv2.imread(path.name, {
                        "gray": cv2.IMREAD_GRAYSCALE, "deep": cv2.IMREAD_UNCHANGED}.get(
                            kind, cv2.IMREAD_COLOR))
            result = eval(code, names)
        finally:
            os.chdir(before)
        if isinstance(result, tuple):
            return [np.stack(result)]
        return [result[None] if result.ndim == 2 else result[..., ::-1].transpose(2, 0, 1)]

    def test_rows(self):
        self.check("opencv", 20, self.there)


class Commands(From):
    """Rows whose left side is a command that makes made.png, or several files of such a name."""

    def there(self, code, path):
        shutil.rmtree(self.folder / "theirs", ignore_errors=True)
        (self.folder / "theirs").mkdir()
        status, said = self.place.type(
            f"cp '{path.name}' theirs; cd theirs; {code}; rm '{path.name}'")
        self.assertEqual(status, 0, f"{code}: {said}")
        return [self.read(path) for path in made(self.folder / "theirs")
                if path.name.startswith("made")]

    def test_imagemagick(self):
        self.check("imagemagick", 15, self.there)

    def test_libvips(self):
        self.check("libvips", 15, self.there)


class Torch(From):
    """docs/from/torch.md."""

    program = """
import sys, numpy, torch, torch.nn.functional as F
code, source, target = sys.argv[1:]
x = torch.from_numpy(numpy.load(source)).float()[None]
numpy.save(target, eval(code, {"torch": torch, "F": F, "x": x, "numpy": numpy}).numpy())
"""

    def there(self, code, path):
        array, = self.stages(path, [{"stage": "load", "dtype": "float32"}])
        np.save(self.folder / "x.npy", array)
        subprocess.run(
            [os.environ["TESSERA_TORCH"], "-c", self.program, code, "x.npy", "y.npy"],
            cwd=self.folder, check=True)
        result = np.load(self.folder / "y.npy")
        return [result[0] if result.ndim > 2 and len(result) == 1 else result]

    def test_rows_can_be_read(self):
        for code, stages, _ in rows("torch"):
            self.stages(next(self.inputs("photo")), stages)
            compile(code, "docs/from/torch.md", "eval")

    @unittest.skipUnless(os.environ.get("TESSERA_TORCH"), "TESSERA_TORCH names no PyTorch")
    def test_rows(self):
        self.check("torch", 15, self.there)


class Notice(unittest.TestCase):
    """What is wrong in a table is noticed."""

    def test_bounds(self):
        self.assertTrue(allows("0", 0) and allows("at most 1", 1) and allows("more than 5", 6))
        self.assertFalse(allows("0", 1) or allows("at most 1", 1.5) or allows("more than 5", 5))
        self.assertEqual(apart(np.zeros((1, 2)), np.zeros((2, 1))), float("inf"))

    def test_rows(self):
        for name in ("opencv", "imagemagick", "libvips", "torch"):
            self.assertTrue(any(said == "0" for _, _, said in rows(name)), name)


if __name__ == "__main__":
    unittest.main()
