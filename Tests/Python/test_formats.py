"""WebP and TIFF of many writers come in with their pixels, and go out so that others read them."""

import json
import subprocess
import unittest

import cv2
import numpy as np
import tifffile
from PIL import Image

from workshop import Workshop

SIZES = [(1, 1), (7, 5), (33, 47), (64, 64), (100, 70)]


class Formats(Workshop):
    """Pictures of waves and noise."""

    def setUp(self):
        super().setUp()
        (self.root / "in").mkdir()
        self.expected = {}

    def picture(self, size, channels, dtype="u1"):
        """(H, W, C) over the whole range of a type."""
        y, x = np.mgrid[0:size[0], 0:size[1]]
        levels = np.stack([
            128 + 90 * np.sin(x / 7 + k) + 30 * np.cos(y / 5 + 2 * k) for k in range(channels)], -1)
        levels = np.clip(levels + self.random.normal(0, 4, levels.shape), 0, 255)
        if dtype == "f4":
            return (levels / 50 - 2).astype("f4")
        return np.round(levels * (257 if dtype == "u2" else 1)).astype(dtype)

    def name(self, *words):
        """A path that no other file has, by what it is."""
        words = "-".join(str(word) for word in words).replace(" ", "")
        return self.root / "in" / f"{len(self.expected):03}-{words}"

    def expect(self, path, pixels):
        self.expected[path.name] = pixels[..., None] if pixels.ndim == 2 else pixels

    def chosen(self, share):
        return self.random.random() < share

    def check_pixels(self, least):
        """Reads all files, and compares each with what is expected."""
        self.assertGreaterEqual(len(self.expected), least)
        folder = self.run_stages(
            {"stage": "encode", "format": "npy", "name": "{stem}.npy"},
            load={"orientation": "ignore"})
        for name, pixels in self.expected.items():
            with self.subTest(name):
                found = np.load(folder / f"{name.rsplit('.', 1)[0]}.npy")
                np.testing.assert_array_equal(found, np.moveaxis(pixels, -1, 0), strict=True)

    def write_tiffs_of_tifffile(self):
        layouts = {
            "strips": {"rowsperstrip": 5}, "strip": {}, "tiles": {"tile": (16, 32)},
            "planes": {"planarconfig": "separate"}, "big": {"bigtiff": True},
            "motorola": {"byteorder": ">", "rowsperstrip": 5}}
        for size in SIZES:
            for dtype in ["u1", "u2", "f4"]:
                for channels in [1, 2, 3, 4]:
                    for scheme in [None, "lzw", "deflate", "packbits", "zstd", "lzma"]:
                        for layout, keys in layouts.items():
                            if layout != "planes" or channels > 1:
                                if self.chosen(0.12):
                                    self.write_tiff(size, dtype, channels, scheme, layout, keys)

    def write_tiff(self, size, dtype, channels, scheme, layout, keys):
        pixels = self.picture(size, channels, dtype)
        more = {"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}
        if scheme in ("lzw", "deflate", "zstd") and layout != "planes" and self.chosen(0.5):
            more["predictor"] = True
        stored = np.moveaxis(pixels, -1, 0) if layout == "planes" else pixels
        path = self.name(layout, dtype, channels, scheme).with_suffix(".tif")
        tifffile.imwrite(
            path, stored[..., 0] if channels == 1 else stored, compression=scheme,
            photometric="rgb" if channels > 2 else "minisblack", **keys, **more)
        self.expect(path, pixels)

    def write_tiffs_of_others(self):
        for size in SIZES:
            gray, colors = self.picture(size, 1)[..., 0], self.picture(size, 3)
            images = {
                "1": Image.fromarray(gray).convert("1"), "L": Image.fromarray(gray),
                "P": Image.fromarray(colors).quantize(17), "RGB": Image.fromarray(colors),
                "LA": Image.fromarray(self.picture(size, 2)),
                "RGBA": Image.fromarray(self.picture(size, 4)),
                "CMYK": Image.fromarray(self.picture(size, 4), "CMYK"),
                "I;16": Image.fromarray(self.picture(size, 1, "u2")[..., 0]),
                "F": Image.fromarray(self.picture(size, 1, "f4")[..., 0])}
            for mode, image in images.items():
                for scheme in [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"]:
                    path = self.name("pillow", mode.replace(";", ""), scheme).with_suffix(".tif")
                    image.save(path, compression=scheme)
                    pixels = np.array(image.convert("RGB") if mode == "P" else image)
                    self.expect(path, pixels.astype("u1") * 255 if mode == "1" else pixels)
            for mode in ["L", "RGB"]:
                path = self.name("jpeg", mode).with_suffix(".tif")
                images[mode].save(path, compression="jpeg", quality=80)
                self.expect(path, np.array(Image.open(path)))
            for dtype in ["u1", "u2", "f4"]:
                for channels in [1, 3, 4]:
                    pixels = self.picture(size, channels, dtype)
                    path = self.name("opencv", dtype, channels).with_suffix(".tif")
                    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
                    cv2.imwrite(str(path), np.ascontiguousarray(pixels[..., order]))
                    self.expect(path, pixels)

    def test_tiff(self):
        self.write_tiffs_of_tifffile()
        self.write_tiffs_of_others()
        self.check_pixels(least=300)

    def test_tiffs_of_libtiff(self):
        pixels = self.picture((100, 70), 3)
        whole = self.root / "whole.tif"
        tifffile.imwrite(whole, pixels, photometric="rgb")
        for scheme in ["none", "lzw", "lzw:2", "zip", "zip:2", "packbits", "zstd", "lzma"]:
            for layout in [["-s"], ["-r", "3"], ["-t", "-w", "32", "-l", "16"], ["-8"], ["-B"],
                           ["-p", "separate"]]:
                path = self.name(scheme.replace(":", ""), *layout).with_suffix(".tif")
                subprocess.run(
                    ["tiffcp", *layout, "-c", scheme, whole, path], check=True, timeout=60)
                self.expect(path, pixels)
        self.check_pixels(least=48)

    def test_pages(self):
        """Pages of one file, whatever each of them is, and however it says where the next is."""
        for keys in ({}, {"bigtiff": True}, {"byteorder": ">"}):
            path = self.root / "in" / f"{'-'.join(keys) or 'classic'}.tif"
            with tifffile.TiffWriter(path, **keys) as file:
                for page in range(12):
                    channels = (1, 3)[page % 2]
                    pixels = self.picture(SIZES[page % 5], channels, ("u1", "u2", "f4")[page % 3])
                    stored = pixels[..., 0] if channels == 1 else pixels
                    kind = {"photometric": "rgb" if channels == 3 else "minisblack"}
                    file.write(
                        stored, compression=(None, "lzw", "deflate")[page % 3], metadata=None,
                        **({"tile": (16, 16)} if page % 4 == 3 else {}), **kind)
                    if page % 5 == 0:
                        # A smaller version, as pyramids have them among the pages.
                        file.write(stored[::2, ::2], subfiletype=1, metadata=None, **kind)
                    self.expected[f"{path.stem}-{page + 1:02}.npy"] = pixels
        folder = self.run_stages(
            {"stage": "encode", "format": "npy"}, load={"pages": "all"})
        self.assertEqual(len(list(folder.glob("*.npy"))), 36)
        for name, pixels in self.expected.items():
            with self.subTest(name):
                np.testing.assert_array_equal(
                    np.load(folder / name), np.moveaxis(pixels, -1, 0), strict=True)

    def test_webp(self):
        for size in SIZES + [(300, 17)]:
            for mode, channels in [("RGB", 3), ("RGBA", 4), ("L", 1)]:
                image = self.picture(size, channels)
                image = Image.fromarray(image[..., 0] if channels == 1 else image)
                for lossless in [False, True]:
                    for quality in [1, 50, 100]:
                        for method in [0, 4, 6]:
                            path = self.name(mode, lossless, quality, method).with_suffix(".webp")
                            image.save(
                                path, lossless=lossless, quality=quality, method=method,
                                exact=self.chosen(0.5))
                            self.expect(path, np.array(Image.open(path)))
            for channels in [3, 4]:
                path = self.name("opencv", channels).with_suffix(".webp")
                cv2.imwrite(str(path), self.picture(size, channels))
                self.expect(path, np.array(Image.open(path)))
        self.check_pixels(least=300)

    def test_webps_of_libwebp(self):
        for channels in [3, 4]:
            whole = self.root / f"{channels}.png"
            Image.fromarray(self.picture((100, 70), channels)).save(whole)
            for options in [["-q", "60"], ["-lossless", "-exact"], ["-near_lossless", "40"],
                            ["-jpeg_like"], ["-alpha_q", "20"], ["-preset", "drawing"]]:
                path = self.name(channels, *options).with_suffix(".webp")
                subprocess.run(
                    ["cwebp", "-quiet", *options, whole, "-o", path], check=True, timeout=60)
                read = self.root / "read.pam"
                subprocess.run(
                    ["dwebp", "-quiet", path, "-pam", "-o", read], check=True, timeout=60)
                values = np.frombuffer(read.read_bytes()[-100 * 70 * 4:], "u1")
                values = values.reshape(100, 70, 4)
                self.expect(path, values if channels == 4 else values[..., :3])
        self.check_pixels(least=12)

    def damaged(self, content):
        """Files that are cut, and files with other bytes."""
        for count in self.random.integers(0, len(content), 25):
            yield content[:count]
        for _ in range(50):
            changed = bytearray(content)
            for place in self.random.integers(0, len(content), self.random.integers(1, 5)):
                changed[place] = self.random.integers(256)
            yield bytes(changed)

    def test_damaged(self):
        kinds = {
            "lzw.tif": lambda path, pixels: tifffile.imwrite(path, pixels, compression="lzw"),
            "deflate.tif": lambda path, pixels: tifffile.imwrite(
                path, pixels, compression="deflate", tile=(16, 16), predictor=True),
            "plain.tif": lambda path, pixels: tifffile.imwrite(path, pixels, rowsperstrip=7),
            "jpeg.tif": lambda path, pixels: Image.fromarray(pixels).save(path, compression="jpeg"),
            "lossy.webp": lambda path, pixels: Image.fromarray(pixels).save(path),
            "lossless.webp": lambda path, pixels: Image.fromarray(pixels).save(path, lossless=True)}
        count = 0
        for name, write in kinds.items():
            whole = self.root / name
            write(whole, self.picture((60, 45), 3))
            for content in self.damaged(whole.read_bytes()):
                count += 1
                (self.root / "in" / f"{count:03}-{name}").write_bytes(content)
        self.assertGreaterEqual(count, 300)
        done = self.run_pipeline(
            [{"stage": "load", "path": "in"},
             {"stage": "encode", "format": "npy", "name": "{stem}.npy"}])
        self.assertEqual(done.returncode, 65, done.stderr)
        failed = 0
        for line in self.report("out"):
            if line["status"] == "failed":
                failed += 1
                self.assertIn(
                    line["error"]["kind"],
                    ["malformed", "damaged", "truncated", "unsupported", "over_limit"], line)
                self.assertRegex(
                    line["error"]["message"], "TIFF|WebP|max_pixels|the file (is|begins)")
        self.assertGreater(failed, count // 3)

    def test_written_tiff(self):
        wanted = {}
        for dtype in ["u1", "u2", "f4"]:
            for channels in [1, 2, 3, 4]:
                pixels = self.picture((61, 83), channels, dtype)
                name = f"{dtype}-{channels}"
                tifffile.imwrite(
                    self.root / "in" / f"{name}.tif", pixels[..., 0] if channels == 1 else pixels,
                    photometric="rgb" if channels > 2 else "minisblack",
                    **({"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}))
                wanted[name] = pixels[..., 0] if channels == 1 else pixels
        for compression in ["fast", "default", "best", "none", 3]:
            folder = self.run_stages(
                {"stage": "encode", "format": "tiff", "compression": compression, "verify": True},
                output=f"out-{compression}")
            for name, pixels in wanted.items():
                found = tifffile.imread(folder / f"{name}.tif")
                np.testing.assert_array_equal(found, pixels, strict=True)
                info = subprocess.run(
                    ["tiffinfo", "-D", folder / f"{name}.tif"], capture_output=True, text=True,
                    timeout=60)
                self.assertEqual((info.returncode, info.stderr), (0, ""))

    def test_written_webp(self):
        for channels in [1, 2, 3, 4]:
            pixels = self.picture((61, 83), channels)
            Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(
                self.root / "in" / f"{channels}.png")
            self.expected[str(channels)] = pixels
        exact = self.run_stages(
            {"stage": "encode", "format": "webp", "lossless": True, "verify": True}, output="exact")
        small = self.run_stages(
            {"stage": "encode", "format": "webp", "quality": 50, "verify": True}, output="small")
        for name, pixels in self.expected.items():
            colors = pixels[..., [0, 0, 0] + [1] * (int(name) == 2)] if int(name) < 3 else pixels
            np.testing.assert_array_equal(np.array(Image.open(exact / f"{name}.webp")), colors)
            image = Image.fromarray(colors)
            image.save(self.root / "other.webp", quality=50)
            ours = (small / f"{name}.webp").stat().st_size
            self.assertLess(ours, (exact / f"{name}.webp").stat().st_size)
            lossy = np.array(Image.open(small / f"{name}.webp")).astype(int)
            self.assertLess(np.abs(lossy[..., :3] - colors[..., :3]).mean(), 8)

    def report(self, output):
        return [json.loads(line) for line in (self.root / output / "report.jsonl").open()]


if __name__ == "__main__":
    unittest.main()
