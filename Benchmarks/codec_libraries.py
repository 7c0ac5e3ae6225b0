"""What other builds of the codecs' libraries would give, beside those of Debian 12.

    python3 -m venv .build/codecs
    .build/codecs/bin/pip install numpy pillow imagecodecs
    .build/codecs/bin/python Benchmarks/codec_libraries.py

zlib is that which Python is linked with; libturbojpeg.so.0 is Debian's package libturbojpeg0; the
others come with imagecodecs. Each figure is the median of some runs, all libraries in turn, in
megabytes of pixels a second. Nothing of Tessera is measured: only the libraries behind it.
"""

import ctypes
import pathlib
import statistics
import struct
import time
import zlib

import imagecodecs
import numpy as np
from PIL import Image

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "samples"
# As wide as no photograph comes twice in a row: what repeats would compress too well.
SIDE = 1400
RUNS = 9


def photograph():
    """The sample photographs side by side and over one another, none of them scaled."""
    names = ["astronaut.jpg", "chelsea-rgb.png", "rocket-progressive.jpg", "chelsea-rotated.jpg"]
    canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
    row, turn = 0, 0
    while row < SIDE:
        column, height = 0, 256
        while column < SIDE:
            image = np.asarray(Image.open(SAMPLES / names[turn % 4]).convert("RGB"))
            piece = image[: min(height, SIDE - row), : SIDE - column]
            canvas[row : row + piece.shape[0], column : column + piece.shape[1]] = piece
            column += piece.shape[1]
            turn += 1
        row += 160
    return canvas


def compare(title, ways, byte_count):
    """Runs all ways in turn, and prints how fast each is beside the first."""
    times = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    rates = {name: byte_count / statistics.median(taken) / 1e6 for name, taken in times.items()}
    first = next(iter(rates.values()))
    print(title)
    for name, rate in rates.items():
        print(f"  {name:28} {rate:7.0f} MB/s  {rate / first:5.2f} ×")


def paeth_filtered(pixels):
    """Rows as PNG has them under Paeth's filter, each behind the filter's number."""
    values = pixels.astype(np.int16).reshape(pixels.shape[0], -1)
    left, above, corner = (np.zeros_like(values) for _ in range(3))
    left[:, 3:] = values[:, :-3]
    above[1:] = values[:-1]
    corner[1:, 3:] = values[:-1, :-3]
    estimate = left + above - corner
    distances = [abs(estimate - other) for other in (left, above, corner)]
    is_left = (distances[0] <= distances[1]) & (distances[0] <= distances[2])
    predicted = np.where(is_left, left, np.where(distances[1] <= distances[2], above, corner))
    filtered = (values - predicted).astype(np.uint8)
    return np.concatenate([np.full((len(values), 1), 4, np.uint8), filtered], axis=1).tobytes()


def run_length(data):
    """zlib's run-length strategy at level 1, with which Tessera writes PNG."""
    encoder = zlib.compressobj(1, zlib.DEFLATED, 15, 8, zlib.Z_RLE)
    return encoder.compress(data) + encoder.flush()


class TurboJPEG:
    """Debian's libturbojpeg."""

    def __init__(self):
        self.library = ctypes.CDLL("libturbojpeg.so.0")
        self.library.tjInitDecompress.restype = ctypes.c_void_p
        self.library.tjInitCompress.restype = ctypes.c_void_p
        self.decoder = ctypes.c_void_p(self.library.tjInitDecompress())
        self.encoder = ctypes.c_void_p(self.library.tjInitCompress())

    def decode(self, data, out):
        status = self.library.tjDecompress2(
            self.decoder, data, ctypes.c_ulong(len(data)), out.ctypes.data_as(ctypes.c_void_p),
            out.shape[1], 0, out.shape[0], 0, 0)
        assert status == 0

    def encode(self, pixels, quality):
        pointer, size = ctypes.c_void_p(), ctypes.c_ulong()
        status = self.library.tjCompress2(
            self.encoder, pixels.ctypes.data_as(ctypes.c_void_p), pixels.shape[1], 0,
            pixels.shape[0], 0, ctypes.byref(pointer), ctypes.byref(size), 2, quality, 0)
        assert status == 0
        data = ctypes.string_at(pointer, size.value)
        self.library.tjFree(pointer)
        return data


def main():
    pixels = photograph()
    size = pixels.nbytes
    rows = paeth_filtered(pixels)
    stored = run_length(rows)
    print(f"zlib {zlib.ZLIB_RUNTIME_VERSION} (Python's), imagecodecs {imagecodecs.__version__}:")
    known = imagecodecs.version().split(", ")
    names = ("zlib_ng", "libdeflate", "libjpeg_turbo")
    print("  " + ", ".join(one for one in known if one.startswith(names)))

    compare("inflate a PNG's rows", {
        "zlib": lambda: zlib.decompress(stored),
        "zlib-ng": lambda: imagecodecs.zlibng_decode(stored, out=len(rows)),
        "libdeflate": lambda: imagecodecs.deflate_decode(stored, out=len(rows)),
    }, size)
    compare("deflate a PNG's rows", {
        "zlib, run lengths, level 1": lambda: run_length(rows),
        "zlib, level 1": lambda: zlib.compress(rows, 1),
        "zlib-ng, level 1": lambda: imagecodecs.zlibng_encode(rows, level=1),
        "libdeflate, level 1": lambda: imagecodecs.deflate_encode(rows, level=1),
        "zlib, level 6": lambda: zlib.compress(rows, 6),
        "zlib-ng, level 6": lambda: imagecodecs.zlibng_encode(rows, level=6),
    }, size)
    for name, data in {
        "zlib, run lengths, level 1": run_length(rows), "zlib, level 1": zlib.compress(rows, 1),
        "zlib-ng, level 1": imagecodecs.zlibng_encode(rows, level=1),
        "libdeflate, level 1": imagecodecs.deflate_encode(rows, level=1),
        "zlib, level 6": zlib.compress(rows, 6),
        "zlib-ng, level 6": imagecodecs.zlibng_encode(rows, level=6),
    }.items():
        print(f"  {name:28} {len(data) / (size / 3):7.3f} bytes a pixel")

    turbo = TurboJPEG()
    photo = turbo.encode(pixels, 90)
    out = np.empty_like(pixels)
    compare("decode a JPEG", {
        "libjpeg-turbo 2.1 (Debian)": lambda: turbo.decode(photo, out),
        "libjpeg-turbo 3": lambda: imagecodecs.jpeg8_decode(photo, out=out),
    }, size)
    compare("encode a JPEG", {
        "libjpeg-turbo 2.1 (Debian)": lambda: turbo.encode(pixels, 90),
        "libjpeg-turbo 3": lambda: imagecodecs.jpeg8_encode(pixels, level=90),
    }, size)


if __name__ == "__main__":
    main()
