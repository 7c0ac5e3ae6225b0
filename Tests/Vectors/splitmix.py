"""The inputs of every vector: a stream of 64-bit words that Swift and NumPy make alike."""

import base64
import json

import numpy as np

GAMMA = np.uint64(0x9E3779B97F4A7C15)


def words(seed, count):
    """`count` outputs of SplitMix64 started from `seed`."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + GAMMA * np.arange(1, count + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def signed_unit(seed, *shape):
    """Values in [−1, 1), multiples of 2⁻²³ and so exact in float32: (top 24 bits − 2²³) / 2²³."""
    top = (words(seed, int(np.prod(shape))) >> np.uint64(40)).astype(np.int64)
    return ((top - 2**23) / 2**23).reshape(shape)


def fnv1a(data):
    """FNV-1a, 64 bits, as 16 hexadecimal digits."""
    digest = 0xCBF29CE484222325
    for byte in data:
        digest = (digest ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def packed(array, dtype):
    """Little-endian values in base64."""
    return base64.b64encode(np.asarray(array).astype(dtype).tobytes()).decode()


def write_lines(path, source, **sections):
    """JSON with one record a line, so that a change of one record is one line of a diff."""
    parts = [f'  "source": {json.dumps(source)}']
    for key, records in sections.items():
        lines = ",\n".join("    " + json.dumps(each, separators=(",", ":")) for each in records)
        parts.append(f'  "{key}": [\n{lines}\n  ]')
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
