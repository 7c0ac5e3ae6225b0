"""Makes the files beside this script and the lists of what they hold.

Needs NumPy, Pillow, cjpeg and djpeg (libjpeg-turbo's programs). Run it in its own folder:

    python3 make_vectors.py

Pixels expected of PNG files come from pngfile.py, those of JPEG files from djpeg. Where Pillow can
tell, it is asked too. pngsuite/ holds files of Willem van Schaik's PngSuite (README.txt there);
png/ the kinds and the damage of that suite made anew.
"""

import io
import os
import struct
import subprocess
import zlib

import numpy as np
from PIL import Image

import pngfile
from pngfile import chunk, encode, header

random = np.random.default_rng(1)
expected = []
refused = []


def fnv(data):
  value = 0xCBF29CE484222325
  for byte in data:
    value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
  return f"{value:016x}"


def expect(name, pixels, note="-"):
  pixels = pixels if pixels.ndim == 3 else pixels[..., None]
  height, width, channels = pixels.shape
  expected.append(
    f"{name} {channels} {height} {width} {pixels.dtype.name} {fnv(pixels.tobytes())} {note}")


def write(name, data):
  with open(name, "wb") as file:
    file.write(data)


def refuse(name, data, kind, text):
  write(name, data)
  refused.append(f"{name} {kind} {text}")


def samples(height, width, depth, color):
  """A gradient with noise, in the range of the depth."""
  limit = 2 ** depth
  y, x = np.mgrid[0:height, 0:width]
  planes = []
  for channel in range(pngfile.CHANNELS[color]):
    gradient = (x * (channel + 1) * limit // max(width, 1) // 2 + y * limit // max(height, 1) // 2)
    planes.append((gradient + random.integers(0, max(limit // 16, 1), (height, width))) % limit)
  return np.dstack(planes).astype(np.uint16)


def palette(depth):
  colors = random.integers(0, 256, (2 ** depth, 3)).astype(np.uint8)
  return chunk(b"PLTE", colors.tobytes())


def pillow_agrees(data, pixels):
  """Pillow has no 16-bit colour and refuses bad checksums; everything else must be the same."""
  try:
    image = Image.open(io.BytesIO(data))
    image.load()
  except (OSError, SyntaxError, ValueError) as error:
    print("not for Pillow:", error)
    return
  if image.mode == "P":
    image = image.convert("RGBA" if "transparency" in image.info else "RGB")
  elif "transparency" in image.info and image.mode == "RGB":
    image = image.convert("RGBA")
  elif image.mode == "1":
    image = image.convert("L")
  if image.mode not in ("L", "LA", "RGB", "RGBA", "I;16") or pixels.dtype == np.uint16 and (
      image.mode != "I;16"):
    return
  theirs = np.asarray(image)
  theirs = theirs if theirs.ndim == 3 else theirs[..., None]
  if theirs.shape == pixels.shape:
    assert (theirs == pixels).all()


def good_png(name, data, note="-"):
  write(name, data)
  pixels = pngfile.decode(data)
  pillow_agrees(data, pixels)
  expect(name, pixels, note)


def make_good_png():
  for color, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16),
                        6: (8, 16)}.items():
    for depth in depths:
      for interlace in (0, 1):
        image = samples(13, 19, depth, color)
        before = [palette(depth)] if color == 3 else []
        name = f"png/basic-{'ni'[interlace]}{color}-{depth:02}"
        good_png(f"{name}.png", encode(image, depth, color, interlace, before=before))
        if color in (4, 6):
          continue
        if color == 3:
          transparency = bytes(random.integers(0, 256, 2 ** depth - 1).astype(np.uint8))
        else:
          transparency = image[3, 5].astype(">u2").tobytes()
        before = before + [chunk(b"tRNS", transparency)]
        good_png(f"{name}-trns.png", encode(image, depth, color, interlace, before=before))
  for size in (1, 2, 3, 4, 5, 7, 9):
    for interlace in (0, 1):
      good_png(f"png/size-{size}-{'ni'[interlace]}.png",
               encode(samples(size, size, 4, 3), 4, 3, interlace, before=[palette(4)]))
  good_png("png/size-1x40-i.png", encode(samples(40, 1, 8, 2), 8, 2, 1))
  good_png("png/size-40x1-i.png", encode(samples(1, 40, 1, 0), 1, 0, 1))
  for kind in range(5):
    good_png(f"png/filter-{kind}.png", encode(samples(9, 11, 8, 2), 8, 2, kinds=(kind,)))
  for level in (0, 1, 6):
    good_png(f"png/zlib-{level}.png", encode(samples(16, 16, 8, 2), 8, 2, level=level))
  good_png("png/idat-bytes.png", encode(samples(6, 6, 8, 0), 8, 0, split=1))
  good_png("png/idat-empty.png",
           encode(samples(6, 6, 8, 0), 8, 0, before=[chunk(b"IDAT")]))
  gray = samples(8, 8, 8, 0)
  rgb = samples(8, 8, 8, 2)
  good_png("png/suggested-palette.png", encode(rgb, 8, 2, before=[palette(4)]))
  short = chunk(b"PLTE", bytes(range(30)))
  good_png("png/palette-of-10.png", encode(samples(8, 8, 4, 3) % 10, 4, 3, before=[short]))
  text = [chunk(b"gAMA", struct.pack(">I", 35000)), chunk(b"cHRM", bytes(32)),
          chunk(b"sRGB", b"\0"), chunk(b"bKGD", bytes(6)), chunk(b"tEXt", b"Title\0x"),
          chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"x")), chunk(b"tIME", bytes(7)),
          chunk(b"iTXt", b"Title\0\0\0\0\0x"), chunk(b"sBIT", b"\5\6\5"), chunk(b"prVt", b"own")]
  good_png("png/ancillary.png", encode(rgb, 8, 2, before=text))
  good_png("png/density.png",
           encode(rgb, 8, 2, before=[chunk(b"pHYs", struct.pack(">IIB", 2835, 2834, 1))]))
  good_png("png/bad-crc-ancillary.png",
           encode(gray, 8, 0, before=[chunk(b"tEXt", b"Title\0x", crc=1)]), "warning")
  good_png("png/trailing-bytes.png", encode(gray, 8, 0) + b"more", "warning")
  good_png("png/bad-profile.png",
           encode(gray, 8, 0, before=[chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(200)))]),
           "warning")
  exif = b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"
  good_png("png/exif-before.png", encode(gray, 8, 0, before=[chunk(b"eXIf", exif)]))
  good_png("png/exif-after.png", encode(gray, 8, 0, after=[chunk(b"eXIf", exif)]))
  good_png("png/exif-broken.png",
           encode(gray, 8, 0, before=[chunk(b"eXIf", exif[:20])]), "warning")


