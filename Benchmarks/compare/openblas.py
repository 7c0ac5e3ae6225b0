"""The fastest `sgemm` that the system's OpenBLAS has for this processor."""

import os
import re
import subprocess

from measure import debug

# OpenBLAS chooses by the processor's name and takes its slowest kernels for those it does not know.
CORES = ["Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids"]


def environment(kernels):
    """The environment under which the benchmark program multiplies the fastest."""
    choices = {core: os.environ | {"OPENBLAS_CORETYPE": core} for core in CORES}
    choices["its own choice"] = dict(os.environ)
    speeds = {name: speed(kernels, choice) for name, choice in choices.items()}
    fastest = max(speeds, key=speeds.get)
    debug(f"sgemm: {', '.join(f'{name} {value:.0f}' for name, value in speeds.items())} GFLOP/s")
    return choices[fastest]


def speed(kernels, environment):
    """GFLOP/s of a product, or 0 where this processor cannot compute it so."""
    result = subprocess.run(
        [kernels, "the limits alone"], env=environment, capture_output=True, text=True
    )
    found = re.search(r"sgemm ([0-9.]+) GFLOP/s", result.stdout)
    return float(found[1]) if found and result.returncode == 0 else 0


def description(environment):
    """The library's version and the kernels in force."""
    program = (
        "import ctypes, ctypes.util\n"
        "library = ctypes.CDLL(ctypes.util.find_library('openblas'))\n"
        "library.openblas_get_config.restype = ctypes.c_char_p\n"
        "library.openblas_get_corename.restype = ctypes.c_char_p\n"
        "version = ' '.join(library.openblas_get_config().decode().split()[:2])\n"
        "print(version + ', with its kernels for', library.openblas_get_corename().decode())\n"
    )
    result = subprocess.run(
        ["python3", "-c", program], env=environment, capture_output=True, text=True
    )
    return result.stdout.strip()
