"""Memory, time and bytes as images grow in size and number and jobs change."""

import hashlib
import shutil
from statistics import median

from folders import FILTER, ROUND_TRIP, Runner, bank
from measure import debug
from results import Row, bytes_text, seconds_text

FUSED = [
    {"stage": "load", "path": ".", "max_pixels": 1 << 31},
    {"stage": "normalize"},
    {"stage": "unfold", "kernel_size": 8, "stride": 4, "edge": "shift"},
    {"stage": "transform.mean_removal"},
    {"stage": "fold", "normalize": "count"},
    {"stage": "encode", "format": "png", "range": [-0.5, 0.5]},
]
FUSED_TEXT = "normalize → unfold k 8 s 4 → subtract means → fold → PNG"


def measurements(settings, material):
    """Functions that return rows, by name."""
    scale = Scale(settings, material)
    sides = {8000: 200} if settings.is_quick else {20_000: 200}
    if settings.is_large:
        sides[32_768] = 256
    cases = {
        f"scale-memory-{side}": lambda side=side, goal=goal: scale.memory(side, goal)
        for side, goal in sides.items()
    }
    return cases | {
        "scale-pixels": scale.pixels,
        "scale-images": scale.images,
        "scale-identical": scale.identical,
    }


class Scale:
    def __init__(self, settings, material):
        self.settings = settings
        self.material = material
        self.runner = Runner(settings)

    def memory(self, side, goal):
        source = self.material.large(side, side, "png")
        run = self.runner.run(FUSED, source, 2)
        shutil.rmtree(self.runner.output)
        debug(f"    {run.seconds:.1f} s, {run.cpu_seconds:.1f} s of processor time")
        return [
            Row(
                "scale",
                f"peak memory, {side} × {side} RGB PNG through {FUSED_TEXT}, 2 jobs",
                f"{bytes_text(run.peak_bytes)} in {seconds_text(run.seconds)}",
                f"float image {bytes_text(side * side * 12)}",
                run.peak_bytes / 1e6,
                goal,
                at_most=True,
                unit="MB",
            )
        ]

    def in_turns(self, stages, folders, jobs, rounds):
        """Runs over each folder, in turns; the first of each does not count."""
        runs = {name: [] for name in folders}
        for number in range(rounds + 1):
            for name, folder in folders.items():
                run = self.runner.run(stages, folder, jobs)
                if number > 0:
                    runs[name].append(run)
        return runs

    def pixels(self):
        """Processor time per pixel of single images and of folders that make 10 megapixels."""
        sizes = [0.1, 1, 10] if self.settings.is_quick else [0.1, 1, 10, 100]
        folders = {size: self.material.pieces(size) for size in sizes}
        runs = self.in_turns(FUSED, folders, 1, self.settings.rounds)
        times = {}
        for size in sizes:
            times[size] = median(run.cpu_seconds for run in runs[size]) / max(size, 10) * 1e3
            debug(f"    {size:g} megapixels: {times[size]:.2f} ns per pixel")
        least, most = min(times.values()), max(times.values())
        return [
            Row(
                "scale",
                f"processor time per pixel, images of {sizes[0]:g} … {sizes[-1]} megapixels, 1 job",
                f"{least:.1f} … {most:.1f} ns",
                ", ".join(f"{size:g}: {time:.1f}" for size, time in times.items()),
                most / least,
                1.2,
                at_most=True,
            )
        ]

    def images(self):
        """Processor time per image and peak memory of folders of small files, two jobs."""
        counts = [100, 1000] if self.settings.is_quick else [100, 500, 5000]
        folders = {count: self.material.small_images(count) for count in counts}
        runs = self.in_turns(FILTER, folders, 2, self.settings.rounds)
        times, peaks = {}, {}
        for count in counts:
            times[count] = median(run.cpu_seconds for run in runs[count]) / count * 1e3
            peaks[count] = max(run.peak_bytes for run in runs[count]) / 1e6
            debug(f"    {count}: {times[count]:.3f} ms per image, {peaks[count]:.1f} MB")
        first, last = counts[0], counts[-1]
        return [
            Row(
                "scale",
                f"processor time per image, {first} … {last} JPEG of 320 × 240, 2 jobs",
                f"{min(times.values()):.2f} … {max(times.values()):.2f} ms",
                ", ".join(f"{count}: {time:.2f}" for count, time in times.items()),
                max(times.values()) / min(times.values()),
                1.1,
                at_most=True,
            ),
            Row(
                "scale",
                "peak memory of those runs",
                f"{peaks[last]:.1f} MB for {last}",
                f"{peaks[first]:.1f} MB for {first}",
                peaks[last] / peaks[first],
                1.1,
                at_most=True,
            ),
        ]

    def identical(self):
        """Outputs of 1, 2 and 4 jobs."""
        cases = {
            "JPEG filter": (FILTER, self.material.photographs("jpg")),
            "PNG round trip": (ROUND_TRIP, self.material.photographs("png")),
            "10 megapixels fused": (FUSED, self.material.pieces(10)),
            "10 megapixels convolved": (
                bank(self.material.weights(16, 7)),
                self.material.pieces(10),
            ),
        }
        different = []
        for name, (stages, source) in cases.items():
            digests = set()
            for jobs in (1, 2, 4):
                self.runner.run(stages, source, jobs)
                digests.add(digest(self.runner.output))
            debug(f"    {name}: {len(digests)} distinct outputs")
            if len(digests) > 1:
                different.append(name)
        shutil.rmtree(self.runner.output)
        return [
            Row(
                "scale",
                f"bytes with 1, 2 and 4 jobs: {', '.join(cases)}",
                f"{len(cases) - len(different)} of {len(cases)} identical",
                "themselves",
                len(different),
                0,
                at_most=True,
                unit="different",
            )
        ]


def digest(folder):
    """Names and contents of all outputs; the report and the hidden records hold times."""
    sums = hashlib.sha256()
    for path in sorted(folder.rglob("[!.]*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] != ".tessera" and path.name != "report.jsonl":
            sums.update(str(name).encode())
            with path.open("rb") as file:
                while block := file.read(1 << 22):
                    sums.update(block)
    return sums.hexdigest()
