"""Tutorials, from their first line to their last: what they show is typed, and what they say comes.

After a change that is meant, TESSERA_PICTURES=write writes their pictures anew; look at them.
"""

import os
import re
import unittest

import numpy as np
from PIL import Image

from pagetext import ROOT, blocks
from place import Place

PAGES = sorted((ROOT / "docs/tutorials").glob("*.md"))
# What a picture may differ by in the mean: JPEG, and sums of another instruction set [levels].
DIFFERENCE = 4


def masked(text):
    """Lines without times, rates, and what another instruction set may round otherwise."""
    text = re.sub(r"PSNR [\d.]+ dB", "PSNR # dB", text)
    text = re.sub(r"[\d.]+ (images|MPix)/s", r"#", text)
    text = re.sub(r"[\d.]+ s\b", "# s", text)
    return [re.sub(r"\(# s(, #)*\)", "(#)", line.rstrip()) for line in text.splitlines()]


def missing(said, output):
    """The first line of what a page says that does not come, in this order."""
    rest = iter(masked(output))
    return next((line for line in masked(said) if line not in rest), None)


class Tutorials(unittest.TestCase):
    """Each page in a folder of its own."""

    def test_all_are_there(self):
        self.assertEqual(
            [page.stem for page in PAGES], ["datasets", "folders", "proof"])

    def follow(self, page):
        """Does what a page shows; gives the folder."""
        place = Place(self)
        output, told = "", 0
        for block in blocks(str(page.relative_to(ROOT))):
            if block.language == "json":
                name = re.findall(r"`([\w.]+\.json)`", block.before)
                self.assertTrue(name, f"{block}: the text before does not name the file")
                (place.folder / name[-1]).write_text(block.text, "utf-8")
            elif block.language == "text":
                lost = missing(block.text, output)
                self.assertIsNone(lost, f"{block}: expected {lost!r} in:\n{output}")
                told += 1
            elif block.language in ("sh", "python"):
                status, output = (
                    place.type(block.text) if block.language == "sh" else place.python(block.text))
                self.assertEqual(status, 0, f"{block}: {output}")
            else:
                self.fail(f"{block}: nothing is known of blocks of {block.language or 'spaces'}")
        self.assertGreater(told, 3)
        return place.folder

    def pictures(self, page, folder):
        """Holds the pictures of a page against those that its commands have made."""
        names = re.findall(
            r"!\[[^]]+\]\(\.\./pictures/tutorials/(\w+)\.jpg\)", page.read_text("utf-8"))
        self.assertTrue(names)
        for name in names:
            made = Image.open(folder / f"{name}.png").convert("RGB")
            path = ROOT / f"docs/pictures/tutorials/{name}.jpg"
            if os.environ.get("TESSERA_PICTURES") == "write":
                made.save(path, quality=85, optimize=True)
            shown = Image.open(path)
            self.assertEqual(shown.size, made.size, name)
            difference = np.abs(np.asarray(shown, float) - np.asarray(made, float)).mean()
            self.assertLess(difference, DIFFERENCE, name)
            self.assertLess(path.stat().st_size, 150_000, name)
        return names

    def test_pages(self):
        shown = []
        for page in PAGES:
            with self.subTest(page.name):
                shown += self.pictures(page, self.follow(page))
        kept = [path.stem for path in (ROOT / "docs/pictures/tutorials").iterdir()]
        self.assertEqual(sorted(shown), sorted(kept))

    def test_a_wrong_word_is_noticed(self):
        self.assertIsNone(missing("3 done (0.1 s, 9 images/s)\nb", "a\n3 done (0.2 s)\nb\n"))
        for said in ("4 done (0.1 s)", "b\n3 done (0.1 s)", "3 done"):
            self.assertEqual(missing(said, "a\n3 done (0.2 s)\nb\n"), masked(said)[-1], said)


if __name__ == "__main__":
    unittest.main()
