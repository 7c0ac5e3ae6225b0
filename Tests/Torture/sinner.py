#!/usr/bin/env python3
"""A command that does what the true one does, and one thing that it must not: what SIN names."""

import os
import pathlib
import subprocess
import sys
import time

SIN = os.environ["SIN"]
FOLDER = pathlib.Path("out")


def outputs():
    return [
        path for path in sorted(FOLDER.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "report"))]


def main():
    records = FOLDER / ".tessera-records"
    if SIN == "dies of records" and records.exists() and records.stat().st_size % 3:
        os.abort()
    if SIN == "gives up" and records.exists():
        sys.exit("the records are damaged")
    if SIN == "leaves a program":
        subprocess.Popen(
            ["sleep", "20"], start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if SIN == "ignores locks":
        (FOLDER / ".tessera-lock").unlink(missing_ok=True)
    done = subprocess.run([os.environ["TRUE_TESSERA"], *sys.argv[1:]], stderr=subprocess.PIPE)
    if SIN != "says nothing":
        try:
            sys.stderr.buffer.write(done.stderr)
        except OSError:
            pass
    if SIN == "writes in place":
        for path in outputs():
            content = path.read_bytes()
            with open(path, "wb") as file:
                file.write(content[:len(content) // 2])
                file.flush()
                time.sleep(0.02)
                file.write(content[len(content) // 2:])
    if SIN == "damages" and outputs():
        with open(outputs()[-1], "r+b") as file:
            file.seek(40)
            file.write(os.urandom(8))
    report = FOLDER / "report.jsonl"
    if SIN == "cuts the report" and report.is_file():
        os.truncate(report, report.stat().st_size * 2 // 3)
    if SIN == "forgets an output" and records.is_file():
        records.write_bytes(b"".join(records.read_bytes().splitlines(keepends=True)[:1]))
    if SIN == "cuts shards" and done.returncode:
        # What a tar file ends with, and no more.
        for path in outputs():
            if path.suffix == ".tar":
                os.truncate(path, path.stat().st_size - 1024)
    if SIN == "loses the last" and outputs():
        outputs()[-1].unlink()
    if SIN == "leaves halves" and FOLDER.exists():
        (FOLDER / ".left.tessera-part").write_bytes(b"half")
    if done.returncode:
        if SIN == "always ends with 0":
            sys.exit(0)
        if SIN == "hangs":
            time.sleep(1000)
        if SIN == "dies":
            os.abort()
    sys.exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)


main()
