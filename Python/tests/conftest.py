"""Folders of photographs, and datasets that the command makes of them."""

import pathlib
import shutil

import numpy as np
import pytest

import tessera

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
# All that lies there but the texts about it.
IMAGES = sum(path.suffix not in (".md", ".py") for path in SAMPLES.iterdir())
EIGHT_BITS = ["astronaut.jpg", "chelsea-rgb.png", "coffee-rgba.png", "rocket-progressive.jpg",
              "camera-gray.jpg", "retina-palette.png"]


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Six photographs in the folders cat and dog."""
    folder = tmp_path_factory.mktemp("photos")
    for number, name in enumerate(EIGHT_BITS):
        into = folder / ("cat" if number % 2 else "dog")
        into.mkdir(exist_ok=True)
        shutil.copy(SAMPLES / name, into / name)
    return folder


def pipeline(*stages, **encode):
    """A pipeline as a dict: photographs in RGB, stages, and an encode."""
    return {"version": 1, "stages": [
        {"stage": "load", "color": "rgb", "alpha": "drop"}, *stages, {"stage": "encode", **encode}]}


UNFOLD = {"stage": "unfold", "kernel_size": 16, "stride": 16}
CROP = {"stage": "crop", "size": 64}


@pytest.fixture(scope="session")
def made(photos, tmp_path_factory):
    """Makes a dataset of the photographs, once for each name."""
    known = {}

    def make(name, *stages, **encode):
        if name not in known:
            known[name] = tmp_path_factory.mktemp("datasets") / name
            tessera.run(pipeline(*stages, **encode), input=photos, output=known[name], check=True)
        return known[name]

    return make


def unfolded(image):
    """Patches of 16 × 16 as rows, by NumPy alone."""
    channels, height, width = image.shape
    rows, columns = height // 16, width // 16
    image = image[:, :rows * 16, :columns * 16].reshape(channels, rows, 16, columns, 16)
    return np.ascontiguousarray(image.transpose(1, 3, 0, 2, 4)).reshape(rows * columns, -1)
