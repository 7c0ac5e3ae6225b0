"""Every block of code on every page: what runs it, or why nothing does.

A block that no entry below knows fails the test, and so does an entry that knows no block any more.
"""

import fnmatch
import json
import re
import shutil
import unittest

import numpy as np
from safetensors.numpy import save_file

from pagetext import ROOT, Block, blocks, pages
from place import Place

# What other tests run: pages, languages ("" is an indented block), the test, what of it says so.
ELSEWHERE = [
    ("docs/tutorials/*", "sh python json text", "Tests/Pages/test_tutorials.py", "docs/tutorials"),
    ("docs/install.md", "", "Scripts/bare-root.sh", "docs/install.md"),
    ("docs/datasets.md", "python", "Tests/Python/test_examples.py", '"datasets.md"'),
    ("docs/commands.md", "python", "Tests/Python/test_programs.py", '"commands.md"'),
    ("docs/python.md", "python", "Python/tests/test_examples.py", '"python.md"'),
    ("Python/README.md", "python", "Python/tests/test_examples.py", '"README.md"'),
    ("docs/library.md", "swift", "Tests/TesseraTests/LibraryExample.swift", '"library"'),
    ("docs/patch-statistics.md", "swift", "Tests/TesseraTests/LibraryExample.swift",
     '"patch-statistics"'),
    ("Sources/Tessera/Tessera.docc/*", "swift", "Tests/TesseraTests/LibraryExample.swift",
     "Tessera.docc"),
    ("docs/datasets.md", "swift", "Tests/TesseraTests/DatasetExample.swift", "docs/datasets.md"),
]
# What the command's own test does not type, of all pages: it types lines of every other one.
UNTYPED = ["docs/engines", "docs/tutorials", "docs/from", "docs/install.md"]

# Lines that nothing types as they stand, and why.
ENGINE = "wants a cluster; Scripts/engines/{} has the same program at work"
NEVER = {
    ("docs/engines/dask.md", "python tessera_dask.py *"): ENGINE.format("dask.sh"),
    ("docs/engines/parallel.md", "run.sh blurred.plan *"): ENGINE.format("parallel.sh"),
    ("docs/engines/ray.md", "python tessera_ray.py *"): ENGINE.format("ray.sh"),
    ("docs/engines/rclone.md", "export INPUTS=*"): ENGINE.format("rclone.sh"),
    ("docs/engines/rclone.md", "staged.sh *"): ENGINE.format("rclone.sh"),
    ("docs/engines/slurm.md", "sbatch *"): ENGINE.format("slurm.sh"),
    ("docs/engines/slurm.md", "submit.sh *"): ENGINE.format("slurm.sh"),
    ("docs/engines/spark.md", "spark-submit *"):
        "wants Spark; no script starts it, and the page says what was tried by hand",
    ("docs/engines/spark.md", "shard *: * images: *"): "what Spark printed",
    ("docs/engines/spark.md", "error: *"): "what Spark printed",
    ("docs/engines/spark.md", "  a/broken.png: *"): "what Spark printed",
    ("docs/engines/spark.md", "a shard has failed *"): "what Spark printed",
    ("docs/engines/spark.md", "6 shards merged: *"): "what Spark printed",
    ("docs/engines/spark.md", "report: *"): "what Spark printed",
    ("docs/install.md", "podman *"):
        "wants an engine of containers; Scripts/bare-root.sh types the COPY and RUN lines of the "
        "Containerfile",
}

# Blocks that are nothing to run, and what they are.
DRAWINGS = {
    ("README.md", "load → *"): "the order of stages",
    ("docs/README.md", "load → *"): "the order of stages",
    ("docs/architecture.md", "*"): "drawings of modules and plans",
}

# What is done here.
HERE = [
    ("README.md", "json"), ("docs/commands.md", "json"), ("docs/datasets.md", "json"),
    ("docs/presets.md", "json"), ("docs/convolutions.md", "python"),
]


def owner(block):
    """How a block is run: a kind, and an entry of the lists above; or nothing."""
    for entry in ELSEWHERE:
        if fnmatch.fnmatch(block.page, entry[0]) and block.language in (entry[1].split() or [""]):
            return "elsewhere", entry
    for page, first in DRAWINGS:
        if (block.page, block.language) == (page, "text") and fnmatch.fnmatch(block.text, first):
            return "drawing", (page, first)
    if block.language in ("", "sh") and not block.page.startswith(tuple(UNTYPED)):
        return "typed", "typed"
    if (block.page, block.language) in HERE:
        return "here", (block.page, block.language)
    if block.page.startswith("docs/engines/") or block.language == "text":
        return "lines", None
    return None


