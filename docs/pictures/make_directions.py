"""directions.png: the directions of Pipelines/pca_8x8.safetensors, the first at the top left, row by row.

    python docs/pictures/make_directions.py TESSERA   (numpy, Pillow, safetensors; TESSERA is the command)

The table of docs/patch-statistics.md is printed: PSNR of the sample photographs in gray with the noise of
Tests/Python/noise.py, and of what Pipelines/pca_denoise.json makes of them.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file

HERE = Path(__file__).parent
PIPELINES = HERE / "../../Pipelines"
sys.path.insert(0, str(HERE / "../../Tests/Python"))
from noise import PHOTOGRAPHS, SIGMAS, noisy, photograph, psnr  # noqa: E402

SIDE, GAP, SCALE = 8, 1, 4
COMPONENTS = (24, 12, 6)


def gray(name):
    return np.asarray(Image.fromarray(photograph(name)).convert("L"))


def denoised(command, image, components, folder):
    """What the pipeline makes of an image."""
    source, target = Path(folder, "noisy.png"), Path(folder, "made.png")
    Image.fromarray(image).save(source)
    subprocess.run(
        [command, "run", PIPELINES / "pca_denoise.json", "--input", source, "--output", target,
         "--overwrite", "--set", f"components={components}"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return np.asarray(Image.open(target))


def draw():
    """Each direction in gray, 0 in the middle, as bright as its largest component allows."""
    directions = load_file(PIPELINES / "pca_8x8.safetensors")["eigenvectors"]
    pitch = SIDE + GAP
    picture = np.full((SIDE * pitch + GAP, SIDE * pitch + GAP), 64, np.uint8)
    for number, direction in enumerate(directions):
        top, left = (GAP + index * pitch for index in divmod(number, SIDE))
        values = direction.reshape(SIDE, SIDE) / np.abs(direction).max()
        picture[top:top + SIDE, left:left + SIDE] = np.rint(127.5 + 127.5 * values)
    Image.fromarray(picture.repeat(SCALE, 0).repeat(SCALE, 1)).save(
        HERE / "directions.png", optimize=True)


def main(command):
    draw()
    heads = " | ".join(f"{count} directions" for count in COMPONENTS)
    print(f"| sigma | with noise | {heads} |\n| --- {'| --- ' * (1 + len(COMPONENTS))}|")
    with tempfile.TemporaryDirectory() as folder:
        for sigma in SIGMAS:
            pairs = [(gray(name), noisy(gray(name), sigma)) for name in PHOTOGRAPHS]
            means = [np.mean([psnr(disturbed, image) for image, disturbed in pairs])]
            for count in COMPONENTS:
                means.append(np.mean([
                    psnr(denoised(command, disturbed, count, folder), image)
                    for image, disturbed in pairs]))
            print(f"| {sigma} |", " | ".join(f"{mean:.1f} dB" for mean in means), "|")


if __name__ == "__main__":
    main(sys.argv[1])
