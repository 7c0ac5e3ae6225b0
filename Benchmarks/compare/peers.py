"""What other tools do with one file, in a process that does nothing else."""

import multiprocessing
import os
import time

from measure import Process

KERNEL = [[-1, -1, -1], [-1, 16, -1], [-1, -1, -1]]
SHARPENING_KERNEL = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]


def opencv_filter(source, target):
    """JPEG → 3 × 3 filter → JPEG."""
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    image = cv2.filter2D(cv2.imread(source), -1, np.array(KERNEL, dtype=np.float32) / 8)
    cv2.imwrite(target, image, [cv2.IMWRITE_JPEG_QUALITY, 90])


def opencv_sharpen(source, target):
    """JPEG → integral 3 × 3 filter → JPEG; OpenCV adds bytes up as integers."""
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    image = cv2.filter2D(cv2.imread(source), -1, np.array(SHARPENING_KERNEL, dtype=np.float32))
    cv2.imwrite(target, image, [cv2.IMWRITE_JPEG_QUALITY, 90])


def opencv_blur(source, target):
    """PNG → Gaussian 9 × 9 → PNG, with the σ that both take for that size."""
    import cv2

    cv2.setNumThreads(1)
    image = cv2.imread(source, cv2.IMREAD_UNCHANGED)
    cv2.imwrite(target, cv2.GaussianBlur(image, (9, 9), 0))


def read_gray(folder):
    """The bytes of the one gray image in a folder."""
    import cv2

    (file,) = folder.iterdir()
    return cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)


def torch_denoising(noisy, side, threshold):
    """Columns, two products with the basis, a threshold between them, and a fold; one thread."""
    import numpy as np
    import torch
    from torch.nn.functional import fold, unfold

    torch.set_num_threads(1)
    frequency, place = np.mgrid[:side, :side]
    basis = np.cos(np.pi * (2 * place + 1) * frequency / (2 * side)) * np.sqrt(2 / side)
    basis[0] /= np.sqrt(2)
    basis = torch.tensor(basis, dtype=torch.float32)
    image = torch.tensor(noisy, dtype=torch.float32)[None, None] / 255
    columns = unfold(image, side)[0].view(side, side, -1)
    coefficients = torch.einsum("ki,ijl->kjl", basis, columns)
    coefficients = torch.einsum("qj,kjl->kql", basis, coefficients)
    means = coefficients[0, 0].clone()
    coefficients *= coefficients.abs() >= threshold
    coefficients[0, 0] = means
    columns = torch.einsum("ki,kql->iql", basis, coefficients)
    columns = torch.einsum("qj,iql->ijl", basis, columns).reshape(1, side * side, -1)
    sums = fold(columns, noisy.shape, side)
    # How many windows lie over a pixel: the outer product of what that is along each side.
    counts = [np.minimum(np.minimum(np.arange(n) + 1, n - np.arange(n)), side) for n in noisy.shape]
    return (sums[0, 0] / torch.tensor(np.outer(*counts), dtype=torch.float32)).numpy()


def opencv_denoising(noisy, side, sigma):
    """What OpenCV's photography module has for it; one thread."""
    import cv2

    cv2.setNumThreads(1)
    result = noisy.copy()
    cv2.xphoto.dctDenoising(noisy, result, sigma, side)
    return result


def vips_filter(source, target):
    """The same, as a stream; integers, which libvips is fastest with."""
    import pyvips

    image = pyvips.Image.new_from_file(source, access="sequential")
    mask = pyvips.Image.new_from_array(KERNEL, scale=8)
    image.conv(mask, precision="integer").jpegsave(target, Q=90, subsample_mode="on")


def pillow_copy(source, target):
    """Decodes and encodes."""
    from PIL import Image

    with Image.open(source) as image:
        image.save(target)


def vips_copy(source, target):
    """Decodes and encodes, as a stream."""
    import pyvips

    pyvips.Image.new_from_file(source, access="sequential").write_to_file(target)


def processor_seconds(work, source, target):
    """Does the work and tells the processor time of it."""
    start = time.process_time()
    work(source, target)
    return time.process_time() - start


class TwoProcesses:
    """Two processes that have loaded their library and wait for files."""

    def __init__(self):
        self.pool = multiprocessing.get_context("spawn").Pool(2)

    def run(self, work, sources, folder):
        """What it took for all files; outputs take the sources' names."""
        tasks = [(work, str(path), os.path.join(folder, path.name)) for path in sources]
        start = time.perf_counter()
        cpu_seconds = sum(self.pool.starmap(processor_seconds, tasks, chunksize=1))
        return Process(time.perf_counter() - start, cpu_seconds)

    def close(self):
        self.pool.terminate()
        self.pool.join()
