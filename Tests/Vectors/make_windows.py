"""windows.json: what windows weigh, by MONAI, TorchIO, NumPy and pytorch-toolbelt.

    python Tests/Vectors/make_windows.py
    (monai 1.6, torchio 1.2, pytorch-toolbelt 0.8, numpy 2.4, torch 2.15)

`crop` is what TorchIO's aggregator leaves of numbered patches: for each pixel of an axis the block
that it is taken from, -1 where none is.
"""

from pathlib import Path

import numpy as np
import torch
import torchio
from monai.data.utils import compute_importance_map
from pytorch_toolbelt.inference.tiles import compute_pyramid_patch_weight_loss
from torchio.data.inference.aggregator import GridAggregator

from splitmix import write_lines

SIZES = [(1, 1), (1, 5), (2, 3), (4, 4), (5, 8), (7, 3), (16, 16), (9, 33)]


def hann(height, width):
    window = GridAggregator._get_hann_window((height, width, 1))
    return window.reshape(height, width).numpy()


def gaussian(height, width):
    return compute_importance_map((height, width), mode="gaussian", sigma_scale=0.125).numpy()


def kaiser(beta):
    return lambda height, width: np.outer(np.kaiser(height, beta), np.kaiser(width, beta))


def pyramid(height, width):
    """The peer's array is width × height."""
    return compute_pyramid_patch_weight_loss(width, height)[0].T


def triangle(height, width):
    side = lambda n: np.minimum(np.arange(n) + 1, n - np.arange(n))
    return np.outer(side(height), side(width)).astype(float)


def crops(size, kernel, stride):
    """TorchIO's grid along one axis, its patches numbered, its aggregator in mode "crop"."""
    image = torch.zeros(1, size, 1, 1)
    subject = torchio.Subject(image=torchio.ScalarImage(tensor=image))
    sampler = torchio.GridSampler(subject, (kernel, 1, 1), (kernel - stride, 0, 0))
    aggregator = GridAggregator(sampler, overlap_mode="crop")
    for index, location in enumerate(sampler.locations):
        patch = torch.full((1, 1, kernel, 1, 1), float(index + 1))
        aggregator.add_batch(patch, torch.as_tensor(location)[None])
    owners = aggregator.get_output_tensor().reshape(-1).numpy().astype(int) - 1
    return {"size": size, "kernel": kernel, "stride": stride, "owners": owners.tolist()}


def main():
    windows = {
        "hann": hann, "gaussian": gaussian, "pyramid": pyramid, "triangle": triangle,
        "kaiser 2": kaiser(2), "kaiser 0": kaiser(0), "kaiser 8.5": kaiser(8.5),
    }
    records = []
    for name, weights in windows.items():
        for height, width in SIZES:
            values = np.asarray(weights(height, width), dtype=np.float64)
            # Weights matter up to a factor: the pyramid's peers scale it to a mean of 1.
            scale = values.max() if name == "pyramid" else 1
            records.append({
                "window": name, "size": [height, width],
                "values": [float(f"{v:.9g}") for v in (values / scale).ravel()]})
    # TorchIO wants an even overlap.
    cases = [(size, kernel, stride) for kernel in (4, 7, 8) for stride in range(1, kernel + 1)
             for size in (kernel, kernel + 1, 19, 30) if (kernel - stride) % 2 == 0]
    write_lines(
        Path(__file__).with_name("windows.json"),
        "monai, torchio, numpy, pytorch-toolbelt; make_windows.py", windows=records,
        crops=[crops(*case) for case in cases])


if __name__ == "__main__":
    main()
