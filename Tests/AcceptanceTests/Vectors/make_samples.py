"""Writes samples.json: what other decoders make of the images in samples/.

    python3 make_samples.py

Ran with Pillow 13.0.0, OpenCV 5.0.0 and NumPy 2.4.6. PNG files are read by pngfile.py, the decoder
written from the specification beside the codecs' tests, and checked against Pillow (8 bits) or OpenCV
(16 bits, where Pillow is no oracle); JPEG files are read by Pillow, whose pixels are those of
libjpeg-turbo's slow-integer DCT.

Each record has two forms. "rgb" is `"color": "rgb", "alpha": "keep"` with the orientation applied,
"keep" the file's own channels; a form is [width, height, channels, bits, digest], the digest being
FNV-1a of 64 bits over interleaved rows, 16-bit values as big-endian words.
"""

import json
import pathlib
import sys

import cv2
import numpy as np
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = HERE.parents[2] / "samples"
sys.path.insert(0, str(HERE.parents[1] / "TesseraCodecsTests" / "Vectors"))
import pngfile  # noqa: E402


def fnv(data):
  value = 0xCBF29CE484222325
  for byte in data:
    value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
  return f"{value:016x}"


def form(pixels):
  height, width, channels = pixels.shape
  bits = 8 * pixels.itemsize
  data = pixels.astype(">u2").tobytes() if bits == 16 else pixels.tobytes()
  return [width, height, channels, bits, fnv(data)]


def png(path):
  pixels = pngfile.decode(path.read_bytes())
  if pixels.dtype == np.uint16:
    other = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).reshape(pixels.shape)
    assert (pixels == (other[..., ::-1] if pixels.shape[2] == 3 else other)).all(), path
  else:
    image = Image.open(path)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[pixels.shape[2]]
    assert (pixels == np.asarray(image.convert(mode)).reshape(pixels.shape)).all(), path
  return pixels


def rgb(pixels):
  if pixels.shape[2] in (1, 2):
    gray = pixels[..., :1]
    pixels = np.concatenate([gray, gray, gray, pixels[..., 1:]], axis=2)
  return pixels


def main():
  records = {}
  for path in sorted(SAMPLES.iterdir()):
    if path.suffix == ".png":
      keep = png(path)
      colour = rgb(keep)
    elif path.suffix == ".jpg":
      image = ImageOps.exif_transpose(Image.open(path))
      keep = np.asarray(image)
      keep = keep.reshape(keep.shape[0], keep.shape[1], -1)
      colour = np.asarray(image.convert("RGB"))
    else:
      continue
    records[path.name] = {"rgb": form(colour), "keep": form(keep)}
  lines = [f"  {json.dumps(name)}: {json.dumps(record)}" for name, record in records.items()]
  (HERE / "samples.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()