def make_bad_png():
  gray = samples(8, 8, 8, 0)
  good = encode(gray, 8, 0)
  lines = pngfile.scanlines(gray, 8, 0, (0,))
  packed = zlib.compress(lines)
  ihdr = chunk(b"IHDR", header(8, 8, 8, 0))

  def file(*parts):
    return pngfile.SIGNATURE + b"".join(parts) + chunk(b"IEND")

  for byte in (1, 2, 4, 7):
    data = bytearray(good)
    data[byte - 1] ^= 0x80 if byte == 1 else 0x20
    refuse(f"png/x-signature-{byte}.png", bytes(data), "malformed", "signature")
  refuse("png/x-signature-cr.png", good.replace(b"\r\n", b"\r\r\n", 1), "malformed", "signature")
  refuse("png/x-signature-lf.png", good.replace(b"\r\n", b"\n", 1), "malformed", "signature")
  refuse("png/x-crc-ihdr.png", file(chunk(b"IHDR", header(8, 8, 8, 0), crc=1),
                                    chunk(b"IDAT", packed)), "damaged", "IHDR: CRC error")
  refuse("png/x-crc-idat.png", file(ihdr, chunk(b"IDAT", packed, crc=1)), "damaged",
         "IDAT: CRC error")
  for color in (1, 5, 9):
    refuse(f"png/x-color-{color}.png", file(chunk(b"IHDR", header(8, 8, 8, color)),
                                            chunk(b"IDAT", packed)), "malformed",
           f"colour type {color}")
  for depth in (0, 3, 99):
    refuse(f"png/x-depth-{depth}.png", file(chunk(b"IHDR", header(8, 8, depth, 0)),
                                            chunk(b"IDAT", packed)), "malformed",
           f"bit depth {depth}")
  refuse("png/x-depth-4-rgb.png", file(chunk(b"IHDR", header(8, 8, 4, 2)),
                                       chunk(b"IDAT", packed)), "malformed", "bit depth 4")
  refuse("png/x-width-0.png", file(chunk(b"IHDR", header(0, 8, 8, 0)), chunk(b"IDAT", packed)),
         "malformed", "width 0")
  refuse("png/x-height-huge.png", file(chunk(b"IHDR", header(8, 2 ** 31, 8, 0)),
                                       chunk(b"IDAT", packed)), "malformed", "height 2147483648")
  refuse("png/x-pixels.png", file(chunk(b"IHDR", header(2 ** 20, 2 ** 20, 16, 6)),
                                  chunk(b"IDAT", packed)), "over_limit", "max_pixels")
  refuse("png/x-interlace-2.png", file(chunk(b"IHDR", header(8, 8, 8, 0, interlace=2)),
                                       chunk(b"IDAT", packed)), "malformed", "interlace method 2")
  refuse("png/x-compression-1.png", file(chunk(b"IHDR", header(8, 8, 8, 0, compression=1)),
                                         chunk(b"IDAT", packed)), "malformed", "compression")
  refuse("png/x-no-idat.png", file(ihdr), "malformed", "IDAT")
  refuse("png/x-no-palette.png", file(chunk(b"IHDR", header(8, 8, 8, 3)),
                                      chunk(b"IDAT", packed)), "malformed", "PLTE")
  refuse("png/x-ihdr-second.png", file(chunk(b"tEXt", b"a\0b"), ihdr, chunk(b"IDAT", packed)),
         "malformed", "IHDR")
  refuse("png/x-cgbi.png", file(chunk(b"CgBI", b"\x50\0\x20\6"), ihdr, chunk(b"IDAT", packed)),
         "unsupported", "CgBI")
  refuse("png/x-critical.png", file(ihdr, chunk(b"ABCD", b"x"), chunk(b"IDAT", packed)),
         "unsupported", "ABCD")
  refuse("png/x-palette-index.png",
         encode(samples(8, 8, 4, 3), 4, 3, before=[chunk(b"PLTE", bytes(9))]), "damaged",
         "palette of 3")
  refuse("png/x-adler.png", file(ihdr, chunk(b"IDAT", packed[:-1] + b"\0")), "damaged",
         "incorrect data check")
  refuse("png/x-too-much.png", file(ihdr, chunk(b"IDAT", zlib.compress(lines + bytes(90)))),
         "damaged", "Too much image data")
  refuse("png/x-extra-bytes.png", file(ihdr, chunk(b"IDAT", packed + b"xyz")), "damaged",
         "Extra compressed data")
  refuse("png/x-too-little.png", file(ihdr, chunk(b"IDAT", zlib.compress(lines[:40]))),
         "truncated", "Not enough image data")
  refuse("png/x-zlib-header.png", file(ihdr, chunk(b"IDAT", b"\x79" + packed[1:])), "damaged",
         "IDAT")
  refuse("png/x-filter-5.png",
         file(ihdr, chunk(b"IDAT", zlib.compress(lines[:18] + b"\5" + lines[19:]))), "damaged",
         "filter")
  refuse("png/x-no-iend.png", good[:-12], "damaged", "IEND")
  refuse("png/x-half.png", good[:len(good) // 2], "truncated", "ends after")
  refuse("png/x-claims-2gb.png", pngfile.SIGNATURE + ihdr + struct.pack(">I", 2 ** 31 - 1)
         + b"zTXtkeyword\0\0more", "truncated", "ends after")
  refuse("png/x-claims-2gb-exif.png", pngfile.SIGNATURE + ihdr
         + struct.pack(">I", 2 ** 31 - 1) + b"eXIfII*\0", "truncated", "ends after")
  bomb = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(7_000_000), 9))
  write("png/bomb.chunk", bomb)


