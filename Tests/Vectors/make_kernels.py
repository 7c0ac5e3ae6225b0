"""kernels.json: Gaussian and derivative kernels, by OpenCV.

    python Tests/Vectors/make_kernels.py        (opencv-python-headless 5.0, numpy 2.4)

Gaussians are 1-D; `"sigma": null` is OpenCV's automatic deviation, 0.3·((k − 1)/2 − 1) + 0.8, with
which it takes fixed tables for k ≤ 9: `"table": true` marks where those differ from the formula.
Derivative kernels are 2-D, as OpenCV correlates with them: dx is [−1 0 1] along the columns.
"""

from pathlib import Path

import cv2
import numpy as np

from splitmix import write_lines


def gaussian(size, sigma):
    values = cv2.getGaussianKernel(size, -1 if sigma is None else sigma, cv2.CV_64F)[:, 0]
    deviation = 0.3 * ((size - 1) / 2 - 1) + 0.8 if sigma is None else sigma
    formula = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * deviation**2))
    formula /= formula.sum()
    differs = not np.allclose(formula, values, rtol=0, atol=1e-12)
    assert not (differs and sigma is not None)
    return {"kernel": "gaussian", "size": size, "sigma": sigma, "table": differs,
            "values": values.tolist()}


def derivative(name, dx, dy, size, code):
    x, y = cv2.getDerivKernels(dx, dy, code, ktype=cv2.CV_64F)
    return {"kernel": name, "dx": dx, "dy": dy, "size": size, "values": (y @ x.T).tolist()}


def laplacian(size):
    """The impulse response, turned by 180° (which changes nothing: the kernel is symmetric)."""
    impulse = np.zeros((9, 9))
    impulse[4, 4] = 1
    values = cv2.Laplacian(impulse, cv2.CV_64F, ksize=size, borderType=cv2.BORDER_CONSTANT)
    return {"kernel": "laplacian", "size": size, "values": values[3:6, 3:6].tolist()}


def main():
    records = [gaussian(size, None) for size in (1, 3, 5, 7, 9, 11, 15, 21, 31)]
    records += [gaussian(size, sigma)
                for size in (3, 5, 7, 13, 31) for sigma in (0.5, 1.0, 1.5, 4.0)]
    for dx, dy in ((1, 0), (0, 1)):
        records += [derivative("sobel", dx, dy, size, size) for size in (3, 5, 7)]
        records.append(derivative("scharr", dx, dy, 3, cv2.FILTER_SCHARR))
    records += [laplacian(1), laplacian(3)]
    source = f"opencv {cv2.__version__}; make_kernels.py"
    write_lines(Path(__file__).with_name("kernels.json"), source, kernels=records)


if __name__ == "__main__":
    main()
