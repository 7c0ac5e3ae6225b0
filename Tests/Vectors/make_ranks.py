"""Makes ranks/: medians, other ranks, and figures of patches, as other libraries compute them.

    python3 -m venv venv && venv/bin/pip install numpy scipy torch safetensors
    venv/bin/python Tests/Vectors/make_ranks.py

Images follow from seeds (`splitmix.py`); cases.json says of each case what the stages are, and
expected.safetensors holds what comes out. "holes" in an image are NaN at every 7th value, ∞ at every 11th, −∞ at every 13th,
in this order. Ran with numpy 2.4.6, scipy 1.17.1, torch 2.15.0.
"""

import json
import math
import os

import numpy as np
import torch
from safetensors.numpy import save_file
from scipy import ndimage

from splitmix import signed_unit

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ranks")
# SciPy's names of our modes, and NumPy's.
SCIPY = {"zeros": "constant", "reflect": "mirror", "symmetric": "reflect", "replicate": "nearest",
         "circular": "wrap"}
NUMPY = {"zeros": "constant", "reflect": "reflect", "symmetric": "symmetric", "replicate": "edge",
         "circular": "wrap"}
cases, results = [], {}


def image(seed, shape, kind):
    values = signed_unit(seed, *shape)
    if kind == "uint8":
        return np.floor((values + 1) * 128).astype(np.uint8)
    if kind == "uint16":
        return np.floor((values + 1) * 32768).astype(np.uint16)
    values = values.astype(np.float32)
    if kind == "holes":
        flat = values.reshape(-1)
        flat[::7], flat[::11], flat[::13] = np.nan, np.inf, -np.inf
    return values


def save(name, seed, shape, kind, stages, result):
    assert name not in results
    results[name] = np.ascontiguousarray(result)
    cases.append(dict(name=name, seed=seed, shape=list(shape), kind=kind, stages=stages))


def pair(size):
    return list(size) if size[0] != size[1] else size[0]


def ranked(values, size, rank, mode):
    """Number ⌊rank · (n − 1) + ½⌋ of each window, by SciPy; NaN last, by NumPy."""
    index = math.floor(rank * (size[0] * size[1] - 1) + 0.5)
    if not np.isnan(values).any():
        return np.stack([ndimage.rank_filter(plane, index, size=size, mode=SCIPY[mode])
                         for plane in values])
    reach = [(0, 0)] + [(n // 2, n // 2) for n in size]
    padded = np.pad(values, reach, mode=NUMPY[mode])
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(1, 2))
    return np.sort(windows.reshape(*values.shape, -1), axis=-1)[..., index]


os.makedirs(FOLDER, exist_ok=True)
number = 0
for kind in ("uint8", "uint16", "float32", "holes"):
    for size, mode in [((3, 3), None), ((5, 5), "zeros"), ((7, 7), "reflect"), ((3, 5), "replicate"),
                       ((1, 9), "circular"), ((11, 1), "symmetric"), ((9, 9), "circular"),
                       ((23, 21), "reflect"), ((15, 15), None), ((31, 31), "zeros")]:
        number += 1
        shape = [(1, 30, 70), (2, 9, 11), (3, 23, 17), (1, 1, 12), (1, 31, 3)][number % 5]
        values = image(number, shape, kind)
        median = {"stage": "median", "kernel_size": pair(size)}
        if mode:
            median["padding_mode"] = mode
        expected = ranked(values, size, 0.5, mode or "symmetric")
        if kind != "holes":
            assert np.array_equal(expected, np.stack([
                ndimage.median_filter(plane, size=size, mode=SCIPY[mode or "symmetric"])
                for plane in values]))
        save(f"median-{number}", number, shape, kind, [median], expected)
        rank = [0, 1, 0.25, 0.8, 0.03, 0.97][number % 6]
        stage = {"stage": "rank", "kernel_size": pair(size), "rank": rank}
        if mode:
            stage["padding_mode"] = mode
        save(f"rank-{number}", number, shape, kind, [stage],
             ranked(values, size, rank, mode or "symmetric"))

# Patches side by side: what is done to each is done to a block.
for number, (size, block) in enumerate([((12, 18), (4, 6)), ((14, 21), (7, 7)), ((3, 20), (1, 5)),
                                        ((20, 20), (10, 10)), ((29, 13), (29, 13))], start=100):
    shape = (2, *size)
    grid = (size[0] // block[0], size[1] // block[1])
    unfold = {"stage": "unfold", "kernel_size": list(block), "stride": list(block)}

    def patches(values):
        split = values.reshape(2, grid[0], block[0], grid[1], block[1])
        return split.transpose(1, 3, 0, 2, 4)

    def joined(blocks):
        return blocks.transpose(2, 0, 3, 1, 4).reshape(2, *size)

    for kind in ("uint8", "float32", "holes"):
        values = image(number, shape, kind)
        blocks = patches(values.astype(np.float32))
        for kernel, mode in [((3, 3), None), ((5, 5), "reflect"), ((3, 1), "zeros"),
                             ((9, 7), "circular"), ((21, 21), "replicate")]:
            expected = np.stack([
                ranked(blocks[y, x], kernel, 0.5, mode or "symmetric")
                for y in range(grid[0]) for x in range(grid[1])])
            stage = {"stage": "transform.median", "kernel_size": pair(kernel)}
            if mode:
                stage["padding_mode"] = mode
            save(f"patch-median-{number}-{kind}-{kernel[0]}x{kernel[1]}", number, shape, kind,
                 [unfold, stage, {"stage": "fold"}], joined(expected.reshape(blocks.shape)))
        with np.errstate(invalid="ignore"):
            for reduction in ("mean", "max", "min", "std", "median"):
                exact = blocks.reshape(*grid, 2, -1)
                wide = exact.astype(np.float64)
                made = getattr(np, reduction)(wide if reduction in ("mean", "std") else exact, axis=-1)
                save(f"reduce-{number}-{kind}-{reduction}", number, shape, kind,
                     [unfold, {"stage": "transform.reduce", "kind": reduction}, {"stage": "fold"}],
                     made.transpose(2, 0, 1).astype(np.float32))
            clip = joined(np.clip(blocks, np.float32(-0.25), np.float32(100)))
            save(f"clip-{number}-{kind}", number, shape, kind,
                 [unfold, {"stage": "transform.clip", "min": -0.25, "max": 100}, {"stage": "fold"}],
                 clip)
        if kind != "holes":
            # torch pools alike, where it can.
            pooled = torch.nn.functional.max_pool2d(torch.from_numpy(values.astype(np.float32)), block)
            assert np.array_equal(pooled.numpy(), blocks.max(axis=(3, 4)).transpose(2, 0, 1))
            for per, axes in [("patch", (2, 3, 4)), ("channel", (3, 4))]:
                wide = blocks.astype(np.float64)
                mean = wide.mean(axis=axes, keepdims=True)
                variance = wide.var(axis=axes, ddof=1, keepdims=True)
                epsilon = 10 if kind == "uint8" else 0.01
                stage = {"stage": "transform.contrast_normalize", "per": per}
                if kind == "float32":
                    stage["epsilon"] = epsilon
                made = (wide - mean) / np.sqrt(variance + epsilon)
                save(f"contrast-{number}-{kind}-{per}", number, shape, kind,
                     [unfold, stage, {"stage": "fold"}], joined(made).astype(np.float32))

save_file(results, os.path.join(FOLDER, "expected.safetensors"))
with open(os.path.join(FOLDER, "cases.json"), "w") as file:
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    file.write("[\n" + lines + "\n]\n")
