"""dct.png: a photograph, the same with Gaussian noise, and what Pipelines/denoise_dct.json makes of it.

    python docs/pictures/make_dct.py TESSERA        (numpy, Pillow 13; TESSERA is the command)

The noise is that of Tests/Python/noise.py. The table of docs/denoising.md is printed: PSNR of the sample
photographs there, with noise and without.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "../../Tests/Python"))
from noise import PHOTOGRAPHS, SIGMAS, noisy, photograph, psnr  # noqa: E402

GAP = 6


def denoised(command, image, sigma, size, folder):
    """What the pipeline makes of an image."""
    source, target = Path(folder, "noisy.png"), Path(folder, "made.png")
    Image.fromarray(image).save(source)
    subprocess.run(
        [command, "run", HERE / "../../Pipelines/denoise_dct.json", "--input", source, "--output",
         target, "--overwrite", "--set", f"sigma={sigma}", "--set", f"kernel_size={size}", "--set",
         f"padding={size - 1}", "--set", "color=keep"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return np.asarray(Image.open(target))


def main(command):
    with tempfile.TemporaryDirectory() as folder:
        print("| sigma | with noise | 8 × 8 | 16 × 16 |\n| --- | --- | --- | --- |")
        for sigma in SIGMAS:
            means = [np.mean([psnr(noisy(photograph(name), sigma), photograph(name))
                              for name in PHOTOGRAPHS])]
            for size in (8, 16):
                means.append(np.mean([
                    psnr(denoised(command, noisy(photograph(name), sigma), sigma, size, folder),
                         photograph(name)) for name in PHOTOGRAPHS]))
            print(f"| {sigma} |", " | ".join(f"{mean:.1f} dB" for mean in means), "|")
        with Image.open(HERE / "../../samples/chelsea-rgb.png") as file:
            image = np.asarray(file.convert("RGB"))[20:150, 40:220]
        disturbed = noisy(image, 25)
        panels = [image, disturbed, denoised(command, disturbed, 25, 16, folder)]
    gap = np.full((image.shape[0], GAP, 3), 255, np.uint8)
    row = [piece for panel in panels for piece in (panel, gap)][:-1]
    Image.fromarray(np.hstack(row)).save(HERE / "dct.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