def cjpeg(pixels, *options):
  source = io.BytesIO()
  Image.fromarray(pixels).save(source, "PPM")
  return subprocess.run(["cjpeg", *options], input=source.getvalue(), capture_output=True,
                        check=True).stdout


def good_jpeg(name, data, note="-"):
  write(name, data)
  if data.count(b"\xff\xc0") and Image.open(io.BytesIO(data)).mode == "CMYK":
    # djpeg does not write four channels; Pillow gives them inverted, whatever the marker says.
    expect(name, 255 - np.asarray(Image.open(io.BytesIO(data))), note)
    return
  # djpeg's exit status is 2 after a warning.
  result = subprocess.run(["djpeg", "-pnm", "-dct", "int"], input=data, capture_output=True)
  assert result.returncode in (0, 2)
  pixels = np.asarray(Image.open(io.BytesIO(result.stdout)))
  if b"arith" not in name.encode():
    assert (np.asarray(Image.open(io.BytesIO(data))) == pixels).all(), name
  expect(name, pixels, note)


def without_segment(data, marker):
  """Leaves the first segment of a marker out."""
  offset = 2
  while offset < len(data):
    length = struct.unpack(">H", data[offset + 2:offset + 4])[0]
    if data[offset + 1] == marker:
      return data[:offset] + data[offset + 2 + length:]
    offset += 2 + length
  raise ValueError(marker)


