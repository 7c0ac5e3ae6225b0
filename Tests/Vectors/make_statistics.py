"""Makes statistics/: small images, and what scikit-learn and NumPy learn from their patches.

    python3 -m venv venv && venv/bin/pip install numpy scikit-learn safetensors
    venv/bin/python Tests/Vectors/make_statistics.py

Windows are 2 × 3 at a stride of (2, 1). expected.safetensors holds what `tessera fit` is to learn, with the
signs of its rule, and what the stages make of the patches of a.npy: `pca`, the projection on 5
directions, `reconstructed`, its inverse, and `zca` with ε = 0.5, by a singular value decomposition. Ran
with scikit-learn 1.9.1, NumPy 2.4.6.
"""

import os

import numpy as np
from safetensors.numpy import save_file
from sklearn.decomposition import PCA

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "statistics")
random = np.random.default_rng(11)


def image(height, width):
    """Noise that its neighbours share."""
    noise = random.normal(size=(2, height + 4, width + 4))
    smooth = sum(
        noise[:, y:y + height, x:x + width] / (1 + y + 2 * x) for y in range(5) for x in range(5))
    smooth[1] += 0.5 * smooth[0]
    return np.clip(128 + 25 * smooth, 0, 255).astype(np.uint8)


def patches(array):
    windows = np.lib.stride_tricks.sliding_window_view(array, (2, 3), (1, 2))[:, ::2]
    return windows.transpose(1, 2, 0, 3, 4).reshape(-1, 12).astype(np.float64)


images = {name: image(*size) for name, size in
          (("a", (20, 24)), ("b", (9, 31)), ("c", (2, 3)), ("d", (33, 17)))}
os.makedirs(os.path.join(FOLDER, "in"), exist_ok=True)
for name, values in images.items():
    np.save(os.path.join(FOLDER, "in", name + ".npy"), values)

x = np.concatenate([patches(values) for values in images.values()])
pca = PCA(svd_solver="full").fit(x)
signs = np.sign(pca.components_[range(12), np.abs(pca.components_).argmax(1)])
five = PCA(n_components=5, svd_solver="full").fit(x)
a = patches(images["a"])
projected = five.transform(a)
_, sizes, directions = np.linalg.svd(x - x.mean(0), full_matrices=False)
whitening = directions.T @ np.diag(1 / np.sqrt(sizes**2 / (len(x) - 1) + 0.5)) @ directions
expected = {
    "mean": x.mean(0), "covariance": np.cov(x.T), "eigenvalues": pca.explained_variance_,
    "eigenvectors": pca.components_ * signs[:, None], "pca": projected * signs[:5],
    "reconstructed": five.inverse_transform(projected), "zca": (a - x.mean(0)) @ whitening,
}
save_file(
    {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in expected.items()}
    | {"count": np.array(len(x), dtype=np.int64)},
    os.path.join(FOLDER, "expected.safetensors"))
