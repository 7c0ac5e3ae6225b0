"""patches.jpg: a sample image, its overlapping blocks laid out, and the image they make again.

    python docs/pictures/make.py        (numpy, Pillow 13)

The blocks are those of {"kernel_size": 48, "stride": 32, "edge": "shift"}; the last panel is their
sum divided by how many blocks reach each pixel, and the script asserts that it is the first one.
"""

from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
KERNEL, STRIDE, GAP, MARGIN = 48, 32, 5, 28


def starts(size):
    count = -(-(size - KERNEL) // STRIDE) + 1
    return [min(i * STRIDE, size - KERNEL) for i in range(count)]


def main():
    image = np.asarray(Image.open(HERE / "../../samples/chelsea-rgb.png"))
    height, width = image.shape[:2]
    rows, columns = starts(height), starts(width)
    panel = [len(axis) * (KERNEL + GAP) - GAP for axis in (rows, columns)]
    picture = np.full((panel[0] + 8, 2 * width + panel[1] + 2 * MARGIN, 3), 255, np.uint8)
    total, count = np.zeros(image.shape, np.int64), np.zeros((height, width, 1), np.int64)
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            block = image[top:top + KERNEL, left:left + KERNEL]
            y, x = 4 + i * (KERNEL + GAP), width + MARGIN + j * (KERNEL + GAP)
            picture[y:y + KERNEL, x:x + KERNEL] = block
            total[top:top + KERNEL, left:left + KERNEL] += block
            count[top:top + KERNEL, left:left + KERNEL] += 1
    again = total // count
    assert np.array_equal(again, image) and not (total % count).any()
    y = (picture.shape[0] - height) // 2
    picture[y:y + height, :width] = image
    picture[y:y + height, -width:] = again
    Image.fromarray(picture).save(HERE / "patches.jpg", quality=88, optimize=True)


if __name__ == "__main__":
    main()
