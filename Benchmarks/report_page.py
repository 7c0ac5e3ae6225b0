#!/usr/bin/env python3
"""What `run --report` takes, and how its page behaves in Chromium.

    apt install chromium chromium-driver python3-venv
    python3 -m venv .build/report-page
    .build/report-page/bin/pip install pillow selenium
    .build/report-page/bin/python Benchmarks/report_page.py [TESSERA]

TESSERA is the command; .build/release/tessera if left out. Prints a table: inputs, seconds of a run
that finds all done, seconds that --report adds to it, bytes of the page, and milliseconds in the
browser until the page is there, to sort all rows, and of the steps of 100 through all rows.
"""

import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = pathlib.Path(__file__).resolve().parent.parent
PIPELINE = {"version": 1, "stages": [
    {"stage": "load", "color": "rgb"},
    {"stage": "unfold", "kernel_size": 8, "stride": 8, "edge": "pad"},
    {"stage": "transform.dct"}, {"stage": "transform.quantize", "step": 40},
    {"stage": "transform.idct"}, {"stage": "fold"},
    {"stage": "compare", "metrics": ["psnr", "max_abs", "ssim"]},
    {"stage": "encode", "format": "png"}]}
SCROLL = """
const done = arguments[0];
const frame = document.getElementById("inputs-frame");
frame.scrollIntoView({ behavior: "instant" });
const times = [];
let step = 0;
let last = performance.now();
const next = () => {
  const now = performance.now();
  if (step > 0) times.push(now - last);
  last = now;
  if (step === 100) return done(times);
  frame.scrollTop = (frame.scrollHeight - frame.clientHeight) * step / 99;
  step += 1;
  requestAnimationFrame(next);
};
requestAnimationFrame(next);
"""
SORT = """
const button = document.querySelector("#inputs-frame th:nth-child(8) button");
const start = performance.now();
button.click();
document.body.offsetHeight;
return performance.now() - start;
"""


def make(folder, count):
    """Pieces of the sample photographs; one in fifty is damaged."""
    folder.mkdir()
    names = ("astronaut.jpg", "chelsea-rgb.png", "coffee-cmyk.jpg", "rocket-progressive.jpg")
    images = [Image.open(ROOT / "samples" / name).convert("RGB") for name in names]
    draw = random.Random(count)
    for index in range(count):
        path = folder / f"photo-{index:05d}.jpg"
        if index % 50 == 0:
            path.write_bytes(b"\xff\xd8\xff broken")
            continue
        image = images[index % 4]
        left, top = draw.randrange(image.width - 160), draw.randrange(image.height - 160)
        image.crop((left, top, left + 160, top + 160)).save(path, quality=80)


def run(tessera, place, *more):
    start = time.perf_counter()
    subprocess.run(
        [tessera, "run", place / "p.json", "-i", place / "in", "-o", place / "out", "--quiet",
         *more], stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def look(page):
    """Milliseconds until it is there, to sort, and of steps through all rows."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.set_script_timeout(120)
        driver.get(page.as_uri())
        shown = driver.execute_script(
            "const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd")
        return shown, driver.execute_script(SORT), driver.execute_async_script(SCROLL)
    finally:
        driver.quit()


def main():
    tessera = sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/release/tessera"
    print("| inputs | run [s] | page adds [s] | page [MB] | shown [ms] | sorted [ms] "
          "| step, middle [ms] | step, slowest [ms] |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for count in (10, 1000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            (place / "p.json").write_text(json.dumps(PIPELINE))
            make(place / "in", count)
            run(tessera, place)
            plain = statistics.median(run(tessera, place) for _ in range(3))
            paged = statistics.median(run(tessera, place, "--report") for _ in range(3))
            page = place / "out/report.html"
            shown, taken, steps = look(page)
            size = page.stat().st_size / 1e6
            print(f"| {count} | {plain:.2f} | {paged - plain:.2f} | {size:.2f} "
                  f"| {shown:.0f} | {taken:.0f} | {statistics.median(steps):.0f} "
                  f"| {max(steps):.0f} |")


if __name__ == "__main__":
    main()
