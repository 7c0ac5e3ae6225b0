"""Images to measure with, made once and kept outside the repository."""

import os
from pathlib import Path

import numpy as np
import pyvips
import skimage.data
from PIL import Image

from measure import debug

SOURCES = [
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
    "rocket.jpg",
]
ASPECTS = [4 / 3, 3 / 2, 3 / 4, 2 / 3, 1]


class Material:
    """Each property makes its files the first time that it is asked for."""

    def __init__(self, settings):
        self.folder = settings.data / "material"
        self.photo_count = 40 if settings.is_quick else 200
        self.chain_count = 40 if settings.is_quick else 240
        self.deep_count = 10 if settings.is_quick else 60

    def photographs(self, extension, count=None):
        """A folder of photographs of 0.3 to 2 megapixels, as `jpg` or `png`."""
        count = count or self.photo_count
        folder = self.folder / f"photographs-{count}-{extension}"
        return self._made(folder, lambda to: self._make_photographs(to, extension, count))

    def deep_photographs(self):
        """A folder of such photographs as PNG of 16 bits."""
        folder = self.folder / f"photographs-{self.deep_count}-png16"
        return self._made(folder, self._make_deep)

    def noisy_photograph(self, sigma):
        """A folder of one gray photograph of 1080 × 1920 with Gaussian noise, as PNG."""
        folder = self.folder / f"noisy-gray-{sigma}"
        return self._made(folder, lambda to: self._make_noisy(to, sigma))

    def small_images(self, count):
        """A folder of JPEG files of 320 × 240, the same hundred over and over."""
        return self._made(self.folder / f"noisy-small-{count}", lambda to: self._make_small(to, count))

    def pieces(self, megapixels):
        """A folder of PNG files of one size, 10 megapixels altogether or one image above."""
        folder = self.folder / f"noisy-pieces-{megapixels:g}"
        return self._made(folder, lambda target: self._make_pieces(target, megapixels))

    def large(self, width, height, extension):
        """The path of one large image."""
        folder = self.folder / f"noisy-large-{width}x{height}-{extension}"
        path = Path(folder, f"large.{extension}")

        def make(target):
            options = (
                {"compression": 1, "filter": "up"}
                if extension == "png"
                else {"Q": 90, "subsample_mode": "on"}
            )
            self._repeated(width, height).write_to_file(str(target / path.name), **options)

        self._made(folder, make)
        return path

    def weights(self, filters, size):
        """The path of an NPY file of (filters, 3, size, size) floats."""
        path = self.folder / f"weights-{filters}-{size}.npy"
        self.folder.mkdir(parents=True, exist_ok=True)
        values = np.random.default_rng(5).standard_normal((filters, 3, size, size))
        np.save(path, values.astype(np.float32) / size)
        return path

    def _made(self, folder, make):
        if not folder.exists():
            debug(f"  making {folder.name}")
            unfinished = folder.with_name(folder.name + ".unfinished")
            unfinished.mkdir(parents=True, exist_ok=True)
            make(unfinished)
            os.replace(unfinished, folder)
        return folder

    def _photographs(self, count):
        """Parts of real photographs at other sizes, with a little of a sensor's noise."""
        folder = Path(skimage.data.__file__).parent
        sources = [Image.open(folder / name).convert("RGB") for name in SOURCES]
        random = np.random.default_rng(1)
        for number in range(count):
            source = sources[number % len(sources)]
            pixels = 10 ** random.uniform(np.log10(0.3e6), np.log10(2e6))
            aspect = ASPECTS[number % len(ASPECTS)]
            size = (round((pixels * aspect) ** 0.5), round((pixels / aspect) ** 0.5))
            share = random.uniform(0.7, 1)
            width = int(min(source.width, source.height * aspect) * share)
            height = int(width / aspect)
            left = int(random.integers(0, source.width - width + 1))
            top = int(random.integers(0, source.height - height + 1))
            part = source.resize(
                size, Image.Resampling.LANCZOS, box=(left, top, left + width, top + height)
            )
            noise = random.normal(0, 2, (size[1], size[0], 3))
            yield Image.fromarray(np.clip(np.asarray(part) + noise, 0, 255).astype(np.uint8))

    def _make_photographs(self, folder, extension, count):
        for number, photo in enumerate(self._photographs(count)):
            path = folder / f"{number:04}.{extension}"
            if extension == "jpg":
                photo.save(path, quality=92)
            else:
                photo.save(path)

    def _make_noisy(self, folder, sigma):
        """Coffee, cut to the sides of a film and enlarged."""
        source = Image.open(Path(skimage.data.__file__).parent / "coffee.png").convert("L")
        box = (0, 0, source.width, source.width * 1080 // 1920)
        photo = np.asarray(source.resize((1920, 1080), Image.Resampling.LANCZOS, box=box))
        values = photo + np.random.default_rng(7).normal(0, sigma, photo.shape)
        Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).save(folder / "noisy.png")

    def _make_deep(self, folder):
        """The noise of a sensor fills the lower bits."""
        random = np.random.default_rng(2)
        for number, photo in enumerate(self._photographs(self.deep_count)):
            values = np.asarray(photo) * 257.0
            values += random.normal(0, 257, values.shape)
            image = pyvips.Image.new_from_array(np.clip(values, 0, 65_535).astype(np.uint16))
            image = image.copy(interpretation="rgb16")
            image.write_to_file(str(folder / f"{number:04}.png"), compression=1, filter="up")

    def _make_small(self, folder, count):
        mosaic = Image.fromarray(self._repeated(1000, 1000).numpy())
        for number in range(count):
            path = folder / f"{number:05}.jpg"
            if number >= 100:
                os.link(folder / f"{number % 100:05}.jpg", path)
                continue
            left, top = number % 10 * 68, number // 10 * 76
            mosaic.crop((left, top, left + 320, top + 240)).save(path, quality=90)

    def _make_pieces(self, folder, megapixels):
        side = max(1000, round((megapixels * 1e6) ** 0.5))
        image = self._repeated(side, side)
        for number in range(max(1, round(10 / megapixels))):
            part = image
            if megapixels < 1:
                left, top = number % 2 * 500, number // 2 % 5 * 200
                part = image.crop(left, top, 500, 200)
            part.write_to_file(str(folder / f"{number:03}.png"), compression=1, filter="up")

    def _mosaic(self):
        """1000 × 1000 pixels of photographs."""
        folder = Path(skimage.data.__file__).parent
        mosaic = Image.new("RGB", (1000, 1000))
        for number in range(4):
            photo = Image.open(folder / SOURCES[number]).convert("RGB").resize((500, 500))
            mosaic.paste(photo, (number % 2 * 500, number // 2 * 500))
        return mosaic

    def _repeated(self, width, height):
        """The mosaic over and over, made row by row when it is written.

        The noise of a sensor lies over all of it: without, a compressor would find each row again in
        the next repetition, and large images would be easier to decode than small ones.
        """
        mosaic = pyvips.Image.new_from_array(np.asarray(self._mosaic()))
        image = mosaic.replicate(-(-width // 1000), -(-height // 1000)).crop(0, 0, width, height)
        noise = [
            pyvips.Image.gaussnoise(width, height, mean=0, sigma=2, seed=seed) for seed in (1, 2, 3)
        ]
        noisy = image + noise[0].bandjoin(noise[1:])
        return noisy.cast("uchar").copy(interpretation="srgb")
