"""The tables, as Markdown."""

import os
import platform
import subprocess
from importlib.metadata import version

import openblas

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"
TITLES = {
    "kernels": "Kernels: a 3 × 1080 × 1920 float image, one thread",
    "folders": "Whole runs: a folder of photographs of 0.3 to 2 megapixels, two jobs",
    "datasets": "Datasets of patches: the same photographs, two jobs, two workers of a data loader",
    "chains": "Canonical chains: two jobs, `normalize` with ImageNet's mean and deviation",
    "denoising": "Denoising: one thread, processor time, ours with the start of the command and its files",
    "scale": "Scale",
}
PACKAGES = ["numpy", "torch", "torchvision", "opencv-contrib-python-headless", "pillow", "pyvips-binary"]


def tables(rows, settings):
    """All rows, group by group, and what they were measured with."""
    parts = [machine(settings)]
    for group, title in TITLES.items():
        chosen = [row for row in rows if row.group == group]
        if not chosen:
            continue
        lines = [f"### {title}", ""]
        lines += ["| work | ours | peer | ratio | goal | met |", "| --- | --- | --- | --- | --- | --- |"]
        lines += [
            f"| {row.work} | {row.ours} | {row.peer} | {row.ratio_text} | {row.goal_text} "
            f"| {({True: 'yes', False: '**no**', None: '–'})[row.is_met]} |"
            for row in chosen
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def machine(settings):
    """Processor, versions and command, without anything that names the machine."""
    details = subprocess.run(
        [settings.command, "--version", "--verbose"], capture_output=True, text=True
    ).stdout.strip()
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    facts = [
        f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "; ".join(details.splitlines()),
        openblas.description(settings.blas_environment),
        swift.splitlines()[0] if swift else "",
        "Python " + platform.python_version(),
        ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        f"`Benchmarks/run.sh{' --quick' if settings.is_quick else ''}`, "
        f"medians of {settings.rounds} samples taken in turns",
    ]
    return "\n".join(f"- {fact}" for fact in facts if fact)


def processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def write_into(path, text):
    """Replaces what stands between the markers of a page."""
    page = path.read_text()
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
