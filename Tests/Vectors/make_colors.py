"""colors.json: CMYK → RGB and RGB → gray, by Pillow.

    python Tests/Vectors/make_colors.py        (Pillow 13, numpy 2.4)

Pixels are interleaved bytes in base64. CMYK values are the amounts of ink, 0 = none: what a JPEG
stores once Adobe's inversion is undone.
"""

from itertools import product
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from splitmix import packed, words, write_lines


def pixels(seed, channels):
    """All corners of the cube, the middle of each axis, and 400 pixels at random."""
    corners = np.array(list(product([0, 1, 127, 128, 254, 255], repeat=channels)), dtype=np.uint8)
    if channels == 4:
        corners = corners[::3]
    drawn = (words(seed, 400 * channels) >> np.uint64(56)).astype(np.uint8)
    return np.concatenate([corners, drawn.reshape(-1, channels)])


def record(source, target, seed):
    given = pixels(seed, len(source))
    image = Image.frombytes(source, (len(given), 1), given.tobytes())
    return {"from": source, "to": target, "pixels": len(given),
            "given": packed(given, np.uint8), "expected": packed(image.convert(target), np.uint8)}


def main():
    source = f"Pillow {PIL.__version__}; make_colors.py"
    write_lines(Path(__file__).with_name("colors.json"), source,
                conversions=[record("CMYK", "RGB", 31), record("RGB", "L", 32)])


if __name__ == "__main__":
    main()
