"""Makes banks/kernels.safetensors: banks of kernels as other libraries and scripts have them.

    python3 -m venv venv && venv/bin/pip install numpy scipy opencv-python-headless scikit-image safetensors
    venv/bin/python Tests/Vectors/make_banks.py

Each tensor is M × kH × kW and is called by the bank, or by the JSON of a bank with its parameters. Of
banks of 49 × 49 only every third row and column is kept, from the first on, so that the centre is
among them. Filters of Oxford's Visual Geometry Group and of MATLAB's fspecial are written down here
line by line from their .m files; the rest is what the libraries compute, where they give no kernel by
their response to an impulse. Ran with numpy 2.4.6, scipy 1.17.1, OpenCV 5.0.0, scikit-image 0.26.0.
"""

import json
import os

import cv2
import numpy as np
import scipy.fft
import scipy.ndimage
import skimage.filters
from safetensors.numpy import save_file

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "banks")


def fspecial_gaussian(n, sigma):
    y, x = np.mgrid[-(n - 1) / 2:(n - 1) / 2 + 1, -(n - 1) / 2:(n - 1) / 2 + 1]
    h = np.exp(-(x * x + y * y) / (2 * sigma ** 2))
    h[h < np.finfo(float).eps * h.max()] = 0
    return h / h.sum()


def fspecial_log(n, sigma):
    y, x = np.mgrid[-(n - 1) / 2:(n - 1) / 2 + 1, -(n - 1) / 2:(n - 1) / 2 + 1]
    h = fspecial_gaussian(n, sigma) * (x * x + y * y - 2 * sigma ** 2) / sigma ** 4
    return h - h.sum() / n ** 2


def fspecial_motion(length, theta):
    eps = np.finfo(float).eps
    half = (length - 1) / 2
    phi = theta % 180 / 180 * np.pi
    c, s = np.cos(phi), np.sin(phi)
    sign = 1 if c >= 0 else -1
    sx, sy = int(half * c + sign - length * eps), int(half * s + 1 - length * eps)
    x, y = np.meshgrid(np.arange(0, sx + sign, sign), np.arange(sy + 1))
    d = y * c - x * s
    rad = np.hypot(x, y)
    last = (rad >= half) & (abs(d) <= 1)
    beyond = half - abs((x[last] + d[last] * s) / c)
    d[last] = np.hypot(d[last], beyond)
    d = np.maximum(1 + eps - abs(d), 0)
    h = np.zeros((2 * d.shape[0] - 1, 2 * d.shape[1] - 1))
    h[:d.shape[0], :d.shape[1]] = np.rot90(d, 2)
    h[d.shape[0] - 1:, d.shape[1] - 1:] = d
    h /= h.sum() + eps * length ** 2
    return np.flipud(h) if c > 0 else h


def normalise(f):
    f = f - f.mean()
    return f / abs(f).sum()


def gauss1d(sigma, x, order):
    variance = sigma ** 2
    g = np.exp(-x * x / (2 * variance)) / np.sqrt(np.pi * 2 * variance)
    return [g, -g * x / variance, g * (x * x - variance) / variance ** 2][order]


def oriented(n, scales):
    half = (n - 1) // 2
    x, y = np.meshgrid(np.arange(-half, half + 1), np.arange(half, -half - 1, -1))
    points = np.stack([x.ravel(), y.ravel()])
    edges, bars = [], []
    for scale in scales:
        for o in range(6):
            c, s = np.cos(np.pi * o / 6), np.sin(np.pi * o / 6)
            turned = np.array([[c, -s], [s, c]]) @ points
            for order, into in ((1, edges), (2, bars)):
                f = gauss1d(3 * scale, turned[0], 0) * gauss1d(scale, turned[1], order)
                into.append(normalise(f.reshape(n, n)))
    return edges + bars


def leung_malik(n, smallest):
    scales = smallest * np.sqrt(2) ** np.arange(4)
    bank = oriented(n, scales[:3])
    for s in scales:
        bank += [normalise(fspecial_gaussian(n, s)), normalise(fspecial_log(n, s)),
                 normalise(fspecial_log(n, 3 * s))]
    return np.stack(bank)


def mr8(n):
    return np.stack(oriented(n, [1, 2, 4])
                    + [normalise(fspecial_gaussian(n, 10)), normalise(fspecial_log(n, 10))])


def schmid(n):
    half = (n - 1) // 2
    x, y = np.meshgrid(np.arange(-half, half + 1), np.arange(-half, half + 1))
    r = np.hypot(x, y)
    rings = [(2, 1), (4, 1), (4, 2), (6, 1), (6, 2), (6, 3), (8, 1), (8, 2), (8, 3), (10, 1), (10, 2),
             (10, 3), (10, 4)]
    return np.stack([normalise(np.cos(r * np.pi * t / s) * np.exp(-r * r / (2 * s * s)))
                     for s, t in rings])


def laws():
    v = [[1, 4, 6, 4, 1], [-1, -2, 0, 2, 1], [-1, 0, 2, 0, -1], [-1, 2, 0, -2, 1], [1, -4, 6, -4, 1]]
    return np.stack([np.outer(a, b) for a in v for b in v])