def patched(data, find, replacement):
  place = data.index(find)
  return data[:place] + replacement + data[place + len(replacement):]


def make_good_jpeg():
  y, x = np.mgrid[0:37, 0:43]
  rgb = np.dstack([x * 5, y * 6, (x + y) * 3]).astype(np.uint8) ^ random.integers(
    0, 16, (37, 43, 3)).astype(np.uint8)
  gray = rgb[..., 1]
  for sample in ("1x1", "2x1", "1x2", "2x2", "4x1", "4x2", "3x1", "2x2,2x1,1x2", "1x1,2x2,1x1"):
    name = sample.replace(",", "-")
    good_jpeg(f"jpeg/sampling-{name}.jpg", cjpeg(rgb, "-sample", sample))
  good_jpeg("jpeg/gray.jpg", cjpeg(gray, "-grayscale"))
  good_jpeg("jpeg/rgb.jpg", cjpeg(rgb, "-rgb"))
  good_jpeg("jpeg/restart.jpg", cjpeg(rgb, "-restart", "2B"))
  good_jpeg("jpeg/restart-rows.jpg", cjpeg(rgb, "-restart", "1"))
  good_jpeg("jpeg/optimized.jpg", cjpeg(rgb, "-optimize"))
  good_jpeg("jpeg/progressive.jpg", cjpeg(rgb, "-progressive"), "whole")
  good_jpeg("jpeg/progressive-gray.jpg", cjpeg(gray, "-progressive", "-grayscale"), "whole")
  good_jpeg("jpeg/progressive-restart.jpg", cjpeg(rgb, "-progressive", "-restart", "1"), "whole")
  good_jpeg("jpeg/arithmetic.jpg", cjpeg(rgb, "-arithmetic"))
  good_jpeg("jpeg/arithmetic-progressive.jpg", cjpeg(rgb, "-arithmetic", "-progressive"), "whole")
  write("scans.txt", b"0; 1; 2;")
  good_jpeg("jpeg/three-scans.jpg", cjpeg(rgb, "-scans", "scans.txt"), "whole")
  os.remove("scans.txt")
  good_jpeg("jpeg/one-pixel.jpg", cjpeg(rgb[:1, :1]))
  # Tall enough for some rows of blocks of 32 lines.
  y, x = np.mgrid[0:163, 0:21]
  tall = np.dstack([x * 9, y * 3, (x + y) * 2 ^ (y * 7 & 15)]).astype(np.uint8)
  for sample in ("1x4,1x1,1x1", "1x4,1x2,1x2", "1x3,1x1,1x1"):
    good_jpeg(f"jpeg/tall-{sample.replace(',', '-')}.jpg", cjpeg(tall, "-sample", sample))
  for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = io.BytesIO()
    Image.fromarray(rgb[:16, :24]).save(data, "JPEG", exif=exif)
    good_jpeg(f"jpeg/orientation-{orientation}.jpg", data.getvalue())
  data = io.BytesIO()
  Image.fromarray(rgb).save(data, "JPEG", icc_profile=bytes(range(256)) * 300, dpi=(300, 200))
  good_jpeg("jpeg/profile.jpg", data.getvalue())
  plain = cjpeg(rgb)
  broken = b"\xff\xe1\x00\x10Exif\0\0II*\0zzzz"
  good_jpeg("jpeg/exif-broken.jpg", plain[:2] + broken + plain[2:], "warning")
  sos = plain.index(b"\xff\xda")
  good_jpeg("jpeg/extraneous.jpg", plain[:sos] + b"junk" + plain[sos:], "warning")
  good_jpeg("jpeg/trailing.jpg", plain + b"more")
  ink = Image.fromarray(np.dstack([rgb, gray]), "CMYK")
  data = io.BytesIO()
  ink.save(data, "JPEG", quality=90)
  adobe = data.getvalue()
  good_jpeg("jpeg/cmyk-adobe.jpg", adobe)
  good_jpeg("jpeg/cmyk-plain.jpg", without_segment(adobe, 0xEE))
  place = adobe.index(b"Adobe")
  good_jpeg("jpeg/ycck.jpg", adobe[:place + 11] + b"\2" + adobe[place + 12:])
  converted = np.asarray(Image.open("jpeg/cmyk-adobe.jpg").convert("RGB"))
  expect("jpeg/cmyk-adobe.jpg", converted, "rgb")
  converted = np.asarray(Image.open("jpeg/cmyk-plain.jpg").convert("RGB"))
  expect("jpeg/cmyk-plain.jpg", converted, "rgb")
  expect("jpeg/ycck.jpg", np.asarray(Image.open("jpeg/ycck.jpg").convert("RGB")), "rgb")
  expect("jpeg/rgb.jpg", np.asarray(Image.open("jpeg/rgb.jpg").convert("L")), "gray")


