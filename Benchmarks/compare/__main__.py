"""Measures Tessera beside other tools; `run.sh` sets up what it needs."""

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import chains
import datasets
import denoising
import folders
import kernels
import openblas
import report
import scale
from material import Material
from measure import debug
from results import Results

HERE = Path(__file__).parent


@dataclass
class Settings:
    """Where things are and how long to measure."""

    data: Path
    scratch: Path
    command: Path
    kernels: Path
    codecs: Path
    is_quick: bool
    is_large: bool
    rounds: int
    blas_environment: dict


def make_settings(arguments):
    data = Path(os.environ["TESSERA_BENCH_DATA"])
    data.mkdir(parents=True, exist_ok=True)
    # Outputs go to memory where there is enough: disks differ more than what is compared.
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 12e9
    scratch = Path(tempfile.mkdtemp(prefix="tessera-", dir=memory if has_room else data))
    tools = Path(os.environ["TESSERA_BENCH_TOOLS"])
    return Settings(
        data=data,
        scratch=scratch,
        command=Path(os.environ["TESSERA_BENCH_COMMAND"]),
        kernels=tools / "KernelBenchmarks",
        codecs=tools / "CodecLimit",
        is_quick=arguments.quick,
        is_large=arguments.large,
        rounds=3 if arguments.quick else 7,
        blas_environment=openblas.environment(tools / "KernelBenchmarks"),
    )


def main():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples, smaller images")
    parser.add_argument("--only", action="append", metavar="NAME", help="may be repeated")
    parser.add_argument("--large", action="store_true", help="the 32 768 × 32 768 image too")
    parser.add_argument("--write-docs", action="store_true", help="update docs/benchmarks.md")
    parser.add_argument("--list", action="store_true", help="only list the measurements")
    arguments = parser.parse_args()

    settings = make_settings(arguments)
    try:
        return measure(settings, arguments)
    finally:
        shutil.rmtree(settings.scratch, ignore_errors=True)


def measure(settings, arguments):
    """Measures what was asked for; 1 where something could not be measured."""
    material = Material(settings)
    measurements = {}
    measurements |= kernels.measurements(settings)
    for part in (folders, datasets, chains, denoising, scale):
        measurements |= part.measurements(settings, material)
    chosen = [
        name
        for name in measurements
        if not arguments.only or any(part in name for part in arguments.only)
    ]
    if arguments.list:
        print("\n".join(chosen))
        return 0

    results = Results(settings.data / ("quick.json" if arguments.quick else "results.json"))
    failures = 0
    for number, name in enumerate(chosen, 1):
        debug(f"{number}/{len(chosen)} {name}")
        try:
            rows = measurements[name]()
        except Exception as error:
            failures += 1
            debug(f"  FAILED: {error}")
            continue
        results.add(name, rows)
        for row in rows:
            mark = {True: "met", False: "MISSED", None: ""}[row.is_met]
            debug(f"  {row.work}: {row.ratio_text} (goal {row.goal_text}) {mark}")

    ordered = [row for name in measurements for row in results.rows.get(name, [])]
    text = report.tables(ordered, settings)
    (settings.data / "report.md").write_text(text)
    print(text)
    if arguments.write_docs:
        report.write_into(HERE.parent.parent / "docs" / "benchmarks.md", text)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
