"""Sample photographs with seeded noise, and how far they are from those without."""

import pathlib

import numpy as np
from PIL import Image

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
PHOTOGRAPHS = ["chelsea-rgb.png", "coffee-rgba.png", "brick-interlaced.png"]
SIGMAS = [10, 25, 50]


def photograph(name):
    """The middle of a sample: 96 × 96 pixels of 8 bits, (H, W) or (H, W, 3)."""
    with Image.open(SAMPLES / name) as image:
        pixels = np.asarray(image.convert("L" if image.mode == "L" else "RGB"))
    top, left = (pixels.shape[0] - 96) // 2, (pixels.shape[1] - 96) // 2
    return pixels[top:top + 96, left:left + 96]


def noisy(image, sigma):
    """The photograph with Gaussian noise of a deviation, rounded to 8 bits."""
    noise = np.random.default_rng(sigma).normal(0, sigma, image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


def inside(image):
    """The image without a border of 16 pixels."""
    return image[16:-16, 16:-16]


def psnr(first, second):
    """The peak signal to noise ratio of two images of 8 bits [dB]."""
    return 10 * np.log10(255**2 / np.mean((first.astype(float) - second) ** 2))
