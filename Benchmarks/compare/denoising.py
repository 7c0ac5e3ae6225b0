"""Denoising by thresholds on cosine coefficients of every window: the command, one job, against libraries."""

import time

import numpy as np

import peers
from folders import Runner
from measure import debug, in_turns
from results import Row, seconds_text

SIGMA = 25
THRESHOLD = 3 * SIGMA / 255


def measurements(settings, material):
    """Functions that return rows, by name."""
    denoising = Denoising(settings, material)
    return {
        "denoise-dct-8": lambda: denoising.compare(8, torch_goal=10),
        "denoise-dct-16": lambda: denoising.compare(16),
    }


class Denoising:
    def __init__(self, settings, material):
        self.settings = settings
        self.material = material
        self.runner = Runner(settings)

    def compare(self, side, torch_goal=None):
        """Processor times: ours are those of the whole command, with its start and its files."""
        source = self.material.noisy_photograph(SIGMA)
        noisy = peers.read_gray(source)
        # PyTorch takes half a minute for windows of 16 × 16.
        rounds = self.settings.rounds if side <= 8 else 1
        stages = [
            {"stage": "load", "path": "."},
            {"stage": "normalize"},
            {"stage": "unfold", "kernel_size": side},
            {"stage": "transform.dct_threshold", "sigma": SIGMA},
            {"stage": "fold"},
            {"stage": "encode", "format": "npy"},
        ]
        results = {}
        sides = {
            "torch": lambda: self.timed(results, peers.torch_denoising, noisy, side, THRESHOLD),
            "OpenCV": lambda: self.timed(results, peers.opencv_denoising, noisy, side, SIGMA),
            "ours": lambda: self.runner.run(stages, source, 1).cpu_seconds,
        }
        times = in_turns(sides, rounds)
        check(self.runner.output, results["torch_denoising"])
        height, width = noisy.shape
        work = f"noise out of {height} × {width} gray, {side} × {side} cosines of every window"
        return [
            row(work, times, "torch", "torch unfold, products, fold", torch_goal),
            row(work, times, "OpenCV", "OpenCV xphoto dctDenoising", 1),
        ]

    @staticmethod
    def timed(results, denoise, *arguments):
        """Seconds of processor time; the result is kept by the name of the function."""
        start = time.process_time()
        results[denoise.__name__] = denoise(*arguments)
        return time.process_time() - start


def row(work, times, side, peer, goal):
    """A row of two times."""
    return Row(
        "denoising",
        work,
        seconds_text(times["ours"]),
        f"{peer} {seconds_text(times[side])}",
        times[side] / times["ours"],
        goal,
    )


def check(output, expected):
    """Rounding may take a coefficient across the threshold, here and there."""
    (file,) = output.glob("*.npy")
    difference = np.abs(np.load(file)[0] - expected).mean()
    debug(f"    results differ by {difference:.1e} on average, at most 1e-5 allowed")
    if difference > 1e-5:
        raise RuntimeError(f"denoised images differ by {difference:.1e} on average")
