"""resize.json: images of random sizes resized with every filter, by Pillow.

    python Tests/Vectors/make_resize.py        (Pillow 13.0, numpy 2.4)

Inputs are the high bits of SplitMix64, over channel, row, column; of four values of opacity one is 0
and one is whole. A result is its digest, and of floats every value: their sums are the same bits
wherever sines are.
"""

from pathlib import Path
from random import Random

import numpy as np
import PIL
from PIL import Image

from splitmix import fnv1a, packed, words, write_lines

FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "I;16": 1, "F": 1}


def pixels(mode, seed, height, width):
    """C × H × W values of a mode."""
    channels = CHANNELS[mode]
    values = words(seed, channels * height * width).reshape(channels, height, width)
    if mode == "F":
        return ((values >> np.uint64(40)).astype(np.float64) / 2**23 - 1).astype(np.float32)
    if mode == "I;16":
        return (values >> np.uint64(48)).astype(np.uint16)
    result = (values >> np.uint64(56)).astype(np.uint8)
    if mode in ("LA", "RGBA"):
        choice = values[-1] & np.uint64(3)
        result[-1] = np.where(choice == 0, 0, np.where(choice == 1, 255, result[-1]))
    return result


def picture(mode, values):
    if len(values) == 1:
        return Image.fromarray(values[0])
    return Image.fromarray(np.ascontiguousarray(values.transpose(1, 2, 0)), mode)


def record(mode, name, seed, source, target):
    image = picture(mode, pixels(mode, seed, *source))
    if mode == "I;16" and name == "nearest":
        # Pillow takes another way for this pair alone; ours is that of all other modes.
        wide = Image.fromarray(np.asarray(image).astype(np.float32))
        result = np.asarray(wide.resize(target[::-1], FILTERS[name])).astype(np.uint16)
    else:
        result = np.asarray(image.resize(target[::-1], FILTERS[name]))
    result = result[None] if result.ndim == 2 else result.transpose(2, 0, 1)
    entry = {"mode": mode, "filter": name, "seed": seed, "source": source, "target": target,
             "digest": fnv1a(np.ascontiguousarray(result).astype(result.dtype.newbyteorder("<")).tobytes())}
    if mode == "F":
        entry["values"] = packed(result, "<f4")
    return entry


def main():
    random = Random(13)
    side = lambda: random.choice([1, 2, 3, random.randint(1, 9), random.randint(4, 40), random.randint(20, 110)])
    records = []
    for mode in CHANNELS:
        for name in FILTERS:
            for case in range(4 if mode == "F" else 9):
                source, target = [side(), side()], [side(), side()]
                if mode == "F":
                    target = [min(each, 12) for each in target]
                if case == 0:
                    target[0] = source[0]
                if case == 1:
                    target[1] = source[1]
                if case == 2:
                    # So tall that rows come first.
                    source, target = [random.randint(60, 200), random.randint(2, 20)], [7, 12]
                records.append(record(mode, name, len(records) + 1, source, target))
    write_lines(Path(__file__).with_name("resize.json"),
                f"Pillow {PIL.__version__}, numpy {np.__version__}; make_resize.py", images=records)


main()
