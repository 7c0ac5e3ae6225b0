"""Makes banks/responses.safetensors: what becomes of the responses of banks on photographs.

    python3 -m venv venv && venv/bin/pip install numpy scipy opencv-python-headless scikit-image \
        safetensors pillow torch
    venv/bin/python Tests/Vectors/make_responses.py

`input` holds a crop of 32 × 36 pixels in gray from each picture in samples/, (N, 1, 32, 36). Every other
tensor is called by the keys of a convolve, and holds every third row and column of what scipy.ndimage
and PyTorch make of the crops in double precision, (N, M, 11, 12). Ran with scipy 1.17.1, torch 2.15.0.
"""

import glob
import json
import os

import numpy as np
import scipy.ndimage
import torch
from PIL import Image
from safetensors.numpy import save_file

from make_banks import FOLDER, gabor, laws, mr8

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def crop(path):
    image = np.asarray(Image.open(path))
    if image.dtype == np.uint8 and image.ndim == 3:
        image = np.asarray(Image.open(path).convert("RGB").convert("L"))
    if image.dtype != np.uint8:
        image = (image >> 8).astype(np.uint8) if image.dtype == np.uint16 else image.astype(np.uint8) * 255
    if image.ndim == 3:
        image = image[..., 0]
    top, left = (image.shape[0] - 32) // 2, (image.shape[1] - 36) // 2
    return image[top:top + 32, left:left + 36]


paths = sorted(glob.glob(os.path.join(ROOT, "samples", "*.png"))
               + glob.glob(os.path.join(ROOT, "samples", "*.jpg")))
crops = np.stack([crop(p) for p in paths])


def filtered(image, kernels):
    return np.stack([scipy.ndimage.correlate(image, k, mode="mirror") for k in kernels])


def conv2d(image, kernels):
    pad = kernels.shape[1] // 2
    padded = np.pad(image, pad, mode="reflect")
    return torch.nn.functional.conv2d(
        torch.from_numpy(padded)[None, None], torch.from_numpy(kernels)[:, None])[0]


def energy(image, kernels, window):
    return np.stack([scipy.ndimage.uniform_filter(abs(r), window, mode="mirror")
                     for r in filtered(image, kernels)])


def maxima(responses, runs):
    return torch.stack([part.max(dim=0).values for part in responses.split(runs)]).numpy()


sobel = np.array([[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]], float)
waves = gabor(11, 2.24, 6, [4, 8], 1, np.pi / 2)
cases = {
    (json.dumps("sobel"), "abs", ""): lambda x: abs(filtered(x, sobel)),
    (json.dumps("sobel"), "square", ""): lambda x: filtered(x, sobel) ** 2,
    (json.dumps("sobel"), "magnitude", ""): lambda x: np.hypot(*filtered(x, sobel))[None],
    (json.dumps({"name": "gabor", "sigma": 2.24, "kernel_size": 11}), "max", '"groups_of": 6'):
        lambda x: maxima(conv2d(x, waves), [6, 6]),
    (json.dumps({"name": "gabor", "sigma": 2.24, "kernel_size": 11}), "max", ""):
        lambda x: maxima(conv2d(x, waves), [12]),
    (json.dumps("laws"), "energy", '"window": 7'): lambda x: energy(x, laws(), 7),
    (json.dumps("sobel"), "energy", ""): lambda x: energy(x, sobel, 15),
    (json.dumps({"name": "mr8", "kernel_size": 21}), None, ""):
        lambda x: maxima(conv2d(x, mr8(21)), [6] * 6 + [1, 1]),
}
tensors = {"input": crops[:, None]}
for (bank, response, rest), work in cases.items():
    keys = f'"bank": {bank}' + (f', "response": "{response}"' if response else "")
    keys += f", {rest}" if rest else ""
    result = np.stack([work(c.astype(float)) for c in crops])
    tensors[keys] = np.ascontiguousarray(result[:, :, ::3, ::3], dtype=np.float32)
    print(keys, tensors[keys].shape, abs(result).max())
save_file(tensors, os.path.join(FOLDER, "responses.safetensors"))
print(len(paths), "pictures")
