"""transposed.json: transposed convolutions and locally connected layers, by PyTorch.

    python Tests/Vectors/make_transposed.py        (torch 2.15, numpy 2.4)

Of each result some values are kept, evenly spread, and the sum of all magnitudes. Locally connected
layers are unfold and einsum in double precision.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from splitmix import signed_unit, write_lines


def kept(values):
    flat = np.asarray(values, dtype=np.float64).ravel()
    places = np.unique(np.linspace(0, flat.size - 1, min(flat.size, 24)).astype(int))
    return {"shape": list(values.shape), "places": places.tolist(),
            "values": [float(f"{flat[place]:.9g}") for place in places],
            "magnitude": float(f"{np.abs(flat).sum():.9g}")}


def pair(random, low, high):
    return [int(v) for v in random.integers(low, high + 1, 2)]


def transposed(index, random):
    groups = int(random.choice([1, 1, 1, 2, 3]))
    channels, filters = groups * int(random.integers(1, 4)), groups * int(random.integers(1, 4))
    while True:
        size, kernel, stride = pair(random, 1, 7), pair(random, 1, 5), pair(random, 1, 4)
        dilation, padding = pair(random, 1, 3), pair(random, 0, 3)
        extra = [int(random.integers(0, max(s, d))) for s, d in zip(stride, dilation)]
        sides = [(n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, s, p, d, k, e in
                 zip(size, stride, padding, dilation, kernel, extra)]
        if min(sides) >= 1:
            break
    seed = 1000 * index
    image = torch.tensor(signed_unit(seed, 1, channels, *size))
    weights = torch.tensor(signed_unit(seed + 1, channels, filters // groups, *kernel))
    bias = torch.tensor(signed_unit(seed + 2, filters)) if index % 3 == 0 else None
    result = F.conv_transpose2d(
        image, weights, bias, stride, padding, extra, groups, dilation)[0].numpy()
    return {"seed": seed, "channels": channels, "filters": filters, "groups": groups,
            "size": size, "kernel_size": kernel, "stride": stride, "padding": padding,
            "output_padding": extra, "dilation": dilation, "bias": bias is not None,
            **kept(result)}


def local(index, random):
    channels, filters = int(random.integers(1, 4)), int(random.integers(1, 5))
    while True:
        size, kernel, stride = pair(random, 1, 8), pair(random, 1, 4), pair(random, 1, 3)
        dilation, padding = pair(random, 1, 2), pair(random, 0, 2)
        grid = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in
                zip(size, padding, dilation, kernel, stride)]
        if min(grid) >= 1:
            break
    seed = 500_000 + 1000 * index
    blocks = grid[0] * grid[1]
    image = torch.tensor(signed_unit(seed, 1, channels, *size))
    weights = signed_unit(seed + 1, blocks, filters, channels, *kernel)
    columns = F.unfold(image, kernel, dilation, padding, stride)[0].numpy()
    result = np.einsum("lmd,dl->ml", weights.reshape(blocks, filters, -1), columns)
    bias = ["none", "output", "block"][index % 3]
    if bias == "output":
        result += signed_unit(seed + 2, filters)[:, None]
    if bias == "block":
        result += signed_unit(seed + 2, blocks, filters).T
    return {"seed": seed, "channels": channels, "filters": filters, "size": size,
            "kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation,
            "bias": bias, **kept(result.reshape(filters, *grid))}


def main():
    random = np.random.default_rng(11)
    write_lines(
        Path(__file__).with_name("transposed.json"),
        f"torch {torch.__version__.split('+')[0]}; make_transposed.py",
        transposed=[transposed(index, random) for index in range(200)],
        local=[local(index, random) for index in range(200)])


if __name__ == "__main__":
    main()
