#!/usr/bin/env python3
"""Measures folders of many files: time and peak memory of a first run, a repeated one and a dry run,
and what waiting for the disk costs.

    Benchmarks/many_files.py BINARY [--files 100000] [--small 5000] [--rounds 5] [--folder DIR]

BINARY is a release build of the command. Files are made in DIR, by default a temporary folder on the
disk that it stands for; they are removed at the end. Waiting is left out by a library that is put
before the system's and does nothing where a file or a disk is to be waited for (needs cc or clang).
Runs with and without it take turns, and medians are told. Python's standard library is all it needs.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import tempfile
import time
import zlib

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "samples"
NO_WAIT = """
int fsync(int file) { return 0; }
int fdatasync(int file) { return 0; }
int syncfs(int file) { return 0; }
"""


def png(number, side=4):
    """A picture of `side` × `side` pixels of RGB that no other number has."""
    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    row = bytes((number * 7 + i * 31) % 256 for i in range(3 * side))
    rows = b"".join(b"\0" + bytes((b + y + number // 256) % 256 for b in row) for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def pictures(folder, count, side=4):
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:06}.png").write_bytes(png(number, side))


def photographs(folder, count):
    folder.mkdir()
    samples = sorted(p for p in SAMPLES.iterdir() if p.suffix in (".jpg", ".jpeg"))
    for number in range(count):
        sample = samples[number % len(samples)]
        shutil.copy(sample, folder / f"{number:04}{sample.suffix}")


def pipeline(path, stages):
    path.write_text(json.dumps({"version": 1, "stages": stages}))


def run(arguments, environment=None):
    """Seconds, and peak memory in MB."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, arguments)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})})
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(errors.decode())
    # A child takes over the peak of this program, which is smaller.
    return seconds, usage.ru_maxrss * 1024 / 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--small", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tessera-files-", dir=options.folder))
    try:
        measure(pathlib.Path(options.binary).resolve(), folder, options)
    finally:
        shutil.rmtree(folder)


def measure(binary, folder, options):
    copy, filtered = folder / "copy.json", folder / "filter.json"
    pipeline(copy, [{"stage": "load"}, {"stage": "encode"}])
    pipeline(filtered, [
        {"stage": "load", "color": "rgb"}, {"stage": "convolve", "bank": "gaussian", "padding": "same"},
        {"stage": "encode", "format": "jpeg"}])
    # Files that were taken away slow those that come: nothing is, before everything is measured.
    (folder / "none.c").write_text(NO_WAIT)
    compiler = shutil.which("cc") or shutil.which("clang")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "none.so", folder / "none.c"],
                   check=True)
    print("| work | waiting for the disk | not waiting | ratio |\n| --- | --- | --- | --- |")
    pictures(folder / "small", options.small, side=64)
    photographs(folder / "photographs", 200)
    for name, recipe in [("small", copy), ("photographs", filtered)]:
        times = {True: [], False: []}
        for number in range(options.rounds):
            for waits in ([True, False] if number % 2 else [False, True]):
                # Into a folder that was not there: names that are taken away cost, too.
                out = folder / f"{name}-{number}-{waits}"
                environment = {} if waits else {"LD_PRELOAD": str(folder / "none.so")}
                os.sync()
                times[waits].append(run(
                    [binary, "run", recipe, "--quiet", "-i", folder / name, "-o", out],
                    environment)[0])
        waiting, free = (statistics.median(times[waits]) for waits in (True, False))
        what = f"{options.small} pictures of 64 × 64" if name == "small" else "200 photographs, filtered"
        print(f"| {what} | {waiting:.2f} s | {free:.2f} s | {waiting / free:.2f} |")

    print("\n| work | seconds | peak memory |\n| --- | --- | --- |")
    pictures(folder / "many", options.files)
    command = [binary, "run", copy, "--quiet", "-i", folder / "many", "-o", folder / "out"]
    for name, more in [("first run", []), ("repeated", []), ("dry run", ["--dry-run"])]:
        os.sync()
        seconds, peak = run(command + more)
        print(f"| {options.files} pictures of 4 × 4: {name} | {seconds:.2f} s | {peak:.0f} MB |")


if __name__ == "__main__":
    main()
