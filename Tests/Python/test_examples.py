"""The programs of docs/datasets.md, on what the command writes."""

import contextlib
import importlib.util
import io
import os
import pathlib
import re
import sys
import types
import unittest

import numpy as np
import webdataset  # Looks for torch by itself, before anything stands in for it.

from workshop import Workshop, tokens

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "datasets.md").read_text("utf-8")
WHOLE_PROGRAMS = ["training.py"]


def torch():
    """PyTorch, or what the examples ask of it."""
    if importlib.util.find_spec("torch"):
        import torch

        return torch
    data = types.SimpleNamespace(Dataset=object, IterableDataset=object)
    stand_in = types.ModuleType("torch")
    stand_in.utils = types.SimpleNamespace(data=data)
    stand_in.from_numpy = lambda array: array
    return stand_in


def example(name):
    """The names that a file of docs/examples defines."""
    missing = object()
    before = sys.modules.get("torch", missing)
    sys.modules["torch"] = torch()
    try:
        spec = importlib.util.spec_from_file_location(name, DOCS / "examples" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        if before is missing:
            del sys.modules["torch"]
        else:
            sys.modules["torch"] = before


class Examples(Workshop):
    """Files of docs/examples."""

    cut = {"stage": "unfold", "kernel_size": 8, "stride": 8}

    def inputs(self, sizes):
        return {f"{number}": self.array(f"{number}.npy", (3, *size))
                for number, size in enumerate(sizes)}

    def check(self, samples, images):
        self.assertEqual([key for _, key in samples], sorted(images))
        for found, key in samples:
            np.testing.assert_array_equal(np.asarray(found), tokens(images[key], 8))

    def test_npy(self):
        images = self.inputs([(16, 24), (8, 8), (41, 30), (16, 16), (9, 50)])
        joined = self.run_stages(
            self.cut, {"stage": "encode", "format": "npy", "images_per_shard": 2})
        read = example("npy_patches").NpyPatches(joined)
        self.check([read[index] for index in range(len(read))], images)
        stacked = self.run_stages(
            {"stage": "crop", "size": 16}, self.cut,
            {"stage": "encode", "format": "npy", "images_per_shard": 2}, output="stacked")
        read = example("npy_patches").NpyPatches(stacked)
        self.assertEqual(len(read), 5)
        self.assertEqual({tuple(read[index][0].shape) for index in range(5)}, {(4, 192)})
        np.testing.assert_array_equal(np.asarray(read[3][0]), tokens(images["3"], 8))

    def test_webdataset(self):
        images = self.inputs([(16, 24), (8, 8), (41, 30), (16, 16), (9, 50)])
        folder = self.run_stages(
            self.cut, {"stage": "encode", "format": "webdataset", "images_per_shard": 2})
        web = example("webdataset_patches").WebPatches
        self.check(list(web(folder)), images)
        shuffled = list(web(folder, shuffle=100))
        self.check(sorted(shuffled, key=lambda sample: sample[1]), images)

    def test_lengths(self):
        for path in (DOCS / "examples").glob("*.py"):
            text = path.read_text("utf-8")
            body = text[max(text.find("\nclass "), 0):].strip().splitlines()
            self.assertLess(len(body), 32 if path.name in WHOLE_PROGRAMS else 21, path.name)


class Page(Workshop):
    """docs/datasets.md."""

    programs = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    def test_files_stand_on_the_page(self):
        commands = (DOCS / "commands.md").read_text("utf-8")
        for path in (DOCS / "examples").glob("*.py"):
            if path.name in WHOLE_PROGRAMS:
                continue  # Python/tests has them.
            if path.stem.endswith("_patches"):
                self.assertIn(path.read_text("utf-8"), self.programs, path.name)
            else:
                self.assertIn(f"(examples/{path.name})", commands)

    def test_programs_run(self):
        """Each in a folder with what the line above it names."""
        for name, width in (("a/1", 70), ("a/2", 64), ("b/1", 96), ("b/2", 65)):
            self.array(f"{name}.npy", (3, 64, width))
        cut = {"stage": "unfold", "kernel_size": 32, "stride": 32}
        for name, stage in {
                "npy": {"format": "npy", "images_per_shard": 3},
                "safetensors": {"format": "safetensors", "images_per_shard": 3},
                "webdataset": {"format": "webdataset", "images_per_shard": 3, "labels": "folder"},
                "imagefolder": {"format": "imagefolder", "labels": "folder"}}.items():
            self.run_stages(cut, {"stage": "encode"} | stage, output=f"out/{name}")
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.root)
        run = 0
        for program in self.programs:
            if "torch" in program:
                continue
            with self.subTest(program=program), contextlib.redirect_stdout(io.StringIO()) as said:
                exec(compile(program, "docs/datasets.md", "exec"), {})
                self.assertTrue(said.getvalue())
                run += 1
        self.assertGreaterEqual(run, 5)


class ImageFolder(Workshop):
    """The rule of torchvision's ImageFolder: folders are classes, all pictures below belong to them."""

    endings = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")

    def samples(self, root):
        classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        found = []
        for number, name in enumerate(classes):
            of_class = [
                os.path.join(folder, file)
                for folder, _, files in sorted(os.walk(root / name, followlinks=True))
                for file in sorted(files) if file.lower().endswith(self.endings)]
            # ImageFolder refuses a class without a picture.
            self.assertTrue(of_class, name)
            found += [(path, number) for path in of_class]
        return classes, found

    def test_classes(self):
        from PIL import Image

        images = {
            f"{label}/{name}": self.array(f"{label}/{name}.npy", (3, 17, 24))
            for label in ("cat", "dog") for name in ("1", "deep/2")}
        cut = {"stage": "unfold", "kernel_size": 8, "stride": 8}
        folder = self.run_stages(
            cut, {"stage": "encode", "format": "imagefolder", "labels": "folder"})
        classes, samples = self.samples(folder)
        self.assertEqual(classes, self.index(folder)[0]["classes"])
        self.assertEqual(len(samples), 4 * 6)
        for path, number in samples:
            name = str(pathlib.Path(path).relative_to(folder).with_suffix(""))
            key, row, column = re.fullmatch(r"(.*)_r(\d+)_c(\d+)", name).groups()
            self.assertEqual(key.split("/")[0], classes[number])
            picture = np.asarray(Image.open(path)).transpose(2, 0, 1)
            y, x = 8 * int(row), 8 * int(column)
            np.testing.assert_array_equal(picture, images[key][:, y:y + 8, x:x + 8])

    def test_classes_of_parts(self):
        for number in range(24):
            self.array(f"{'cat' if number % 2 else 'dog'}/{number}.npy", (1, 8, 8))
        folder = self.run_stages(
            {"stage": "unfold", "kernel_size": 8},
            {"stage": "encode", "format": "imagefolder", "labels": "folder",
             "split": {"val": 0.5}})
        counts = [len(self.samples(folder / part)[1]) for part in ("train", "val")]
        self.assertEqual(sum(counts), 24)
        for part in ("train", "val"):
            self.assertEqual(self.samples(folder / part)[0], ["cat", "dog"])


if __name__ == "__main__":
    unittest.main()
