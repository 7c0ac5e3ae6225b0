"""Every page of the site in Chromium: what it shows, and what the console says of it."""

import json
import pathlib
import time
import unittest
from urllib.parse import unquote

from browser import SITE, Browser, served

# Of the library's pages, which one program shows, that many are opened.
LIBRARY = 40
# A window as narrow as a telephone's, and one of a desk [px].
NARROW, WIDE = 400, 1280


def pages():
    """The pages that Sphinx has made."""
    return sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html")
                  if path.relative_to(SITE).parts[0] != "library")


def library():
    """The pages of the library, as addresses end: a folder each."""
    root = SITE / "library/documentation"
    return sorted(str(path.parent.relative_to(SITE)) + "/" for path in root.rglob("index.html"))


class Opened(unittest.TestCase):
    """What is wrong with a page goes into a list, so that all of it is told."""

    @classmethod
    def setUpClass(cls):
        web = served(SITE)
        cls.address = web.__enter__()
        cls.addClassCleanup(web.__exit__, None, None, None)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def faults(self, page, seen, width, scheme):
        found = [f"the console says {said}" for said in seen["said"]]
        found += [f"it asks another host for {url}" for url in seen["missing"]]
        found += [f"the picture {image['source']} does not come"
                  for image in seen["images"] if not image["whole"]]
        found += [f"the picture {image['source']} has no text"
                  for image in seen["images"] if not image["alt"]]
        # The page of results has its heading when something was searched for.
        if not seen["title"] or not seen["heading"] and page != "search.html":
            found.append("it has no title")
        if "can't be found" in seen["heading"]:
            found.append("it is not found")
        if seen["width"] > width:
            found.append(f"it is {seen['width']} px wide in a window of {width}")
        if (sum(seen["background"][:3]) > 382) != (scheme == "light"):
            found.append(f"its background is {seen['background']} under {scheme}")
        return [f"{page} at {width} px, {scheme}: {fault}" for fault in found]

    def test_pages(self):
        found = []
        for width, scheme in ((WIDE, "light"), (NARROW, "dark")):
            self.browser.appear(width, scheme)
            for page in pages():
                seen = self.browser.look(f"{self.address}/{page}")
                found += self.faults(page, seen, width, scheme)
        self.assertGreater(len(pages()), 100)
        self.assertEqual(found, [])

    def test_library(self):
        found, names = [], library()
        self.assertGreater(len(names), 500)
        start = "library/documentation/tessera/"
        for width, scheme in ((WIDE, "light"), (NARROW, "dark")):
            self.browser.appear(width, scheme)
            for page in [start, *names[::len(names) // LIBRARY]]:
                seen = self.browser.look_built(f"{self.address}/{page}")
                found += self.faults(page, seen, width, scheme)
        self.assertEqual(found, [])

    def test_search(self):
        """The index is on the site, and finds a stage."""
        self.browser.appear(WIDE, "light")
        self.browser.look(f"{self.address}/search.html?q=unfold")
        end = time.monotonic() + 20
        while "unfold" not in (said := self.browser.text("#search-results")):
            self.assertLess(time.monotonic(), end, said)
            time.sleep(0.1)

    def test_faults_are_seen(self):
        """A page with everything that is looked for."""
        page = self.site_page("""<html><body style="background: black"><h1></h1>
            <img src="nothing.png"><div style="width: 3000px">wide</div>
            <script src="http://elsewhere.example/a.js"></script></body></html>""")
        self.browser.appear(NARROW, "light")
        seen = self.browser.look(f"{self.address}/{page}")
        found = "\n".join(self.faults(page, seen, NARROW, "light"))
        for word in ("console", "another host", "not come", "no text", "no title", "px wide",
                     "background"):
            self.assertIn(word, found)

    def site_page(self, text):
        path = SITE / "planted-by-a-test.html"
        path.write_text(text)
        self.addCleanup(path.unlink)
        return path.name


class Library(unittest.TestCase):
    """What stands in the files that the library's pages are shown from."""

    def test_references(self):
        """Whatever a page leads to has a page."""
        root, count = SITE / "library", 0
        for path in (root / "data").rglob("*.json"):
            page = json.loads(path.read_text("utf-8"))
            for reference in page.get("references", {}).values():
                url = reference.get("url", "")
                if url.startswith("/documentation/"):
                    place, _, _ = unquote(url).partition("#")
                    self.assertTrue((root / f"data{place}.json").exists(), f"{path}: {url}")
                    count += 1
        self.assertGreater(count, 5000)

    def test_what_programs_write(self):
        """Types of modules that `import Tessera` brings along have pages."""
        names = {pathlib.Path(page).name for page in library()}
        wanted = {"pipeline", "unfold", "window", "batchrun", "dataset", "npyarray", "planner",
                  "cancellation", "parameterdescription", "atomicfile"}
        self.assertEqual(wanted - names, set())


if __name__ == "__main__":
    unittest.main()
