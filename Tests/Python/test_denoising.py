"""transform.dct_threshold against an implementation in NumPy, and against OpenCV's figures."""

import json
import pathlib
import unittest

import numpy as np
from PIL import Image

from noise import PHOTOGRAPHS, SIGMAS, inside, noisy, photograph, psnr
from workshop import Workshop

MIXES = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
VECTORS = pathlib.Path(__file__).resolve().parents[1] / "Vectors" / "denoising.json"


def basis(size):
    """Rows are the orthonormal vectors of the DCT-II."""
    places = (np.arange(size) + 0.5) / size
    rows = np.cos(np.pi * np.arange(size)[:, None] * places) * np.sqrt(2 / size)
    rows[0] /= np.sqrt(2)
    return rows


def shrunk(coefficients, bound, kind):
    """Small coefficients become 0."""
    if kind == "soft":
        return np.sign(coefficients) * np.maximum(np.abs(coefficients) - bound, 0)
    return np.where(np.abs(coefficients) < bound, 0, coefficients)


def denoise(image, sigma, size, kind="hard", weights="uniform", decorrelate=True):
    """All patches at stride 1, plane by plane: the slow way."""
    planes = image.astype(float).reshape(*image.shape[:2], -1).transpose(2, 0, 1)
    mixes = MIXES if decorrelate and len(planes) == 3 else np.eye(len(planes))
    planes = np.tensordot(mixes, planes, 1)
    vectors, bound = basis(size), sigma * (3 if kind == "hard" else 1.5)
    patches = np.lib.stride_tricks.sliding_window_view(planes, (size, size), axis=(1, 2))
    coefficients = vectors @ patches @ vectors.T
    kept = shrunk(coefficients, bound, kind)
    means = slice(1 if mixes is MIXES else None)
    kept[means, :, :, 0, 0] = coefficients[means, :, :, 0, 0]
    count = np.maximum((kept != 0).sum(axis=(0, 3, 4)), 1)
    weight = 1 / count if weights == "adaptive" else np.ones(count.shape)
    patches = vectors.T @ kept @ vectors
    sums, divisors = np.zeros(planes.shape), np.zeros(planes.shape[1:])
    rows, columns = count.shape
    for i in range(size):
        for j in range(size):
            sums[:, i:i + rows, j:j + columns] += weight * patches[..., i, j]
            divisors[i:i + rows, j:j + columns] += weight
    made = np.tensordot(mixes.T, sums / divisors, 1).transpose(1, 2, 0).reshape(image.shape)
    return np.clip(np.rint(made), 0, 255)


class Denoising(Workshop):
    """Photographs with noise of three strengths."""

    def denoised(self, image, sigma, size, **keys):
        """What the command makes of an image."""
        folder = self.root / "in"
        folder.mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / "noisy.png")
        out = self.run_stages(
            {"stage": "normalize"}, {"stage": "unfold", "kernel_size": size},
            {"stage": "transform.dct_threshold", "sigma": sigma, **keys}, {"stage": "fold"},
            {"stage": "encode", "format": "png"}, arguments=["--overwrite"])
        return np.asarray(Image.open(out / "noisy.png"))

    def test_against_numpy(self):
        variants = [{}, {"kind": "soft"}, {"weights": "adaptive"}, {"decorrelate": False}]
        for name in PHOTOGRAPHS:
            image = photograph(name)
            for sigma in SIGMAS:
                for size in (8, 16):
                    for keys in variants if name == PHOTOGRAPHS[0] else variants[:1]:
                        disturbed = noisy(image, sigma)
                        made = psnr(self.denoised(disturbed, sigma, size, **keys), image)
                        expected = psnr(denoise(disturbed, sigma, size, **keys), image)
                        with self.subTest(name=name, sigma=sigma, size=size, **keys):
                            self.assertAlmostEqual(made, expected, delta=0.01)
                            self.assertGreater(made, psnr(disturbed, image) + 2)

    def test_against_opencv(self):
        records = json.loads(VECTORS.read_text())["denoising"]
        self.assertEqual(len(records), len(PHOTOGRAPHS) * len(SIGMAS) * 2)
        for record in records:
            image = photograph(record["image"])
            disturbed = noisy(image, record["sigma"])
            self.assertEqual(int(disturbed.sum()), record["sum"], "other noise than the vectors'")
            made = self.denoised(disturbed, record["sigma"], record["size"])
            with self.subTest(**record):
                # Both keep what the other keeps; only roundings differ.
                self.assertGreater(psnr(inside(made), inside(image)), record["psnr"] - 0.01)


if __name__ == "__main__":
    unittest.main()
