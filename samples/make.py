"""Makes the sample images from photographs that the Python package scikit-image carries.

    pip install scikit-image==0.26.0 pillow==13.0.0 pyvips-binary==8.18.7 pyvips==3.2.0 numpy
    python samples/make.py

Every source is in the public domain or under CC0; LICENSES.md names author and source of each.
Only the files that the wheel itself holds are read, nothing is downloaded. The same versions give
the same bytes.
"""

from pathlib import Path

import numpy as np
import pyvips
import skimage
from PIL import Image, ImageCms

SOURCES = Path(skimage.__file__).parent / "data"
TARGET = Path(__file__).parent


def source(name, box=None, size=None, mode="RGB"):
    """A source, converted, cropped to (left, top, right, bottom), resized to (width, height)."""
    image = Image.open(SOURCES / name).convert(mode)
    image.info.clear()
    if box:
        image = image.crop(box)
    if size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    return image


def srgb_profile():
    """LittleCMS's own sRGB profile, its date of creation set to a fixed one."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = np.array([2000, 1, 1, 0, 0, 0], dtype=">u2").tobytes()
    return bytes(profile)


def ellipse(size, centre, radii, feather):
    """Opacity 0…255 of an ellipse whose border fades over `feather` pixels."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    distance = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1])
    return np.clip((1 - distance) * min(radii) / feather * 255 + 0.5, 0, 255).astype(np.uint8)


def block_mean(array, factor):
    """The exact mean of factor × factor blocks, in float64."""
    rows, columns = (side // factor * factor for side in array.shape[:2])
    blocks = array[:rows, :columns].astype(np.float64)
    blocks = blocks.reshape(rows // factor, factor, columns // factor, factor, -1)
    return blocks.mean(axis=(1, 3)).squeeze()


def linear_light(values):
    """Undoes sRGB's transfer curve; 0…255 in, 0…1 out."""
    v = values.astype(np.float64) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def save_with_vips(array, name, **options):
    """Writes a uint8 or uint16 array; Pillow writes neither 16-bit RGB nor interlaced PNG."""
    image = pyvips.Image.new_from_array(np.ascontiguousarray(array))
    if array.dtype == np.uint16:
        image = image.copy(interpretation="rgb16" if array.ndim == 3 else "grey16")
    image.pngsave(str(TARGET / name), compression=9, keep="none", **options)


def jpegs():
    source("astronaut.png", box=(60, 0, 391, 349)).save(
        TARGET / "astronaut.jpg", quality=88, subsampling="4:2:0", dpi=(300, 300),
        icc_profile=srgb_profile())
    source("camera.png", box=(80, 20, 397, 273), mode="L").save(
        TARGET / "camera-gray.jpg", quality=88)

    # As a phone held upright stores it: turned left, and tag 274 tells readers to turn it back.
    exif = Image.Exif()
    exif[274] = 6
    source("chelsea.png").transpose(Image.Transpose.ROTATE_90).save(
        TARGET / "chelsea-rotated.jpg", quality=85, exif=exif)

    # Separation with full gray replacement, so that all four inks carry the picture.
    rgb = np.asarray(source("coffee.png", size=(301, 201)), dtype=np.float64) / 255
    ink = 1 - rgb
    black = ink.min(axis=2, keepdims=True)
    color = np.where(black < 1, (ink - black) / np.maximum(1 - black, 1e-9), 0)
    cmyk = np.rint(np.concatenate([color, black], axis=2) * 255).astype(np.uint8)
    Image.frombytes("CMYK", (301, 201), cmyk.tobytes()).save(
        TARGET / "coffee-cmyk.jpg", quality=88)

    source("rocket.jpg", box=(150, 0, 535, 427)).save(
        TARGET / "rocket-progressive.jpg", quality=85, progressive=True, subsampling="4:2:2")


def pngs():
    source("chelsea.png", box=(110, 30, 363, 217)).save(
        TARGET / "chelsea-rgb.png", optimize=True, dpi=(144, 144), icc_profile=srgb_profile())

    # Hidden colours stay under the transparent parts: a lossless pipeline must keep them.
    cup = source("coffee.png", size=(251, 167))
    cup.putalpha(Image.fromarray(ellipse(cup.size, (128, 83), (104, 76), 14)))
    cup.save(TARGET / "coffee-rgba.png", optimize=True)

    eye = source("retina.jpg", size=(199, 199))
    eye.putalpha(Image.fromarray(ellipse(eye.size, (99, 99), (97, 97), 6)))
    eye.quantize(colors=128, method=Image.Quantize.FASTOCTREE).save(
        TARGET / "retina-palette.png", optimize=True)

    sky = block_mean(linear_light(np.asarray(source("hubble_deep_field.jpg"))), 6)[:139, :161]
    save_with_vips(np.rint(sky * 65535).astype(np.uint16), "hubble-rgb16.png")

    cell = block_mean(np.asarray(source("cell.png", mode="L")), 3)[:211, :181]
    save_with_vips(np.rint(cell / 255 * 65535).astype(np.uint16), "cell-gray16.png")

    brick = np.asarray(source("brick.png", box=(0, 0, 233, 157), mode="L"))
    save_with_vips(brick, "brick-interlaced.png", interlace=True)

    clock = source("clock_motion.png", size=(203, 151), mode="L")
    alpha = Image.fromarray(ellipse(clock.size, (101, 75), (110, 82), 40))
    Image.merge("LA", (clock, alpha)).save(TARGET / "clock-gray-alpha.png", optimize=True)

    source("horse.png", size=(197, 161), mode="L").point(
        lambda value: 255 if value >= 128 else 0).convert("1").save(
        TARGET / "horse-1bit.png", optimize=True)


if __name__ == "__main__":
    jpegs()
    pngs()
    for path in sorted(TARGET.glob("*.[jp][pn]g")):
        image = Image.open(path)
        print(f"{path.name}: {image.width} × {image.height}, {path.stat().st_size} bytes")
