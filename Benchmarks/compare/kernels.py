"""Kernels on a 3 × 1080 × 1920 float image: ours, OpenCV's, torch's, and what bounds them."""

import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import json

from measure import Timed, debug, in_turns
from results import Row, seconds_text

SHAPE = (3, 1080, 1920)
WINDOWS = [(3, 1, 1), (7, 1, 3), (16, 16, 0), (16, 8, 0)]
PHOTOGRAPHS = [(1280, 1920), (480, 640)]
BANKS = [(16, 3), (16, 7), (48, 9), (64, 7)]


def measurements(settings):
    """Functions that return rows, by name."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    kernels = Kernels(settings)
    cases = {f"kernel-depthwise-{k}": (kernels.depthwise, k) for k in (3, 5, 7, 9, 15)}
    cases |= {f"kernel-gaussian-{k}": (kernels.gaussian, k) for k in (15, 31)}
    cases |= {f"kernel-bank-{m}-{k}": (kernels.bank, m, k) for m, k in BANKS}
    cases["kernel-bank-lm"] = (kernels.texture_bank,)
    cases |= {f"kernel-unfold-{k}-{s}": (kernels.unfold, k, s, p) for k, s, p in WINDOWS}
    cases |= {f"kernel-fold-{k}-{s}": (kernels.fold, k, s, p) for k, s, p in WINDOWS}
    cases |= {f"kernel-means-{k}-{s}": (kernels.means, k, s) for k, s in ((16, 8), (8, 1))}
    cases |= {f"kernel-resize-{w}": (kernels.resize, h, w) for h, w in PHOTOGRAPHS}
    cases |= {f"kernel-median-{k}": (kernels.median, k) for k in (3, 5, 7, 31)}
    cases["kernel-embedding"] = (kernels.embedding,)
    return {name: lambda case=case: case[0](*case[1:]) for name, case in cases.items()}


class Ours:
    """A kernel of ours that waits to be called, in a process of its own."""

    def __init__(self, process, facts):
        self.process = process
        self.facts = facts
        self.kernel = self._sampler("run")
        self.limit = self._sampler("limit")

    def _sampler(self, word):
        def call(count):
            print(word, count, file=self.process.stdin, flush=True)
            return float(self.process.stdout.readline())

        count = None

        def sample():
            nonlocal count
            if count is None:
                count = max(1, round(0.1 / max(call(1), 1e-6)))
            return call(count)

        return sample


class Kernels:
    def __init__(self, settings):
        self.settings = settings
        self.random = np.random.default_rng(3)
        self.image = self.random.random(SHAPE, dtype=np.float32)

    @contextmanager
    def ours(self, case, arrays, expected, tolerance):
        """Starts a case on arrays and checks its result before it may be measured."""
        debug(f"  {' '.join(map(str, case))}")
        with tempfile.TemporaryDirectory(dir=self.settings.scratch) as folder:
            source, target = Path(folder, "input"), Path(folder, "output")
            with source.open("wb") as file:
                for array in arrays:
                    np.ascontiguousarray(array, dtype=np.float32).tofile(file)
            process = subprocess.Popen(
                [self.settings.kernels, "case", *map(str, case), source, target],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self.settings.blas_environment,
                text=True,
            )
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"{case}: the kernel could not be run")
            source.unlink()
            check(np.fromfile(target, dtype=np.float32), expected, tolerance)
            target.unlink()
            try:
                yield Ours(process, json.loads(line))
            finally:
                process.stdin.close()
                process.wait()

    def row(self, work, ours, times, peer, goal, group="kernels"):
        """Ours against a peer, by time, or against a limit, by speed."""
        if peer == "limit":
            facts = ours.facts
            ratio = (facts["cost"] / times["ours"]) / (facts["limit_cost"] / times["limit"])
            per_unit = facts["limit_cost"] / times["limit"] / 1e9
            unit = "GFLOP/s" if facts["limit"] == "sgemm" else "GB/s"
            return Row(
                group,
                work,
                f"{facts['cost'] / times['ours'] / 1e9:.1f} {unit}",
                f"{facts['limit']} {per_unit:.1f} {unit}",
                ratio,
                goal,
            )
        return Row(
            group,
            work,
            seconds_text(times["ours"]),
            f"{peer} {seconds_text(times[peer])}",
            times[peer] / times["ours"],
            goal,
        )

    def times(self, ours, peers):
        sides = {"ours": ours.kernel, "limit": ours.limit}
        sides |= {name: Timed(call) for name, call in peers.items()}
        return in_turns(sides, self.settings.rounds)

    def padded(self, margin, mode="constant"):
        return np.pad(self.image, ((0, 0), (margin, margin), (margin, margin)), mode=mode)

    def opencv(self, call):
        """The faster of OpenCV on interleaved pixels and on planes, and its result as planes."""
        pixels = np.ascontiguousarray(self.image.transpose(1, 2, 0))
        interleaved, planar = np.empty_like(pixels), np.empty_like(self.image)

        def on_pixels():
            call(pixels, interleaved)

        def on_planes():
            for plane, target in zip(self.image, planar):
                call(plane, target)

        times = in_turns({"interleaved": Timed(on_pixels), "planes": Timed(on_planes)}, 3)
        faster = on_pixels if times["interleaved"] < times["planes"] else on_planes
        return faster, interleaved.transpose(2, 0, 1)

    def depthwise(self, size):
        weights = self.random.standard_normal((size, size), dtype=np.float32)
        peer, expected = self.opencv(lambda source, target: cv2.filter2D(source, -1, weights, target))
        arrays = [self.padded(size // 2, "reflect"), weights]
        with self.ours(["depthwise", size], arrays, expected, 1e-5) as ours:
            times = self.times(ours, {"OpenCV filter2D": peer})
        work = f"depthwise {size} × {size}"
        rows = [self.row(work, ours, times, "OpenCV filter2D", 1.4)]
        return rows + [self.row(work, ours, times, "limit", 0.9 if size == 15 else None)]

    def gaussian(self, size):
        line = cv2.getGaussianKernel(size, 0, cv2.CV_32F).ravel()
        peer, expected = self.opencv(
            lambda source, target: cv2.GaussianBlur(source, (size, size), 0, target)
        )
        arrays = [self.padded(size // 2, "reflect"), line, line]
        with self.ours(["separable", size], arrays, expected, 1e-5) as ours:
            times = self.times(ours, {"OpenCV GaussianBlur": peer})
        return [self.row(f"Gaussian {size}", ours, times, "OpenCV GaussianBlur", 1.2)]

    def bank(self, filters, size):
        weights = self.random.standard_normal((filters, 3, size, size), dtype=np.float32)
        image, kernel = torch.from_numpy(self.image)[None], torch.from_numpy(weights)
        margin = size // 2

        def convolve():
            return F.conv2d(image, kernel, padding=margin)

        def unfold_multiply_fold():
            columns = F.unfold(image, size, padding=margin)
            return F.fold(kernel.view(filters, -1) @ columns, SHAPE[1:], 1)

        arrays = [self.padded(margin), weights]
        with torch.inference_mode():
            expected = convolve()[0].numpy()
            with self.ours(["bank", filters, size], arrays, expected, 1e-5) as ours:
                del expected
                times = self.times(
                    ours,
                    {"torch conv2d": convolve, "torch unfold, matmul, fold": unfold_multiply_fold},
                )
        work = f"3 → {filters}, {size} × {size}, same"
        goals = {
            "limit": 0.85,
            "torch conv2d": 2,
            "torch unfold, matmul, fold": 14 if filters == 16 else 7,
        }
        return [self.row(work, ours, times, peer, goal) for peer, goal in goals.items()]

    def texture_bank(self):
        """As many and as large filters as Leung and Malik's, each with one channel: seconds a call."""
        filters, size = 48, 49
        weights = self.random.standard_normal((filters, 1, size, size), dtype=np.float32)
        image, kernel = torch.from_numpy(self.image[:1])[None], torch.from_numpy(weights)

        def convolve():
            return F.conv2d(image, kernel, padding=size // 2)

        arrays = [self.padded(size // 2)[:1], weights]
        with torch.inference_mode():
            expected = convolve()[0].numpy()
            with self.ours(["filters", filters, size], arrays, expected, 1e-5) as ours:
                del expected
                sides = {"ours": ours.kernel, "limit": ours.limit, "torch conv2d": Timed(convolve)}
                times = in_turns(sides, min(self.settings.rounds, 3))
        work = f"1 → {filters}, {size} × {size}, same"
        goals = {"limit": 0.8, "torch conv2d": None}
        return [self.row(work, ours, times, peer, goal) for peer, goal in goals.items()]

    def unfold(self, size, stride, padding):
        image = torch.from_numpy(self.image)[None]

        def peer():
            return F.unfold(image, size, padding=padding, stride=stride)

        with torch.inference_mode():
            expected = peer()[0].numpy()
            case = ["unfold", size, stride, padding]
            with self.ours(case, [self.padded(padding)], expected, 0) as ours:
                del expected
                times = self.times(ours, {"torch unfold": peer})
        work = f"unfold k {size} s {stride} p {padding}"
        limit, torch_goal = (0.85, 8) if stride == 1 else (0.6, 5)
        return [
            self.row(work, ours, times, "limit", limit),
            self.row(work, ours, times, "torch unfold", torch_goal),
        ]

    def fold(self, size, stride, padding):
        blocks = [(side + 2 * padding - size) // stride + 1 for side in SHAPE[1:]]
        columns = self.random.random((3 * size * size, blocks[0] * blocks[1]), dtype=np.float32)
        source = torch.from_numpy(columns)[None]

        def peer():
            return F.fold(source, SHAPE[1:], size, padding=padding, stride=stride)

        with torch.inference_mode():
            expected = peer()[0].numpy()
            case = ["fold", size, stride, padding]
            with self.ours(case, [columns], expected, 1e-6) as ours:
                times = self.times(ours, {"torch fold": peer})
        work = f"fold k {size} s {stride} p {padding}"
        return [self.row(work, ours, times, "torch fold", 3)]

    def means(self, size, stride):
        image = torch.from_numpy(self.image)[None]

        def fold(columns):
            return F.fold(columns, SHAPE[1:], size, stride=stride)

        with torch.inference_mode():
            counts = fold(F.unfold(torch.ones_like(image), size, stride=stride))

            def peer():
                columns = F.unfold(image, size, stride=stride)
                columns -= columns.mean(1, keepdim=True)
                return fold(columns).div_(counts)

            expected = peer()[0].numpy()
            case = ["means", size, stride]
            with self.ours(case, [self.image], expected, 1e-5) as ours:
                times = self.times(ours, {"torch": peer})
        work = f"unfold k {size} s {stride} → subtract means → fold"
        return [self.row(work, ours, times, "torch", 15)]

    def median(self, size):
        """Of bytes that are no noise alone, whose margins repeat the edge as OpenCV has it."""
        image = cv2.GaussianBlur((self.image.transpose(1, 2, 0) * 255).astype(np.uint8), (5, 5), 0)
        pixels, planes = image.copy(), np.ascontiguousarray(image.transpose(2, 0, 1))
        interleaved, planar = np.empty_like(pixels), np.empty_like(planes)

        def on_pixels():
            cv2.medianBlur(pixels, size, interleaved)

        def on_planes():
            for plane, target in zip(planes, planar):
                cv2.medianBlur(plane, size, target)

        times = in_turns({"interleaved": Timed(on_pixels), "planes": Timed(on_planes)}, 3)
        faster = on_pixels if times["interleaved"] < times["planes"] else on_planes
        margin = size // 2
        padded = np.pad(planes, ((0, 0), (margin, margin), (margin, margin)), mode="edge")
        expected = interleaved.transpose(2, 0, 1).astype(np.float32)
        with self.ours(["median", size], [padded], expected, 0) as ours:
            times = self.times(ours, {"OpenCV medianBlur": faster})
        return [self.row(f"median {size} × {size}, bytes", ours, times, "OpenCV medianBlur", 1)]

    def resize(self, height, width):
        """To a shortest side of 256, bicubic: Pillow's bits, and what others make of the same."""
        source = self.random.integers(0, 256, (height // 16, width // 16, 3), dtype=np.uint8)
        picture = Image.fromarray(source).resize((width, height), Image.Resampling.BICUBIC)
        pixels = np.asarray(picture)
        size = (256 * width // height, 256)
        expected = np.asarray(picture.resize(size, Image.Resampling.BICUBIC)).transpose(2, 0, 1)
        batch = torch.from_numpy(pixels.transpose(2, 0, 1).copy())[None]
        batch = batch.contiguous(memory_format=torch.channels_last)
        peers = {
            "Pillow": lambda: picture.resize(size, Image.Resampling.BICUBIC),
            "torch, its own bits": lambda: F.interpolate(
                batch, size=size[::-1], mode="bicubic", antialias=True),
            "OpenCV INTER_AREA": lambda: cv2.resize(pixels, size, interpolation=cv2.INTER_AREA),
        }
        case = ["resize", height, width, 256, size[0]]
        with self.ours(case, [pixels.transpose(2, 0, 1)], expected.astype(np.float32), 0) as ours:
            times = self.times(ours, peers)
        work = f"resize {width} × {height} → {size[0]} × 256, bicubic, bytes"
        goals = {"Pillow": 3}
        return [self.row(work, ours, times, peer, goals.get(peer)) for peer in peers]

    def embedding(self):
        images = self.random.random((32, 3, 224, 224), dtype=np.float32)
        weights = self.random.standard_normal((768, 3, 16, 16), dtype=np.float32)
        batch, kernel = torch.from_numpy(images), torch.from_numpy(weights)

        def peer():
            return F.conv2d(batch, kernel, stride=16)

        with torch.inference_mode():
            expected = peer().numpy()
            # The executor's tile for patches of 768 values.
            with self.ours(["embed"], [images, weights], expected, 1e-5) as ours:
                times = self.times(ours, {"torch conv2d": peer})
        work = "patch embedding 32 × 3 × 224 × 224, 16 × 16 → 768"
        return [
            self.row(work, ours, times, "limit", 0.9),
            self.row(work, ours, times, "torch conv2d", None),
        ]


def check(found, expected, tolerance):
    """Both sides must have computed the same, relative to the largest value."""
    found = found.reshape(expected.shape)
    scale = max(float(np.abs(plane).max()) for plane in expected)
    worst = max(float(np.abs(a - b).max()) for a, b in zip(found, expected)) / scale
    debug(f"    differs by {worst:.2g} of the largest value, at most {tolerance:g} allowed")
    if not worst <= tolerance:
        raise RuntimeError(f"results differ by {worst:.3g} of the largest value")
