"""Writes the TIFF and WebP files of this folder, and what must come of each.

    python3 make_tiff_webp.py

Needs numpy, pillow, tifffile, imagecodecs and opencv-python-headless. The pixels that are expected are
those that were written, or for lossy files those that Pillow reads.
"""

import pathlib
import struct

import cv2
import numpy as np
import tifffile
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED, REFUSED = [], []


def picture(height, width, channels, dtype="u1"):
    """Waves with a little noise, each channel its own, over the whole range of a type."""
    random = np.random.default_rng([height, width, channels])
    y, x = np.mgrid[0:height, 0:width]
    levels = np.stack(
        [128 + 90 * np.sin(x / 7 + k) + 30 * np.cos(y / 5 + 2 * k) for k in range(channels)], -1)
    levels = np.clip(levels + random.normal(0, 4, levels.shape), 0, 255)
    if dtype == "f4":
        return (levels / 50 - 2).astype("f4")
    return np.round(levels * (257 if dtype == "u2" else 1)).astype(dtype)


def digest(pixels):
    """FNV-1a of the interleaved rows."""
    value = 0xCBF29CE484222325
    for byte in np.ascontiguousarray(pixels).tobytes():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def expect(name, pixels, note="-"):
    """Notes what a file must give."""
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    height, width, channels = pixels.shape
    EXPECTED.append(
        f"{name} {channels} {height} {width} {pixels.dtype.name} {digest(pixels)} {note}")


def refuse(name, content, kind, text):
    """Writes a file that must be refused."""
    (HERE / name).write_bytes(content)
    REFUSED.append(f"{name} {kind} {text}")