def gabor(n, sigma, orientations, wavelengths, gamma, psi):
    return np.stack([
        cv2.getGaborKernel((n, n), sigma or 0.56 * w, np.pi * o / orientations, w, gamma, psi)
        for w in wavelengths for o in range(orientations)])


def dct(n):
    basis = [np.zeros((n, n)) for _ in range(n * n)]
    for k, e in enumerate(basis):
        e[k // n, k % n] = 1
    # The inverse of a single coefficient is the basis function.
    return np.stack([scipy.fft.idctn(e, type=2, norm="ortho") for e in basis])


def impulse(n):
    image = np.zeros((n, n))
    image[n // 2, n // 2] = 1
    return image


def kernel_of(response):
    """A correlation's kernel from its response to an impulse."""
    return response[::-1, ::-1]


def gaussian_derivative(n, sigma, order, orientations):
    """Steered from scipy's derivatives along the axes."""
    def along(rows, columns):
        # The derivatives of scipy's convolution, as correlation kernels: y is up, x to the right.
        return kernel_of(scipy.ndimage.gaussian_filter(
            impulse(n), sigma, order=(rows, columns), radius=n // 2, mode="constant"))
    kernels = []
    for o in range(orientations):
        s, c = np.sin(np.pi * o / orientations), np.cos(np.pi * o / orientations)
        # LM's kernels are G'(y') with y up: their correlation is the derivative downwards, and to
        # the left.
        if order == 1:
            kernels.append(c * along(1, 0) - s * along(0, 1))
        else:
            kernels.append(c * c * along(2, 0) - 2 * s * c * along(1, 1) + s * s * along(0, 2))
    return np.stack(kernels)


def dog(n, low, high):
    return kernel_of(skimage.filters.difference_of_gaussians(
        impulse(n), low, high, mode="constant"))[None]


def unsharp(n, sigma, amount):
    return kernel_of(skimage.filters.unsharp_mask(
        impulse(n), sigma, amount, preserve_range=True))[None]


def key(name, **parameters):
    return json.dumps({"name": name, **parameters}) if parameters else name


def main():
    thinned = (slice(None), slice(None, None, 3), slice(None, None, 3))
    tensors = {
        "lm": leung_malik(49, np.sqrt(2))[thinned],
        "lms": leung_malik(49, 1)[thinned],
        "mr8": mr8(49)[thinned],
        "schmid": schmid(49)[thinned],
        key("lm", kernel_size=13): leung_malik(13, np.sqrt(2)),
        key("mr8", kernel_size=15): mr8(15),
        key("schmid", kernel_size=9): schmid(9),
        "laws": laws(),
        "gabor": gabor(27, None, 6, [4, 8], 1, np.pi / 2),
        key("gabor", orientations=5, wavelengths=7.5, sigma=3, gamma=0.5, psi=0, kernel_size=31):
            gabor(31, 3, 5, [7.5], 0.5, 0),
        "dct": dct(8),
        key("dct", kernel_size=5): dct(5),
        "haar": np.array([[[1, 1], [1, 1]], [[1, 1], [-1, -1]], [[1, -1], [1, -1]], [[1, -1], [-1, 1]]]) / 2,
        "gaussian_derivative": gaussian_derivative(9, 1, 1, 2),
        key("gaussian_derivative", order=2, sigma=[1.5, 2], orientations=5, kernel_size=17):
            np.concatenate([gaussian_derivative(17, s, 2, 5) for s in (1.5, 2)]),
        key("gaussian_derivative", sigma=0.8, orientations=3): gaussian_derivative(7, 0.8, 1, 3),
        "log": fspecial_log(13, 1.4)[None],
        key("log", sigma=[0.5, 3], kernel_size=15): np.stack([fspecial_log(15, s) for s in (0.5, 3)]),
        "dog": dog(13, 1, 1.6),
        key("dog", low_sigma=1.2, high_sigma=2.3): dog(19, 1.2, 2.3),
        "unsharp": unsharp(9, 1, 1),
        key("unsharp", sigma=2, amount=0.4): unsharp(17, 2, 0.4),
        "emboss": np.array([[[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]]),
        key("emboss", direction="n"): np.array([[[1, 2, 1], [0, 1, 0], [-1, -2, -1]]]),
        "motion": fspecial_motion(9, 0)[None],
        key("motion", length=12, angle=30): fspecial_motion(12, 30)[None],
        key("motion", length=7, angle=90): fspecial_motion(7, 90)[None],
        key("motion", length=9, angle=120): fspecial_motion(9, 120)[None],
        key("motion", length=20.5, angle=-41): fspecial_motion(20.5, -41)[None],
        key("motion", length=1, angle=10): fspecial_motion(1, 10)[None],
    }
    os.makedirs(FOLDER, exist_ok=True)
    save_file({k: np.ascontiguousarray(v, dtype=np.float32) for k, v in tensors.items()},
              os.path.join(FOLDER, "kernels.safetensors"))
    for k, v in tensors.items():
        print(k, v.shape)


if __name__ == "__main__":
    main()
