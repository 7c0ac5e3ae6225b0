#!/usr/bin/env python3
"""Measures a training loop's input: photographs that torchvision decodes and resizes in every epoch, and
the same photographs as a dataset that Tessera made once.

    Benchmarks/dataset_loop.py [--photographs 240] [--rounds 7] [--workers 0 2] [--folder DIR]

Needs torch, torchvision and the wheel that Scripts/package.sh makes, all in the Python that runs it.
Photographs are JPEG files, cut out of the samples at places that a seed chooses, in two classes. Both
loaders give batches of float32 (32, 3, 224, 224) in 0…1 and the classes; it is checked that they give the
same pictures. An epoch of each takes turns with one of the other, after one that does not count, on one
thread of PyTorch; medians are told. All files are in the system's cache, for both.
"""

import argparse
import pathlib
import random
import statistics
import tempfile
import time

import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import transforms

import tessera

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "samples"
SIDE = 224
PIPELINE = {
    "version": 1,
    "stages": [
        {"stage": "load", "color": "rgb"},
        {"stage": "resize", "size": [SIDE, SIDE], "filter": "bilinear"},
        {"stage": "normalize"},
        {"stage": "encode", "format": "npy", "images_per_shard": 64, "labels": "folder"},
    ],
}


def photographs(folder, count, seed=0):
    """Photographs of 280 … 420 × 200 … 300 pixels, each another window of a sample."""
    chance = random.Random(seed)
    sources = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*.jpg"))]
    for number in range(count):
        source = sources[number % len(sources)]
        width = min(source.width, chance.randint(280, 420))
        height = min(source.height, chance.randint(200, 300))
        left = chance.randint(0, source.width - width)
        top = chance.randint(0, source.height - height)
        place = folder / ("even", "odd")[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        source.crop((left, top, left + width, top + height)).save(
            place / f"{number:04}.jpg", quality=90)


class Pictures(torch.utils.data.Dataset):
    """A dataset of Tessera's as ImageFolder gives its own: pairs of picture and class."""

    def __init__(self, folder):
        self.dataset = tessera.Dataset(folder)

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        item = self.dataset[index]
        return torch.from_numpy(item["image"]), item["label"]


def epoch(loader):
    """Seconds that a loop over everything takes, and how many pictures came."""
    begin, count = time.perf_counter(), 0
    for pictures, labels in loader:
        count += len(labels)
        assert pictures.dtype == torch.float32 and pictures.shape[1:] == (3, SIDE, SIDE)
    return time.perf_counter() - begin, count


def check(decoded, stored):
    """Refuses to compare loaders that give other pictures or classes."""
    assert len(decoded) == len(stored)
    for index in range(0, len(stored), 7):
        (one, first), (other, second) = decoded[index], stored[index]
        difference = (one - other).abs().mean().item()
        assert first == second and difference < 0.005, (index, difference)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--photographs", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 2])
    parser.add_argument("--folder")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="tessera-loop-", dir=options.folder) as name:
        measure(pathlib.Path(name), options)


def measure(folder, options):
    photographs(folder / "photographs", options.photographs)
    report = tessera.run(
        PIPELINE, input=folder / "photographs", output=folder / "dataset", check=True)
    decoded = torchvision.datasets.ImageFolder(
        str(folder / "photographs"),
        transforms.Compose([transforms.Resize((SIDE, SIDE)), transforms.ToTensor()]))
    stored = Pictures(folder / "dataset")
    check(decoded, stored)
    print(f"{options.photographs} photographs, made into a dataset once in {report.seconds:.2f} s "
          f"({report.bytes_written / 1e6:.0f} MB); torch {torch.__version__}, torchvision "
          f"{torchvision.__version__}, tessera {tessera.__version__}\n")
    print("| workers | ImageFolder [images/s] | tessera.Dataset [images/s] | ratio |\n"
          "| --- | --- | --- | --- |")
    for workers in options.workers:
        loaders = [
            DataLoader(dataset, batch_size=32, num_workers=workers,
                       persistent_workers=workers > 0)
            for dataset in (decoded, stored)]
        paces = [[], []]
        for number in range(options.rounds + 1):
            for loader, found in zip(loaders, paces):
                seconds, count = epoch(loader)
                assert count == options.photographs
                if number > 0:
                    found.append(count / seconds)
        before, after = map(statistics.median, paces)
        print(f"| {workers} | {before:.0f} | {after:.0f} | {after / before:.1f} |")


if __name__ == "__main__":
    main()
