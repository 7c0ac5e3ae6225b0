"""metrics.json: PSNR, SSIM and absolute differences of image pairs, by scikit-image.

    python Tests/Vectors/make_metrics.py        (scikit-image 0.26, numpy 2.4)

The pairs are drawn from two streams of splitmix.py, `a` and `b`, one word per value in C × H × W
order; x, y, c are column, row, channel, and all integer arithmetic is exact:

    uint8    first = (4x + 3y + 37c + (a >> 60)) & 255
             second = min(max(first + b % 17 − 8, 0), 255)
    uint16   first = (1021x + 733y + 9973c + (a >> 56)) & 65535
             second = min(max(first + b % 2049 − 1024, 0), 65535)
    float32  first = (a >> 41) / 2²³, second = first + ((b >> 48) − 2¹⁵) / 2¹⁹, both exact

The seed of `a` is the record's, that of `b` the next; `"identical": true` makes second = first.
"""

from pathlib import Path

import numpy as np
import skimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from splitmix import words, write_lines

SHAPES = [[1, 11, 11], [1, 11, 40], [1, 37, 53], [3, 37, 53], [2, 48, 31], [4, 16, 64]]


def pair(kind, seed, shape, identical):
    count = int(np.prod(shape))
    a, b = words(seed, count).reshape(shape), words(seed + 1, count).reshape(shape)
    c, y, x = np.indices(shape)

    def top(stream, bits):
        return (stream >> np.uint64(64 - bits)).astype(np.int64)

    if kind == "float32":
        first = top(a, 23) / 2**23
        second = first + (top(b, 16) - 2**15) / 2**19
        assert np.array_equal(second, second.astype(np.float32))
    elif kind == "uint8":
        first = (4 * x + 3 * y + 37 * c + top(a, 4)) & 255
        second = np.clip(first + (b % np.uint64(17)).astype(np.int64) - 8, 0, 255)
    else:
        first = (1021 * x + 733 * y + 9973 * c + top(a, 8)) & 65535
        second = np.clip(first + (b % np.uint64(2049)).astype(np.int64) - 1024, 0, 65535)
    first = first.astype(np.float64)
    return first, first if identical else second.astype(np.float64)


def record(kind, seed, shape, identical=False):
    first, second = pair(kind, seed, shape, identical)
    data_range = {"uint8": 255, "uint16": 65535, "float32": 1}[kind]
    difference = np.abs(first - second)
    psnr = "inf" if identical else float(
        peak_signal_noise_ratio(first, second, data_range=data_range))
    ssim = structural_similarity(
        first, second, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        data_range=data_range, channel_axis=0)
    return {"type": kind, "seed": seed, "shape": shape, "identical": identical,
            "data_range": data_range, "psnr": psnr, "ssim": float(ssim),
            "max_abs": float(difference.max()), "mean_abs": float(difference.mean())}


def main():
    records = [record(kind, 1000 + 10 * i, shape)
               for i, (kind, shape) in enumerate(
                   (kind, shape) for kind in ("uint8", "uint16", "float32") for shape in SHAPES)]
    records += [record(kind, 1, [3, 12, 13], identical=True) for kind in ("uint8", "float32")]
    source = f"scikit-image {skimage.__version__}; make_metrics.py"
    write_lines(Path(__file__).with_name("metrics.json"), source, pairs=records)


if __name__ == "__main__":
    main()
