"""A PNG encoder and decoder written from the specification alone: the oracle of the PNG tests.

It shares no code with libpng or Pillow, handles every colour type, bit depth, filter and
interlacing, and gives what the reader of this package is meant to give.
"""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2)]


def chunk(kind, data=b"", crc=None):
  crc = zlib.crc32(kind + data) if crc is None else crc
  return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def header(width, height, depth, color, interlace=0, compression=0, filtering=0):
  return struct.pack(">IIBBBBB", width, height, depth, color, compression, filtering, interlace)


def pack(samples, depth):
  """Samples of one row (width × channels, flat) to bytes."""
  if depth == 16:
    return samples.astype(">u2").tobytes()
  if depth == 8:
    return samples.astype(np.uint8).tobytes()
  bits = ((samples[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).ravel()
  return np.packbits(bits).tobytes()


def unpack(data, depth, count):
  if depth == 16:
    return np.frombuffer(data, ">u2")[:count].astype(np.uint16)
  if depth == 8:
    return np.frombuffer(data, np.uint8)[:count].astype(np.uint16)
  bits = np.unpackbits(np.frombuffer(data, np.uint8))[: count * depth].reshape(count, depth)
  return (bits.astype(np.uint16) << np.arange(depth - 1, -1, -1).astype(np.uint16)).sum(1)


def predict(kind, left, up, corner):
  if kind == 0:
    return 0
  if kind == 1:
    return left
  if kind == 2:
    return up
  if kind == 3:
    return (left + up) // 2
  p = left + up - corner
  distances = abs(p - left), abs(p - up), abs(p - corner)
  return (left, up, corner)[distances.index(min(distances))]


def filtered(rows, step, kinds):
  previous, result = bytes(len(rows[0])), b""
  for number, row in enumerate(rows):
    kind = kinds[number % len(kinds)]
    line = bytearray([kind])
    for i, value in enumerate(row):
      left = row[i - step] if i >= step else 0
      corner = previous[i - step] if i >= step else 0
      line.append((value - predict(kind, left, previous[i], corner)) & 255)
    result += bytes(line)
    previous = row
  return result


def unfiltered(data, rows, row_bytes, step):
  previous, result = bytes(row_bytes), []
  for number in range(rows):
    line = data[number * (row_bytes + 1):(number + 1) * (row_bytes + 1)]
    row = bytearray()
    for i, value in enumerate(line[1:]):
      left = row[i - step] if i >= step else 0
      corner = previous[i - step] if i >= step else 0
      row.append((value + predict(line[0], left, previous[i], corner)) & 255)
    result.append(bytes(row))
    previous = row
  return result


def scanlines(samples, depth, interlace, kinds):
  """samples: height × width × channels."""
  channels = samples.shape[2]
  step = max(1, depth * channels // 8)
  images = [samples]
  if interlace:
    images = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES]
  return b"".join(
    filtered([pack(row.ravel(), depth) for row in image], step, kinds)
    for image in images if image.size)


def encode(samples, depth, color, interlace=0, kinds=(4, 1, 2, 3, 0), before=(), after=(), level=9,
           split=None):
  """A whole file. `before` and `after` are chunks around the IDAT ones."""
  data = zlib.compress(scanlines(samples, depth, interlace, kinds), level)
  parts = [data] if not split else [data[i:i + split] for i in range(0, len(data), split)]
  height, width = samples.shape[:2]
  return (SIGNATURE + chunk(b"IHDR", header(width, height, depth, color, interlace))
          + b"".join(before) + b"".join(chunk(b"IDAT", part) for part in parts)
          + b"".join(after) + chunk(b"IEND"))


def chunks(data):
  offset = 8
  while offset + 8 <= len(data):
    length, kind = struct.unpack(">I4s", data[offset:offset + 8])
    yield kind, data[offset + 8:offset + 8 + length]
    offset += 12 + length


def decode(data):
  """Rows as this package gives them: H × W × C of uint8 or uint16."""
  kinds = {}
  pixels = b""
  for kind, body in chunks(data):
    kinds.setdefault(kind, body)
    if kind == b"IDAT":
      pixels += body
  width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", kinds[b"IHDR"])
  stored = CHANNELS[color]
  step = max(1, depth * stored // 8)
  raw = zlib.decompress(pixels)
  samples = np.zeros((height, width, stored), np.uint16)
  offset = 0
  for x, y, dx, dy in PASSES if interlace else [(0, 0, 1, 1)]:
    target = samples[y::dy, x::dx]
    if not target.size:
      continue
    row_bytes = (target.shape[1] * stored * depth + 7) // 8
    rows = unfiltered(raw[offset:], target.shape[0], row_bytes, step)
    offset += target.shape[0] * (row_bytes + 1)
    for number, row in enumerate(rows):
      target[number] = unpack(row, depth, target.shape[1] * stored).reshape(-1, stored)
  return expanded(samples, depth, color, kinds)


def expanded(samples, depth, color, kinds):
  transparency = kinds.get(b"tRNS")
  kind = np.uint16 if depth == 16 else np.uint8
  if color == 3:
    palette = np.frombuffer(kinds[b"PLTE"], np.uint8).reshape(-1, 3)
    image = palette[samples[..., 0]]
    if transparency is None:
      return image
    alphas = np.full(len(palette), 255, np.uint8)
    alphas[:len(transparency)] = np.frombuffer(transparency, np.uint8)
    return np.dstack([image, alphas[samples[..., 0]]])
  image = samples
  if depth < 8:
    image = samples * (255 // (2 ** depth - 1))
  if transparency is not None and color in (0, 2):
    key = np.frombuffer(transparency, ">u2")
    opaque = (samples != key).any(axis=2)
    image = np.dstack([image, opaque * (65535 if depth == 16 else 255)])
  return image.astype(kind)