def never(page, line):
    return next((key for key in NEVER if key[0] == page and fnmatch.fnmatch(line, key[1])), None)


class Inventory(unittest.TestCase):
    """All blocks of all pages."""

    def test_every_block_is_known(self):
        used, unknown, counts = set(), [], {}
        for page in pages():
            for block in blocks(page):
                kind, entry = owner(block) or ("unknown", None)
                if kind == "unknown":
                    unknown.append(f"{block}: nothing runs this block ({block.language})")
                elif kind == "lines":
                    lines = [line for line in block.text.splitlines() if line.strip()]
                    for line in lines:
                        key = never(page, line)
                        if key:
                            used.add(key)
                        elif not line.startswith("tessera plan "):
                            unknown.append(f"{block}: nothing types {line}")
                else:
                    used.add(entry)
                counts[kind] = counts.get(kind, 0) + 1
        self.assertEqual(unknown, [])
        known = {"typed", *ELSEWHERE, *NEVER, *DRAWINGS, *HERE}
        self.assertEqual(known - used, set(), "entries that know no block any more")
        print(f"\n{sum(counts.values())} blocks of code: {counts}; {len(NEVER)} kinds of lines are "
              "not typed")

    def test_tests_say_so(self):
        for page, _, test, words in ELSEWHERE:
            text = (ROOT / test).read_text("utf-8")
            self.assertIn(words, text, f"{test} does not speak of {page}")
        text = (ROOT / "Tests/AcceptanceTests/ShownCommandTests.swift").read_text("utf-8")
        self.assertIn("Every command on a page can be typed", text)
        found = re.findall(r'"(docs/[\w./]+)"', text.split("private func check")[0])
        self.assertEqual(sorted(found), sorted(UNTYPED))
        for reason in NEVER.values():
            for script in re.findall(r"Scripts/[\w/-]+\.sh", reason):
                self.assertTrue((ROOT / script).exists(), script)

    def test_what_is_unknown_is_noticed(self):
        self.assertIsNone(owner(Block("docs/formats.md", 1, "python", "x\n", "")))
        self.assertIsNone(owner(Block("docs/formats.md", 1, "toml", "x\n", "")))
        self.assertIsNone(never("docs/install.md", "docker run"))
        page = "a\n\n    b\n\n    c\n\n- d\n\n    e\n\n```sh\nf\n```\n"
        self.assertEqual(
            [(block.language, block.text) for block in blocks("x.md", page)],
            [("", "b\n\nc\n"), ("sh", "f\n")])