def make_bad_jpeg():
  y, x = np.mgrid[0:48, 0:40]
  rgb = np.dstack([x * 5, y * 5, x * y]).astype(np.uint8)
  plain = cjpeg(rgb, "-sample", "1x1")
  progressive = cjpeg(rgb, "-progressive")
  sof = plain.index(b"\xff\xc0")
  for marker, name in ((3, "lossless"), (5, "hierarchical"), (6, "hierarchical"),
                       (11, "lossless arithmetic"), (13, "hierarchical arithmetic")):
    refuse(f"jpeg/x-sof-{marker}.jpg", patched(plain, b"\xff\xc0", bytes([255, 0xC0 + marker])),
           "unsupported", name)
  data = patched(plain, b"\xff\xc0", b"\xff\xc1")
  refuse("jpeg/x-12-bit.jpg", data[:sof + 4] + b"\x0c" + data[sof + 5:], "unsupported", "12-bit")
  two = b"\xff\xc0\0\x0e\x08\0\x08\0\x08\2\1\x11\0\2\x11\0"
  scan = b"\xff\xda\0\x0a\2\1\0\2\0\0\x3f\0"
  dqt = plain[plain.index(b"\xff\xdb"):sof]
  refuse("jpeg/x-two-channels.jpg", b"\xff\xd8" + dqt + two + scan + b"\0\xff\xd9", "unsupported",
         "2 components")
  large = progressive.index(b"\xff\xc2")
  huge = progressive[:large + 5] + struct.pack(">HH", 65500, 65500) + progressive[large + 9:]
  refuse("jpeg/x-65500.jpg", huge, "over_limit", "65500")
  refuse("jpeg/x-half.jpg", plain[:len(plain) * 2 // 3], "truncated", "row")
  refuse("jpeg/x-half-eoi.jpg", plain[:len(plain) * 2 // 3] + b"\xff\xd9", "truncated", "row")
  refuse("jpeg/x-no-eoi.jpg", plain[:-2], "damaged", "EOI")
  refuse("jpeg/x-header-only.jpg", plain[:sof], "truncated", "ends after")
  refuse("jpeg/x-progressive-half.jpg", progressive[:len(progressive) * 2 // 3], "truncated",
         "scan")
  last = progressive.rindex(b"\xff\xda")
  refuse("jpeg/x-progressive-between.jpg", progressive[:last], "truncated", "scan")
  restart = cjpeg(rgb, "-restart", "1", "-sample", "1x1")
  place = restart.index(b"\xff\xd2")
  refuse("jpeg/x-restart-lost.jpg", restart[:place] + restart[place + 2:], "damaged", "marker")
  middle = plain.index(b"\xff\xda") + 400
  refuse("jpeg/x-marker-inside.jpg", plain[:middle] + b"\xff\x01" + plain[middle + 2:], "damaged",
         "premature end")
  refuse("jpeg/x-no-sof.jpg", b"\xff\xd8\xff\xd9", "malformed", "no image")


def make_npy():
  array = np.arange(2 * 5 * 7)

  def save(name, values, version=None):
    with open(name, "wb") as file:
      np.lib.format.write_array(file, values, version=version)

  def good(name, values, image=None, note="-", version=None):
    save(name, values, version)
    image = values if image is None else image
    if image.ndim == 3:
      image = image.transpose(1, 2, 0) if note != "hwc" else image
    expect(name, np.ascontiguousarray(image), note)

  chw = array.reshape(2, 5, 7)
  for kind in ("uint8", "uint16", "float32"):
    good(f"npy/chw-{kind}.npy", chw.astype(kind))
    good(f"npy/hw-{kind}.npy", chw[0].astype(kind))
    good(f"npy/hwc-{kind}.npy", array.reshape(5, 7, 2).astype(kind), note="hwc")
  half = (chw - 30).astype(np.float64) / 4
  exact = half.astype(np.float32)
  good("npy/float64.npy", half, exact)
  good("npy/float16.npy", half.astype(np.float16), exact)
  good("npy/big-float64.npy", half.astype(">f8"), exact)
  good("npy/big-float32.npy", half.astype(">f4"), exact)
  good("npy/big-uint16.npy", chw.astype(">u2"), (chw).astype(np.uint16))
  good("npy/bool.npy", chw % 3 == 0, (chw % 3 == 0).astype(np.uint8))
  good("npy/fortran-chw.npy", np.asfortranarray(half.astype(np.float32)), exact, "whole")
  good("npy/fortran-hw.npy", np.asfortranarray(chw[1].astype(np.uint16)), None, "whole")
  good("npy/fortran-hwc.npy", np.asfortranarray(array.reshape(5, 7, 2).astype(np.uint8)),
       None, "hwc")
  good("npy/version-2.npy", chw.astype(np.uint8), version=(2, 0))
  good("npy/version-3.npy", chw.astype(np.uint8), version=(3, 0))
  good("npy/one.npy", np.full((1, 1), 3, np.float32))
  for kind in ("i1", "i2", "i4", "i8", "u4", "u8"):
    signed = chw - 30 if kind[0] == "i" else chw
    for order in "<" if kind == "i1" else "<>":
      name = f"npy/{'big-' if order == '>' else ''}{kind}"
      good(f"{name}.npy", signed.astype(order + kind), signed.astype(np.float32))
    good(f"npy/fortran-{kind}.npy", np.asfortranarray(signed.astype(kind)),
         signed.astype(np.float32), "whole")
  for name, values, kind, text in (
      ("int64", chw + 2**24, "unsupported", "16777217"),
      ("complex", chw.astype(np.complex64), "unsupported", "np.abs(a)"),
      ("text", np.array([["a"]]), "unsupported", "<U1"),
      ("record", np.zeros((2, 2), [("a", "f4")]), "unsupported", "structured"),
      ("inexact", np.full((2, 2), 0.1), "unsupported", "0.1"),
      ("one-axis", np.zeros(4, np.float32), "unsupported", "(4)"),
      ("four-axes", np.zeros((1, 1, 2, 2), np.float32), "unsupported", "(1, 1, 2, 2)"),
      ("empty", np.zeros((0, 4), np.float32), "malformed", "no values")):
    save(f"npy/x-{name}.npy", values)
    refused.append(f"npy/x-{name}.npy {kind} {text}")
  whole = open("npy/chw-float32.npy", "rb").read()
  refuse("npy/x-short.npy", whole[:-3], "truncated", "280 bytes")
  refuse("npy/x-header.npy", whole[:60], "truncated", "header")
  refuse("npy/x-version.npy", whole[:6] + b"\x09" + whole[7:], "unsupported", "version 9.0")
  shape = b"(9223372036854775807, 9223372036854775807, 4), }"
  text = whole[:whole.index(b"(")] + shape
  text += b" " * (127 - len(text)) + b"\n"
  refuse("npy/x-shape.npy", text, "malformed", "shape")
  refuse("npy/x-shape-long.npy", text.replace(b"922", b"999", 1), "malformed", "number")
  refuse("npy/x-key.npy", whole.replace(b"'shape'", b"'sharp'"), "malformed", "sharp")
  refuse("npy/x-empty-file.npy", b"", "malformed", "empty")
  refuse("npy/x-other.npy", b"GIF89a..", "unsupported", "a GIF image")


def main():
  make_good_png()
  make_bad_png()
  make_good_jpeg()
  make_bad_jpeg()
  make_npy()
  for name in sorted(os.listdir("pngsuite")):
    if name.endswith(".png"):
      data = open(f"pngsuite/{name}", "rb").read()
      pixels = pngfile.decode(data)
      pillow_agrees(data, pixels)
      expect(f"pngsuite/{name}", pixels)
  write("expected.txt", ("\n".join(expected) + "\n").encode())
  write("refused.txt", ("\n".join(refused) + "\n").encode())


if __name__ == "__main__":
  main()
