"""Whole runs of the chains that people write, with and without `normalize`."""

from contextlib import closing

import numpy as np

import peers
from folders import FILTER, Folders
from measure import debug, process_medians
from results import Row, seconds_text

NORMALIZE = {"stage": "normalize", "mean": "imagenet", "std": "imagenet"}
JPEG = {"stage": "encode", "format": "jpeg", "quality": 90}
EDGES = {"padding": "same", "padding_mode": "reflect"}
BLUR = {"stage": "convolve", "bank": {"name": "gaussian", "kernel_size": 9}} | EDGES
SHARPEN = {"stage": "convolve", "kernels": peers.SHARPENING_KERNEL} | EDGES


def chain(*stages):
    """What stands between loading and writing colours."""
    return [{"stage": "load", "path": ".", "color": "rgb"}, *stages]


def measurements(settings, material):
    """Functions that return rows, by name."""
    chains = Chains(settings, material)
    return {
        "chain-jpeg-normalize-filter": chains.normalized_filter,
        "chain-jpeg-normalize-sharpen": lambda: chains.sharpen(NORMALIZE),
        "chain-jpeg-plain-sharpen": lambda: chains.sharpen(),
        "chain-png-normalize-gaussian": lambda: chains.blur(8),
        "chain-png16-normalize-gaussian": lambda: chains.blur(16),
    }


class Chains(Folders):
    def normalized_filter(self):
        source = self.material.photographs("jpg", self.material.chain_count)
        plain = chain(FILTER[1], JPEG)
        work = f"{count_text(source)} JPEG → normalize → 3 × 3 filter → JPEG"
        return self.compare(
            work,
            chain(NORMALIZE, FILTER[1], JPEG),
            source,
            "jpeg",
            peers.opencv_filter,
            opencv_goal=1.15,
            limit_goal=0.85,
            plain=plain,
        )

    def sharpen(self, *normalize):
        source = self.material.photographs("jpg", self.material.chain_count)
        steps = "normalize → " if normalize else ""
        return self.compare(
            f"{count_text(source)} JPEG → {steps}sharpening 3 × 3 → JPEG",
            chain(*normalize, SHARPEN, JPEG),
            source,
            "jpeg",
            peers.opencv_sharpen,
            opencv_goal=1,
            plain=chain(SHARPEN, JPEG) if normalize else None,
        )

    def blur(self, bits):
        if bits == 8:
            source = self.material.photographs("png")
        else:
            source = self.material.deep_photographs()
        png = {"stage": "encode", "format": "png"}
        return self.compare(
            f"{count_text(source)} PNG of {bits} bits → normalize → Gaussian 9 → PNG",
            chain(NORMALIZE, BLUR, png),
            source,
            "png",
            peers.opencv_blur,
            plain=chain(BLUR, png),
        )

    def compare(
        self, work, stages, source, kind, peer, opencv_goal=None, limit_goal=None, plain=None
    ):
        """Rows of processor time beside the codecs alone and the chain without `normalize`, and of
        the time that passes beside OpenCV."""
        files = sorted(source.iterdir())
        opencv = self.settings.scratch / "opencv"
        with closing(peers.TwoProcesses()) as pool:
            sides = {
                "limit": lambda: self.codec_limit(kind, files),
                "OpenCV": lambda: pool.run(peer, files, self.runner.empty(opencv)),
            }
            if plain:
                sides["plain"] = lambda: self.runner.run(plain, source, 2)
            # Last, so that its outputs are those that are compared.
            sides["ours"] = lambda: self.runner.run(stages, source, 2)
            medians = process_medians(sides, self.settings.rounds)
        check(self.runner.output, opencv)
        rows = [
            processor_row(work, medians, "limit", "decoding and encoding alone", limit_goal),
            clock_row(work, medians, "OpenCV", "OpenCV, 2 processes", opencv_goal),
        ]
        if plain:
            rows.insert(1, processor_row(work, medians, "plain", "without normalize", 0.95))
        return rows


def processor_row(work, medians, side, peer, goal):
    """A row of processor times."""
    return row(f"{work}, processor time", peer, goal, medians["ours"].cpu_seconds, medians[side].cpu_seconds)


def clock_row(work, medians, side, peer, goal):
    """A row of times that pass."""
    return row(work, peer, goal, medians["ours"].seconds, medians[side].seconds)


def row(work, peer, goal, ours, theirs):
    """A row of two times."""
    peer = f"{peer} {seconds_text(theirs)}"
    return Row("chains", work, seconds_text(ours), peer, theirs / ours, goal)


def count_text(folder):
    """How many files a folder has."""
    return str(sum(1 for _ in folder.iterdir()))


def check(ours, theirs):
    """Pixels must agree but for the rounding of two decoders and two filters."""
    import cv2

    files = sorted(theirs.iterdir())
    worst = 0
    for file in files[:: max(1, len(files) // 10)]:
        mine, other = (
            cv2.imread(str(folder / file.name), cv2.IMREAD_UNCHANGED) for folder in (ours, theirs)
        )
        if mine.shape != other.shape or mine.dtype != other.dtype:
            raise RuntimeError(f"{file.name} is {mine.shape} here and {other.shape} there")
        difference = np.abs(mine.astype(np.float64) - other).mean()
        worst = max(worst, difference / np.iinfo(mine.dtype).max * 255)
    debug(f"    images differ by {worst:.3f} of 255 on average, at most 0.5 allowed")
    if worst > 0.5:
        raise RuntimeError(f"filtered images differ by {worst:.2f} of 255 on average")