class Run(unittest.TestCase):
    """What is done here."""

    def setUp(self):
        self.place = Place(self)
        self.folder = self.place.folder
        for name in ("astronaut.jpg", "chelsea-rgb.png"):
            (self.folder / "photos").mkdir(exist_ok=True)
            shutil.copy(ROOT / "samples" / name, self.folder / "photos")

    def shown(self, page, language):
        return [block for block in blocks(page) if block.language == language]

    def type(self, line):
        status, said = self.place.type(line)
        self.assertEqual(status, 0, f"{line}: {said}")
        return said

    def pipeline(self, block):
        """Runs a pipeline, or stages put between a load and an encode."""
        try:
            whole = json.loads(block.text)
        except ValueError:
            whole = None
        if not whole or "stages" not in whole:
            stages = json.loads("[" + block.text.strip().rstrip(",") + "]")
            whole = {"version": 1, "stages": [
                {"stage": "load", "path": "../photos"}, *stages,
                {"stage": "encode", "path": "../out/shown", "format": "npy"}]}
            text = json.dumps(whole)
        else:
            text = block.text
        folder = "Pipelines/" if '"../' in text else ""
        (self.folder / f"{folder}shown.json").write_text(text, "utf-8")
        self.type(f"tessera validate {folder}shown.json")
        said = self.type(f"tessera run {folder}shown.json --overwrite")
        self.assertRegex(said, r"\d images?: [1-9]\d* done", f"{block}: {said}")

    def test_readme(self):
        block, = self.shown("README.md", "json")
        self.assertEqual(block.text, (ROOT / "Pipelines/roundtrip.json").read_text("utf-8"))
        self.pipeline(block)

    def test_commands(self):
        block, = self.shown("docs/commands.md", "json")
        self.pipeline(block)

    def test_datasets(self):
        self.type("tessera run Pipelines/clip_dataset.json")
        values = np.random.default_rng(1)
        names = "vit.embeddings.patch_embeddings.projection"
        (self.folder / "vit").mkdir()
        save_file({
            f"{names}.weight": values.random((768, 3, 16, 16), np.float32),
            f"{names}.bias": values.random(768, np.float32),
            "vit.embeddings.position_embeddings": values.random((1, 197, 768), np.float32),
        }, self.folder / "vit/model.safetensors")
        for block in self.shown("docs/datasets.md", "json"):
            self.pipeline(block)
        self.assertEqual(np.load(self.folder / "embeddings/data-00000.npy").shape, (2, 196, 768))

    def test_presets(self):
        (self.folder / "Pipelines/preprocessor_config.json").write_text(json.dumps({
            "image_processor_type": "BitImageProcessor", "do_resize": True, "resample": 3,
            "size": {"shortest_edge": 256}, "do_center_crop": True, "do_rescale": True,
            "crop_size": {"height": 224, "width": 224}, "do_normalize": True,
            "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}))
        for block in self.shown("docs/presets.md", "json"):
            self.pipeline(block)

    def test_convolutions(self):
        (self.folder / "filter.json").write_text(json.dumps({"version": 1, "stages": [
            {"stage": "load", "path": "small.npy"},
            {"stage": "convolve", "kernels": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "padding": "same"},
            {"stage": "encode", "path": "filtered", "format": "npy"}]}))
        image = np.random.default_rng(1).random((1, 6, 8), np.float32)
        np.save(self.folder / "small.npy", image)
        command = next(block.text for block in self.shown("docs/convolutions.md", "")
                       if "kernel-matrix" in block.text)
        self.type(command + "tessera run filter.json")
        program, = self.shown("docs/convolutions.md", "python")
        status, said = self.place.python(
            "import numpy\nimage = numpy.load('small.npy')\n" + program.text
            + "made = numpy.load('filtered/small.npy')\n"
            "assert numpy.abs(result.reshape(made.shape) - made).max() < 1e-4\n")
        self.assertEqual(status, 0, said)

    def test_plans_of_engines(self):
        """The lines before the engine's own."""
        shutil.copy(self.folder / "Pipelines/blur.json", self.folder / "Pipelines/shown.json")
        text = (self.folder / "Pipelines/blur.json").read_text("utf-8")
        (self.folder / "pipeline.json").write_text(text.replace("../", ""), "utf-8")
        typed = 0
        for page in pages():
            for block in blocks(page):
                for line in block.text.splitlines():
                    if page.startswith("docs/engines/") and line.startswith("tessera plan "):
                        self.type(f"rm -rf *.plan; {line}")
                        typed += 1
        self.assertEqual(typed, 6)

    def test_commands_in_lines(self):
        """Commands that tutorials and tables name between words."""
        text = (self.folder / "Pipelines/blur.json").read_text("utf-8")
        (self.folder / "pipeline.json").write_text(text.replace("../", ""), "utf-8")
        typed = 0
        for page in pages():
            if page.startswith(("docs/tutorials/", "docs/from/")):
                words = " ".join((ROOT / page).read_text("utf-8").split())
                for line in re.findall(r"`((?:tessera |Scripts/)[^`…]*)`", words):
                    # A campaign takes minutes: it is only seen that it is there.
                    script = re.match(r"Scripts/test\.sh (\w+)|(Scripts/\S+)", line)
                    if script:
                        name = script[2] or f"Scripts/{script[1]}.sh"
                        line = f"bash -n {ROOT}/{name}"
                    self.type(line)
                    typed += 1
        self.assertGreaterEqual(typed, 3)

    def test_stages_in_lines(self):
        """Whole stages that prose and tables show, but in tables that test_from.py tries."""
        checked = 0
        for page in pages():
            lines = [line for line in (ROOT / page).read_text("utf-8").splitlines()
                     if not re.search(r"\| (?:0|at most|more than)[^|]*\|$", line)]
            for text in re.findall(r'`(\{ ?"stage": .*?\})`', "\n".join(lines)):
                (self.folder / "shown.json").write_text(json.dumps({"version": 1, "stages": [
                    {"stage": "load", "path": "photos"}, json.loads(text),
                    {"stage": "encode", "path": "out", "format": "npy"}]}))
                self.type("tessera validate shown.json")
                checked += 1
        self.assertGreaterEqual(checked, 2)


if __name__ == "__main__":
    unittest.main()
