"""seams.png: blurring tiles as they are, with a halo, and the image as a whole; differences below.

    python docs/pictures/make_seams.py TESSERA        (numpy, Pillow 13; TESSERA is the command)

The first panel is blur_patches.json with tiles side by side and without their halo, the second the pipeline
as it stands, the third blur.json; below each its difference from the third, eight times as large.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
ROWS, COLUMNS, GAP = slice(20, 150), slice(40, 220), 6


def main(command):
    runs = [
        ("blur_patches", ["halo=0", "stride=32"]), ("blur_patches", []), ("blur", []),
    ]
    panels = []
    with tempfile.TemporaryDirectory() as folder:
        for index, (name, keys) in enumerate(runs):
            target = Path(folder, f"{index}.png")
            sets = [part for key in keys for part in ("--set", key)]
            subprocess.run(
                [command, "run", HERE / f"../../Pipelines/{name}.json", "--input",
                 HERE / "../../samples/chelsea-rgb.png", "--output", target, *sets],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            panels.append(np.asarray(Image.open(target).convert("RGB")).astype(int))
    cut = [panel[ROWS, COLUMNS] for panel in panels]
    differences = [np.clip(128 + 8 * (panel - cut[2]), 0, 255) for panel in cut]
    print("largest differences:", *(np.abs(panel - panels[2]).max() for panel in panels))
    gap = np.full((cut[0].shape[0], GAP, 3), 255)
    lines = [np.hstack([line[0], gap, line[1], gap, line[2]]) for line in (cut, differences)]
    between = np.full((GAP, lines[0].shape[1], 3), 255)
    picture = np.vstack([lines[0], between, lines[1]]).astype(np.uint8)
    Image.fromarray(picture).save(HERE / "seams.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
