"""denoising.json: what OpenCV's xphoto.dctDenoising makes of noisy sample photographs.

    python Tests/Vectors/make_denoising.py        (opencv-contrib-python-headless 5.0, numpy 2.4)

PSNR [dB] inside a border of 16 pixels, which xphoto leaves dark. The photographs and their noise are those of
Tests/Python/test_denoising.py, whose NumPy implementation has the same borders.
"""

import sys
from pathlib import Path

import cv2

sys.path.insert(0, str(Path(__file__).parents[1] / "Python"))
from noise import PHOTOGRAPHS, SIGMAS, inside, noisy, photograph, psnr  # noqa: E402
from splitmix import write_lines  # noqa: E402


def main():
    records = []
    for name in PHOTOGRAPHS:
        image = photograph(name)
        for sigma in SIGMAS:
            disturbed = noisy(image, sigma)
            for size in (8, 16):
                made = disturbed.copy()
                cv2.xphoto.dctDenoising(disturbed, made, sigma, size)
                records.append({
                    "image": name, "sigma": sigma, "size": size, "sum": int(disturbed.sum()),
                    "psnr": round(float(psnr(inside(made), inside(image))), 4)})
    write_lines(
        Path(__file__).with_name("denoising.json"), f"opencv {cv2.__version__}; make_denoising.py",
        denoising=records)


if __name__ == "__main__":
    main()