def write_tiffs():
    """Files of every layout, type and scheme, by tifffile."""
    layouts = {
        "strips": {"rowsperstrip": 5}, "strip": {}, "tiles": {"tile": (16, 32)},
        "planes": {"planarconfig": "separate", "rowsperstrip": 5},
        "big": {"bigtiff": True}, "motorola": {"byteorder": ">", "rowsperstrip": 7},
    }
    for number, (layout, keys) in enumerate(layouts.items()):
        for dtype in ["u1", "u2", "f4"]:
            for channels in [1, 2, 3, 4]:
                if layout == "planes" and channels == 1:
                    continue
                scheme = [None, "lzw", "deflate", "packbits", "zstd"][(number + channels) % 5]
                pixels = picture(19, 37, channels, dtype)
                more = {"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}
                if scheme in ("lzw", "deflate") and layout != "planes" and channels != 2:
                    more["predictor"] = True
                stored = np.moveaxis(pixels, -1, 0) if layout == "planes" else pixels
                name = f"tiff/{layout}-{dtype}-{channels}-{scheme}.tif"
                tifffile.imwrite(
                    HERE / name, stored[..., 0] if channels == 1 else stored, compression=scheme,
                    photometric="rgb" if channels > 2 else "minisblack", **keys, **more)
                expect(name, pixels, "whole" if layout == "planes" else "-")


def write_others():
    """Files of kinds that tifffile does not write, by Pillow and OpenCV."""
    gray, colors = picture(19, 37, 1)[..., 0], picture(19, 37, 3)
    for scheme in [None, "group3", "group4", "tiff_lzw", "packbits"]:
        image = Image.fromarray(gray).convert("1")
        name = f"tiff/bits-{scheme}.tif"
        image.save(HERE / name, compression=scheme)
        expect(name, np.array(image).astype("u1") * 255)
    for count in [2, 11, 200]:
        image = Image.fromarray(colors).quantize(count)
        name = f"tiff/palette-{count}.tif"
        image.save(HERE / name)
        expect(name, np.array(image.convert("RGB")))
    for mode, pixels in [("L", gray), ("RGB", colors)]:
        name = f"tiff/jpeg-{mode}.tif"
        Image.fromarray(pixels).save(HERE / name, compression="jpeg", quality=80)
        expect(name, np.array(Image.open(HERE / name)))
    tifffile.imwrite(
        HERE / "tiff/white-u1.tif", 255 - gray, photometric="miniswhite", compression="lzw")
    expect("tiff/white-u1.tif", gray)
    tifffile.imwrite(HERE / "tiff/white-u2.tif", picture(19, 37, 1, "u2")[..., 0] ^ 0xFFFF,
                     photometric="miniswhite")
    expect("tiff/white-u2.tif", picture(19, 37, 1, "u2"))
    pixels = picture(9, 11, 6, "u2")
    tifffile.imwrite(
        HERE / "tiff/six-bands.tif", pixels, photometric="minisblack", planarconfig="contig")
    expect("tiff/six-bands.tif", pixels)
    # Colours that are multiplied by opacity come out divided by it.
    straight = picture(19, 37, 4)
    alpha = straight[..., 3:].astype(int)
    stored = (straight[..., :3].astype(int) * alpha + 127) // 255
    tifffile.imwrite(
        HERE / "tiff/premultiplied.tif", np.concatenate([stored, alpha], -1).astype("u1"),
        photometric="rgb", extrasamples=["assocalpha"])
    divided = np.minimum((stored * 255 + alpha // 2) // np.maximum(alpha, 1), 255)
    expect("tiff/premultiplied.tif",
           np.concatenate([np.where(alpha > 0, divided, stored), alpha], -1).astype("u1"))
    # OpenCV stores opacity without saying so.
    pixels = picture(19, 37, 4)
    cv2.imwrite(str(HERE / "tiff/opencv.tif"), pixels[..., [2, 1, 0, 3]])
    expect("tiff/opencv.tif", pixels)
    with tifffile.TiffWriter(HERE / "tiff/pages.tif") as pages:
        for number in range(3):
            pages.write(colors + np.uint8(number), photometric="rgb")
    expect("tiff/pages.tif", colors, "warning")


def entry(content, tag):
    """Where the entry of a tag begins in the first directory of a small classic file."""
    start, = struct.unpack_from("<I", content, 4)
    count, = struct.unpack_from("<H", content, start)
    for place in range(start + 2, start + 2 + 12 * count, 12):
        if struct.unpack_from("<H", content, place)[0] == tag:
            return place
    raise KeyError(tag)


def changed(content, tag, value, kind=None):
    """The same file with another value of a tag."""
    content = bytearray(content)
    place = entry(content, tag)
    if kind:
        struct.pack_into("<HI", content, place + 2, kind, 1)
    form = "<I" if struct.unpack_from("<H", content, place + 2)[0] == 4 else "<H"
    struct.pack_into(form, content, place + 8, value)
    return bytes(content)


def tiff(pixels, **keys):
    """The bytes of a file by tifffile."""
    path = HERE / "made.tif"
    tifffile.imwrite(path, pixels, **keys)
    content = path.read_bytes()
    path.unlink()
    return content


def write_bad_tiffs():
    """Files that must be refused."""
    gray = picture(19, 37, 1)[..., 0]
    plain = tiff(gray, photometric="minisblack", rowsperstrip=5)
    for dtype, text in [
        ("i1", "signed integers of 8 bits"), ("i2", "signed integers of 16 bits"),
        ("u4", "integers of 32 bits"), ("f8", "floats of 64 bits"), ("f2", "floats of 16 bits"),
        ("c8", "complex numbers of 64 bits"),
    ]:
        refuse(f"tiff/x-{dtype}.tif", tiff(gray.astype(dtype), photometric="minisblack"),
               "unsupported", text)
    for scheme, text in [(6, "old JPEG"), (34712, "JPEG 2000"), (50001, "WebP"), (999, "999")]:
        refuse(f"tiff/x-scheme-{scheme}.tif", changed(plain, 259, scheme), "unsupported", text)
    colors = tiff(picture(19, 37, 3), photometric="rgb")
    for number, text in [
        (6, "YCbCr"), (8, "L*a*b*"), (32803, "camera's raw"), (5, "inks other than CMYK"),
        (77, "photometric interpretation 77"),
    ]:
        refuse(f"tiff/x-photometric-{number}.tif", changed(colors, 262, number), "unsupported", text)
    refuse("tiff/x-few-samples.tif", changed(plain, 262, 2), "malformed", "colours have 3")
    (HERE / "tiff/orientation-9.tif").write_bytes(changed(
        tiff(gray, photometric="minisblack", extratags=[(274, 3, 1, 1, True)]), 274, 9))
    expect("tiff/orientation-9.tif", gray, "warning")
    refuse("tiff/x-thumbnail.tif", tiff(gray, photometric="minisblack", subfiletype=1),
           "unsupported", "smaller version")
    refuse("tiff/x-dng.tif", tiff(
        gray, photometric="minisblack", extratags=[(50706, 1, 4, (1, 4, 0, 0), True)]),
        "unsupported", "camera's raw")
    refuse("tiff/x-no-width.tif", changed(plain, 256, 0), "malformed", "size is zero")
    refuse("tiff/x-huge.tif", changed(changed(plain, 256, 60000, 3), 257, 60000, 3),
           "over_limit", "60000 × 60000")
    tiles = tiff(gray, photometric="minisblack", tile=(16, 16))
    refuse("tiff/x-tile-bomb.tif", changed(changed(tiles, 322, 65520, 3), 323, 65520, 3),
           "over_limit", "tiles of 65520")
    refuse("tiff/x-float-premultiplied.tif", tiff(
        picture(9, 9, 4, "f4"), photometric="rgb", extrasamples=["assocalpha"]),
        "unsupported", "multiplied by opacity")
    for scheme, text in [
        ("lzw", "Not enough data"), ("deflate", "Decoding error"), ("zstd", "ZSTD"),
    ]:
        content = bytearray(tiff(gray, photometric="minisblack", compression=scheme))
        place, = struct.unpack_from("<I", content, entry(content, 273) + 8)
        content[place + 4:place + 60] = bytes(56)
        refuse(f"tiff/x-noise-{scheme}.tif", bytes(content), "damaged", text)
    # The pixels stand behind the directory.
    refuse("tiff/x-cut.tif", plain[:-200], "truncated", "last row")
    refuse("tiff/x-cut-directory.tif", plain[:60], "truncated", "directory")
    refuse("tiff/x-header.tif", plain[:7], "truncated", "directory")


def write_webps():
    """Files of every kind by Pillow and OpenCV."""
    for number, (height, width) in enumerate([(1, 1), (19, 37), (64, 80)]):
        for channels in [3, 4]:
            for lossless in [False, True]:
                pixels = picture(height, width, channels)
                name = f"webp/{'lossless' if lossless else 'lossy'}-{channels}-{width}x{height}.webp"
                Image.fromarray(pixels).save(
                    HERE / name, lossless=lossless, quality=[30, 75, 95][number], exact=True,
                    method=[0, 4, 6][number])
                read = np.array(Image.open(HERE / name))
                assert not lossless or read.shape != pixels.shape or (read == pixels).all()
                expect(name, read, "whole")
    exif = Image.Exif()
    exif[274] = 6
    pixels = picture(19, 37, 3)
    Image.fromarray(pixels).save(
        HERE / "webp/metadata.webp", lossless=True, exif=exif, icc_profile=b"profile " * 20,
        xmp=b"<x/>")
    expect("webp/metadata.webp", pixels, "whole")
    cv2.imwrite(str(HERE / "webp/opencv.webp"), pixels[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, 101])
    expect("webp/opencv.webp", pixels, "whole")
    frames = [Image.fromarray(picture(19, 37, 4) // (k + 1)) for k in range(3)]
    frames[0].save(HERE / "webp/animation.webp", save_all=True, append_images=frames[1:],
                   lossless=True, exact=True)
    expect("webp/animation.webp", np.array(Image.open(HERE / "webp/animation.webp")), "warning")


def write_bad_webps():
    """Files that must be refused."""
    lossy = (HERE / "webp/lossy-3-80x64.webp").read_bytes()
    lossless = (HERE / "webp/lossless-4-80x64.webp").read_bytes()
    metadata = (HERE / "webp/metadata.webp").read_bytes()
    refuse("webp/x-header.webp", lossy[:12], "truncated", "more comes, before the picture")
    refuse("webp/x-chunk.webp", lossy[:26], "truncated", "header of its picture")
    refuse("webp/x-half-lossy.webp", lossy[:len(lossy) // 2], "truncated", "last row")
    refuse("webp/x-half-lossless.webp", lossless[:len(lossless) // 2], "truncated", "last row")
    refuse("webp/x-cut-metadata.webp", metadata[:-9], "truncated", "more comes")
    refuse("webp/x-cut-profile.webp", metadata[:60], "truncated", "chunk ICCP")
    refuse("webp/x-canvas.webp", metadata[:24] + b"\x63\0\0\x63\0\0" + metadata[30:],
           "malformed", "canvas of 100 × 100")
    short = b"WEBPVP8X" + struct.pack("<I", 4) + bytes(4)
    refuse("webp/x-short.webp", b"RIFF" + struct.pack("<I", len(short)) + short, "malformed",
           "shorter than 10")
    other = b"WEBPEXIF" + struct.pack("<I", 4) + bytes(4)
    refuse("webp/x-no-picture.webp", b"RIFF" + struct.pack("<I", len(other)) + other, "malformed",
           "no picture")
    noise = bytearray(lossless)
    noise[40:400] = bytes(np.random.default_rng(1).integers(0, 256, 360, "u1"))
    refuse("webp/x-noise.webp", bytes(noise), "damaged", "cannot be decoded")
    frames = (HERE / "webp/animation.webp").read_bytes()
    refuse("webp/x-no-frames.webp", frames.replace(b"ANMF", b"ANMX"), "malformed",
           "without frames")


def main():
    for folder in ["tiff", "webp"]:
        (HERE / folder).mkdir(exist_ok=True)
    write_tiffs()
    write_others()
    write_bad_tiffs()
    write_webps()
    write_bad_webps()
    (HERE / "expected_tiff_webp.txt").write_text("\n".join(EXPECTED) + "\n")
    (HERE / "refused_tiff_webp.txt").write_text("\n".join(REFUSED) + "\n")
    print(len(EXPECTED), "good,", len(REFUSED), "bad")


if __name__ == "__main__":
    main()
