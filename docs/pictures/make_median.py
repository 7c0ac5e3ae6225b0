"""median.png: a photograph, the same with salt and pepper, and what Pipelines/denoise_median.json makes.

    python docs/pictures/make_median.py TESSERA        (numpy, Pillow 13; TESSERA is the command)

The noise is made here: one pixel in ten, seeded, becomes 0 or 255. The last two panels are the pipeline's
own output, with 3 × 3 as it stands and with 5 × 5. PSNR of all of the photograph is printed.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
ROWS, COLUMNS, GAP = slice(70, 230), slice(150, 310), 6


def psnr(first, second):
    error = np.mean((first.astype(np.float64) - second) ** 2)
    return 10 * np.log10(255**2 / error)


def main(command):
    image = np.asarray(Image.open(HERE / "../../samples/camera-gray.jpg").convert("L"))
    random = np.random.default_rng(11)
    noisy = image.copy()
    struck = random.random(image.shape) < 0.1
    noisy[struck] = random.integers(0, 2, struck.sum()) * 255
    panels = [image, noisy]
    with tempfile.TemporaryDirectory() as folder:
        Image.fromarray(noisy).save(Path(folder, "noisy.png"))
        for size in (3, 5):
            target = Path(folder, f"median-{size}.png")
            subprocess.run(
                [command, "run", HERE / "../../Pipelines/denoise_median.json", "--input",
                 Path(folder, "noisy.png"), "--output", target, "--set", f"kernel_size={size}"],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            panels.append(np.asarray(Image.open(target).convert("L")))
    print("PSNR:", *(f"{psnr(image, panel):.1f} dB" for panel in panels[1:]))
    cut = [panel[ROWS, COLUMNS] for panel in panels]
    gap = np.full((cut[0].shape[0], GAP), 255, np.uint8)
    row = [piece for panel in cut for piece in (panel, gap)][:-1]
    Image.fromarray(np.hstack(row)).save(HERE / "median.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
