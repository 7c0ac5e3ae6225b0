"""geometry.json: unfold, fold, coverage and convolution on random geometries, by PyTorch.

    python Tests/Vectors/make_geometry.py        (torch 2.15, numpy 2.4)

Every geometry is reduced to what torch has: the image is padded with numpy.pad, unfolded at
stride 1, and the columns of the wanted blocks are taken. Where torch can express the geometry
itself (regular grids, zero padding) the script asserts that both ways agree, for unfold and fold
bit by bit and for conv2d to 1e-12; so it does for torch's own padding modes.
"""

from math import ceil, gcd
from pathlib import Path
from random import Random

import numpy as np
import torch
import torch.nn.functional as F

from splitmix import fnv1a, packed, signed_unit, write_lines

NUMPY_MODE = {"zeros": "constant", "reflect": "reflect", "symmetric": "symmetric",
              "replicate": "edge", "circular": "wrap"}
TORCH_MODE = {"reflect": "reflect", "replicate": "replicate", "circular": "circular"}
LARGEST_COLUMNS = 40_000
SAMPLES = 56


def axis_layout(size, kernel, stride, padding, dilation, edge):
    """Padding before and after, and the starts of the blocks in the padded axis."""
    extent = dilation * (kernel - 1) + 1
    if padding == "same":
        count = ceil(size / stride)
        total = max((count - 1) * stride + extent - size, 0)
        return total // 2, total - total // 2, [i * stride for i in range(count)]
    slack = size + 2 * padding - extent
    if edge == "pad":
        count = ceil(max(slack, 0) / stride) + 1
        after = max(padding, (count - 1) * stride + extent - padding - size)
        return padding, after, [i * stride for i in range(count)]
    if slack < 0 or (edge == "error" and slack % stride):
        return None
    if edge == "shift":
        count = ceil(slack / stride) + 1
        return padding, padding, [min(i * stride, slack) for i in range(count)]
    return padding, padding, [i * stride for i in range(slack // stride + 1)]


def pad(image, case, rows, columns):
    mode = case["padding_mode"]
    widths = ((0, 0), (rows[0], rows[1]), (columns[0], columns[1]))
    padded = np.pad(image, widths, mode=NUMPY_MODE[mode])
    fits = all(max(before, after) < size
               for (before, after, _), size in zip((rows, columns), case["size"]))
    if mode in TORCH_MODE and fits and max(rows[0], rows[1], columns[0], columns[1]) > 0:
        amounts = (columns[0], columns[1], rows[0], rows[1])
        peer = F.pad(torch.from_numpy(image)[None], amounts, mode=TORCH_MODE[mode])[0]
        assert np.array_equal(peer.numpy(), padded), case
    return padded


def sampled(array):
    """Every `step`-th value, the step coprime to the row length so that all columns are met."""
    flat = array.reshape(-1)
    step = max(1, ceil(flat.size / SAMPLES))
    while gcd(step, array.shape[-1]) != 1:
        step += 1
    return {"count": flat.size, "step": step, "total": float(flat.sum()),
            "values": packed(flat[::step], "<f8")}


def fill(case):
    """Adds the expected results; `None` where the geometry has no blocks or is too large."""
    height, width = case["size"]
    kernel, stride, dilation = case["kernel_size"], case["stride"], case["dilation"]
    channels, groups, outputs = case["channels"], case["groups"], case["out_channels"]
    layout = [
        axis_layout(case["size"][a], kernel[a], stride[a],
                    case["padding"] if case["padding"] == "same" else case["padding"][a],
                    dilation[a], case["edge"])
        for a in (0, 1)]
    if None in layout:
        return None
    rows, columns = layout
    depth = channels * kernel[0] * kernel[1]
    blocks = len(rows[2]) * len(columns[2])
    padded_size = (height + rows[0] + rows[1], width + columns[0] + columns[1])
    dense = [padded_size[a] - dilation[a] * (kernel[a] - 1) for a in (0, 1)]
    if depth * blocks > LARGEST_COLUMNS:
        return None
    taken = np.add.outer(np.array(rows[2]) * dense[1], np.array(columns[2])).reshape(-1)

    def unfold(image):
        padded = torch.from_numpy(pad(image, case, rows, columns))[None]
        return F.unfold(padded, kernel, dilation=dilation)[0].numpy()[:, taken]

    def fold(values):
        spread = torch.zeros(depth, dense[0] * dense[1], dtype=torch.float64)
        spread[:, torch.from_numpy(taken)] = torch.from_numpy(values)
        whole = F.fold(spread[None], padded_size, kernel, dilation=dilation)[0].numpy()
        return whole[:, rows[0]:rows[0] + height, columns[0]:columns[0] + width]

    seed = case["seed"]
    image = signed_unit(seed, channels, height, width)
    stack = signed_unit(seed + 1, depth, blocks)
    weights = signed_unit(seed + 2, outputs, channels // groups, *kernel) / 8
    bias = signed_unit(seed + 3, outputs)

    unfolded = unfold(image)
    folded = fold(stack)
    coverage = np.zeros((height, width))
    coverage += fold(np.ones((depth, blocks)))[0]
    per_group = unfolded.reshape(groups, depth // groups, blocks)
    matrices = weights.reshape(groups, outputs // groups, depth // groups)
    convolved = (matrices @ per_group).reshape(outputs, blocks) + bias[:, None]

    if case["edge"] in ("drop", "error") and case["padding"] != "same":
        geometry = dict(dilation=dilation, padding=case["padding"], stride=stride)
        own = F.fold(torch.from_numpy(stack)[None], (height, width), kernel, **geometry)[0]
        assert np.allclose(own.numpy(), folded, rtol=0, atol=1e-13), case
        if case["padding_mode"] == "zeros":
            batch = torch.from_numpy(image)[None]
            own = F.unfold(batch, kernel, **geometry)[0].numpy()
            assert np.array_equal(own, unfolded), case
            own = F.conv2d(batch, torch.from_numpy(weights), torch.from_numpy(bias),
                           groups=groups, **geometry)[0].numpy()
            assert np.allclose(own.reshape(outputs, -1), convolved, rtol=0, atol=1e-12), case

    return case | {
        "grid": [len(rows[2]), len(columns[2])],
        "unfold": fnv1a(unfolded.astype("<f4").tobytes()),
        "coverage": fnv1a(coverage.astype("<f4").tobytes()),
        "fold": sampled(folded),
        "convolve": sampled(convolved.reshape(outputs, len(rows[2]), len(columns[2]))),
    }


def draw(random, number):
    """One geometry: seven in ten torch's own, the others with another padding mode or edge."""
    kind = number % 10
    channels = random.randint(1, 5)
    groups = random.choice([g for g in range(1, channels + 1) if channels % g == 0])
    kernel = [random.randint(1, random.choice([2, 3, 7])) for _ in range(2)]
    largest = random.choice([6, 20, 40])
    size = [random.randint(1, largest) for _ in range(2)]
    padding = [random.randint(0, kernel[a]) for a in range(2)]
    mode, edge = "zeros", "drop"
    if kind in (7, 8):
        mode = random.choice(list(NUMPY_MODE))
        padding = [random.randint(0, 2 * kernel[a]) for a in range(2)]
    if kind == 8 and random.random() < 0.6:
        padding = "same"
    if kind == 9:
        edge = random.choice(["shift", "pad", "pad", "error"])
        mode = random.choice(list(NUMPY_MODE))
    return {
        "seed": number * 16, "channels": channels, "size": size, "kernel_size": kernel,
        "stride": [random.randint(1, kernel[a] + 2) for a in range(2)], "padding": padding,
        "dilation": [random.choice([1, 1, 2, 3]) for _ in range(2)], "padding_mode": mode,
        "edge": edge, "groups": groups, "out_channels": groups * random.randint(1, 4)}


def main():
    random = Random(20_240_501)
    cases = []
    while len(cases) < 480:
        case = fill(draw(random, len(cases)))
        if case:
            cases.append(case)
    source = f"torch {torch.__version__.split('+')[0]}, numpy {np.__version__}; make_geometry.py"
    write_lines(Path(__file__).with_name("geometry.json"), source, cases=cases)
    plain = sum(c["edge"] in ("drop", "error") and c["padding"] != "same"
                and c["padding_mode"] == "zeros" for c in cases)
    assert plain >= 300
    print(f"{len(cases)} cases, {plain} of them checked against torch's own call as a whole")


if __name__ == "__main__":
    main()
