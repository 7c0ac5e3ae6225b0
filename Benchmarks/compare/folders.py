"""Whole runs of the command with two jobs, against other tools in two processes."""

import json
import shutil
from contextlib import closing

import numpy as np
from PIL import Image

import peers
from measure import debug, run_process, wall_and_processor
from results import Row, bytes_text, seconds_text

FILTER = [
    {"stage": "load", "path": ".", "color": "rgb"},
    {
        "stage": "convolve",
        "kernels": [[value / 8 for value in row] for row in peers.KERNEL],
        "padding": "same",
        "padding_mode": "reflect",
    },
    {"stage": "encode", "format": "jpeg", "quality": 90, "range": "clip"},
]
ROUND_TRIP = [
    {"stage": "load", "path": "."},
    {"stage": "unfold", "kernel_size": 16, "stride": 8, "edge": "shift"},
    {"stage": "fold", "normalize": "count"},
    {"stage": "encode", "format": "png"},
]


def bank(weights):
    """A bank of filters straight on an image, to NPY."""
    return [
        {"stage": "load", "path": "."},
        {"stage": "convolve", "weights": str(weights), "padding": "same"},
        {"stage": "encode", "format": "npy"},
    ]


def measurements(settings, material):
    """Functions that return rows, by name."""
    folders = Folders(settings, material)
    return {
        "folder-jpeg-filter": folders.jpeg_filter,
        "folder-png-round-trip": folders.png_round_trip,
        "folder-large-convolve": folders.large_convolve,
    }


class Runner:
    """Runs pipelines with the command; every run starts with an empty output folder."""

    def __init__(self, settings):
        self.settings = settings
        self.output = settings.scratch / "ours"

    def decode(self, sources, jobs):
        """Decoding JPEG files with the library that we link, in as many processes."""
        paths = self.settings.scratch / "paths"
        paths.write_text("".join(f"{path}\n" for path in sources))
        return run_process([self.settings.codecs, "decode", paths, self.settings.scratch, jobs])

    def empty(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def run(self, stages, source, jobs):
        """What the run took; its outputs stay until the next one."""
        pipeline = self.settings.scratch / "pipeline.json"
        pipeline.write_text(json.dumps({"version": 1, "stages": stages}))
        output = self.empty(self.output)
        return run_process(
            [self.settings.command, "run", pipeline, "--input", source]
            + ["--output", output, "--jobs", jobs, "--quiet"]
        )


class Folders:
    def __init__(self, settings, material):
        self.settings = settings
        self.material = material
        self.runner = Runner(settings)

    def codec_limit(self, kind, sources):
        """Decoding and encoding with the libraries that we link, in two processes."""
        paths = self.settings.scratch / "paths"
        paths.write_text("".join(f"{path}\n" for path in sources))
        folder = self.runner.empty(self.settings.scratch / "limit")
        return run_process([self.settings.codecs, kind, paths, folder, 2])

    def jpeg_filter(self):
        source = self.material.photographs("jpg")
        files = sorted(source.iterdir())
        opencv, vips = (self.settings.scratch / name for name in ("opencv", "vips"))
        with closing(peers.TwoProcesses()) as pool:
            sides = {
                "ours": lambda: self.runner.run(FILTER, source, 2),
                "limit": lambda: self.codec_limit("jpeg", files),
                "OpenCV": lambda: pool.run(peers.opencv_filter, files, self.runner.empty(opencv)),
                "libvips": lambda: pool.run(peers.vips_filter, files, self.runner.empty(vips)),
            }
            times = wall_and_processor(sides, self.settings.rounds)
        check_photographs(self.runner.output, opencv)
        work = f"{len(files)} JPEG → 3 × 3 filter → JPEG"
        return [
            faster(work, times, "limit", "decoding and encoding alone", 0.85),
            faster(work, times, "OpenCV", "OpenCV, 2 processes", 1.3),
            faster(work, times, "libvips", "libvips, 2 processes"),
        ]

    def png_round_trip(self):
        source = self.material.photographs("png")
        files = sorted(source.iterdir())
        pillow, vips = (self.settings.scratch / name for name in ("pillow", "vips"))
        with closing(peers.TwoProcesses()) as pool:
            sides = {
                "ours": lambda: self.runner.run(ROUND_TRIP, source, 2),
                "limit": lambda: self.codec_limit("png", files),
                "Pillow": lambda: pool.run(peers.pillow_copy, files, self.runner.empty(pillow)),
                "libvips": lambda: pool.run(peers.vips_copy, files, self.runner.empty(vips)),
            }
            times = wall_and_processor(sides, self.settings.rounds)
        for file in files[:: max(1, len(files) // 10)]:
            pixels = np.asarray(Image.open(file))
            for folder in (self.runner.output, pillow):
                if not np.array_equal(pixels, np.asarray(Image.open(folder / file.name))):
                    raise RuntimeError(f"{file.name} has changed on its round trip")
        work = f"{len(files)} PNG → overlapping round trip → PNG"
        alone = "decoding and encoding alone"
        return [
            faster(work, times, "Pillow", f"Pillow {alone}, 2 processes", 4),
            faster(work, times, "libvips", f"libvips {alone}, 2 processes"),
            faster(work, times, "limit", f"libpng {alone}, our settings"),
            smaller(self.runner.output, pillow, "Pillow", 1.1),
            smaller(self.runner.output, vips, "libvips"),
        ]

    def large_convolve(self):
        width, height = (4000, 2500) if self.settings.is_quick else (11_648, 8736)
        source = self.material.large(width, height, "jpg")
        stages = bank(self.material.weights(16, 7))
        sides = {
            f"{jobs} jobs": lambda jobs=jobs: self.runner.run(stages, source, jobs)
            for jobs in (2, 1)
        }
        times = wall_and_processor(sides, min(self.settings.rounds, 5))
        shutil.rmtree(self.runner.output)
        work = f"one JPEG of {width * height / 1e6:.0f} megapixels, convolve 3 → 16, 7 × 7 → NPY"
        peer = f"1 job {seconds_text(times['1 jobs'])}"
        ratio = times["1 jobs"] / times["2 jobs"]
        return [Row("folders", work, f"2 jobs {seconds_text(times['2 jobs'])}", peer, ratio, 1.7)]


def faster(work, times, side, peer, goal=None, group="folders"):
    """A row of times."""
    peer = f"{peer} {seconds_text(times[side])}"
    return Row(group, work, seconds_text(times["ours"]), peer, times[side] / times["ours"], goal)


def smaller(ours, theirs, peer, goal=None):
    """A row of the sizes of PNG files."""
    sizes = [
        sum(path.stat().st_size for path in folder.iterdir() if path.suffix == ".png")
        for folder in (ours, theirs)
    ]
    return Row(
        "folders",
        "size of those files",
        bytes_text(sizes[0]),
        f"{peer} {bytes_text(sizes[1])}",
        sizes[0] / sizes[1],
        goal,
        at_most=True,
    )


def check_photographs(ours, theirs):
    """Filtered photographs must agree but for the rounding of two decoders."""
    files = sorted(theirs.iterdir())
    worst = 0
    for file in files[:: max(1, len(files) // 10)]:
        mine, other = (
            np.asarray(Image.open(folder / file.name), dtype=np.int16) for folder in (ours, theirs)
        )
        worst = max(worst, float(np.abs(mine - other).mean()))
    debug(f"    photographs differ by {worst:.3f} of 255 on average, at most 0.5 allowed")
    if worst > 0.5:
        raise RuntimeError(f"filtered photographs differ by {worst:.2f} on average")
