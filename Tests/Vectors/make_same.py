"""same.json: TensorFlow's SAME padding, by JAX, whose conv_general_dilated has the same rule.

    python Tests/Vectors/make_same.py        (jax 0.10, numpy 2.4)

Each record is a strided, dilated convolution of an image with one kernel of one channel.
"""

from pathlib import Path

import jax
import numpy as np
from jax import lax

from splitmix import signed_unit, write_lines


def record(index, random):
    size, kernel, stride, dilation = (
        [int(v) for v in random.integers(1, most + 1, 2)] for most in (13, 5, 4, 2))
    # JAX, as TensorFlow, dilates or strides.
    if index % 2:
        stride = [1, 1]
    else:
        dilation = [1, 1]
    image = signed_unit(index, 1, 1, *size).astype(np.float32)
    weights = signed_unit(index + 5000, 1, 1, *kernel).astype(np.float32)
    result = lax.conv_general_dilated(
        image, weights, stride, "SAME", rhs_dilation=dilation, precision=lax.Precision.HIGHEST)
    return {"seed": index, "size": size, "kernel_size": kernel, "stride": stride,
            "dilation": dilation, "shape": list(result.shape[2:]),
            "values": [float(f"{v:.7g}") for v in np.asarray(result).ravel()]}


def main():
    random = np.random.default_rng(5)
    write_lines(
        Path(__file__).with_name("same.json"), f"jax {jax.__version__}; make_same.py",
        same=[record(index, random) for index in range(60)])


if __name__ == "__main__":
    main()
