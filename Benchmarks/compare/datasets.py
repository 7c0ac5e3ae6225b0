"""Datasets for a Vision Transformer: the command beside what a PyTorch data loader makes."""

import resource
import time

import numpy as np
import torch

import loaders
from folders import Runner, faster
from measure import Process, debug, wall_and_processor

PRESET = "dinov2"
SIZE, SHARD = 224, 50


def stages(format_, shrinks=False):
    """Photographs → the preset's patches in the model's order → shards."""
    load = {"stage": "load", "path": "."}
    if shrinks:
        load["shrink_on_load"] = True
    return [
        load,
        {"stage": "preset", "name": PRESET, "patches": "model"},
        {"stage": "encode", "format": format_, "images_per_shard": SHARD},
    ]


def measurements(settings, material):
    """Functions that return rows, by name."""
    return {"dataset-dinov2": Datasets(settings, material).dinov2}


class Datasets:
    def __init__(self, settings, material):
        self.settings = settings
        self.material = material
        self.runner = Runner(settings)

    def dinov2(self):
        source = self.material.photographs("jpg")
        files = sorted(source.iterdir())
        self.check(source, files)
        sides = {
            "ours": lambda: self.runner.run(stages("npy"), source, 2),
            "webdataset": lambda: self.runner.run(stages("webdataset"), source, 2),
            "shrunk": lambda: self.runner.run(stages("npy", shrinks=True), source, 2),
            "limit": lambda: self.runner.decode(files, 2),
            "Pillow": lambda: load(loaders.pillow, files),
            "torchvision": lambda: load(loaders.torchvision_alone, files),
        }
        times = wall_and_processor(sides, self.settings.rounds)
        work = f"{len(files)} JPEG → preset {PRESET} → tokens → npy"
        group = {"group": "datasets"}
        return [
            faster(work, times, "Pillow", "torchvision on Pillow, 2 workers", 4, **group),
            faster(work, times, "torchvision", "torchvision alone, 2 workers", 2, **group),
            faster(work, times, "limit", "libjpeg decoding alone", 0.55, **group),
            faster(
                "the same → webdataset", times | {"ours": times["webdataset"], "npy": times["ours"]},
                "npy", "npy", 0.9, **group),
            faster(
                "the same, shrink_on_load", times | {"ours": times["shrunk"]}, "limit",
                "libjpeg decoding alone", 1, **group),
        ]

    def check(self, source, files):
        """What is stored must be what torchvision makes of Pillow's pixels, bit for bit."""
        self.runner.run(stages("npy"), source, 2)
        stored = np.load(self.runner.output / "data-00000.npy", mmap_mode="r")
        for number, file in enumerate(files[: len(stored)]):
            image = loaders.as_processor(file).numpy()
            patches = image.reshape(3, SIZE // 14, 14, SIZE // 14, 14).transpose(1, 3, 0, 2, 4)
            if not np.array_equal(stored[number], patches.reshape(stored.shape[1:])):
                raise RuntimeError(f"{file.name}: the patches are not those of torchvision")
        debug(f"    the patches of {len(stored)} images are torchvision's, bit for bit")


def load(make, files):
    """Lets a data loader of two workers make batches of every image."""
    torch.set_num_threads(1)
    before = spent()
    start = time.perf_counter()
    count = sum(
        len(batch)
        for batch in torch.utils.data.DataLoader(
            loaders.Images(files, make), batch_size=32, num_workers=2)
    )
    seconds = time.perf_counter() - start
    if count != len(files):
        raise RuntimeError(f"{count} of {len(files)} images came")
    return Process(seconds, spent() - before)


def spent():
    """Processor time of this process and of those that it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
