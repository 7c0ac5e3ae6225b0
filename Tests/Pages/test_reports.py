"""Pages that `run --report` and `view` write, in Chromium: what they show, and how they are used.

With TESSERA_PICTURES=write, the pictures of docs/report-page.md are taken anew; look at them.
"""

import json
import os
import unittest

from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import Browser
from pagetext import ROOT
from place import Place

NARROW, WIDE = 400, 1280
# How much of a page its picture shows [px].
HEIGHTS = {NARROW: 1900, WIDE: 1700}
PIPELINE = {"version": 1, "description": "Takes small cosine coefficients away, and compares.",
            "stages": [
                {"stage": "load", "color": "rgb"},
                {"stage": "unfold", "kernel_size": 8, "stride": 8, "edge": "pad"},
                {"stage": "transform.dct"}, {"stage": "transform.quantize", "step": 40},
                {"stage": "transform.idct"}, {"stage": "fold"},
                {"stage": "compare", "metrics": ["psnr", "max_abs", "ssim"],
                 "require": {"psnr": 31}},
                {"stage": "encode", "format": "png"}]}
# What must have a name for those who do not see it.
NAMED = {"button", "slider", "searchbox", "textbox", "combobox", "image", "img", "link", "table",
         "navigation", "RootWebArea"}
RESOURCES = """
return performance.getEntriesByType("resource").map(one => one.name)
  .filter(name => !name.startsWith("data:"));
"""


class Seen(unittest.TestCase):
    """A run with failures, and a pipeline's stages."""

    @classmethod
    def setUpClass(cls):
        cls.place = Place(cls)
        folder = cls.place.folder
        (folder / "p.json").write_text(json.dumps(PIPELINE), "utf-8")
        (folder / "samples/cut.jpg").write_bytes(
            (folder / "samples/astronaut.jpg").read_bytes()[:9000])
        (folder / "samples/<i> & 'odd'.png").write_text("no picture")
        status, said = cls.place.type(
            "set +e; tessera run p.json -i samples -o out --report; [ $? = 65 ] || exit 1; "
            "tessera view p.json samples/astronaut.jpg -o view.html; "
            "[ $? = 0 ] || exit 1")
        assert status == 0, said
        cls.report = [json.loads(line) for line in (folder / "out/report.jsonl").open()]
        cls.pages = {"report": folder / "out/report.html", "view": folder / "view.html"}
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.driver = cls.browser.driver

    @classmethod
    def addCleanup(cls, *arguments):
        """Place and its folder live as long as the class."""
        cls.addClassCleanup(*arguments)

    def open(self, name, width=WIDE, scheme="light"):
        self.browser.appear(width, scheme)
        return self.browser.look(self.pages[name].as_uri())

    def rows(self):
        """The texts of the first cells that are there."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll('#inputs-frame tr[data-index]')]"
            ".map(row => [...row.cells].map(cell => cell.textContent))")

    def test_appearance(self):
        found = []
        for name in self.pages:
            for width in (WIDE, NARROW):
                for scheme in ("light", "dark"):
                    seen = self.open(name, width, scheme)
                    about = f"{name} at {width} px, {scheme}"
                    found += [f"{about}: {said}" for said in seen["said"]]
                    if seen["width"] > width:
                        found.append(f"{about}: it is {seen['width']} px wide")
                    found += [f"{about}: a picture does not come, or has no text"
                              for image in seen["images"] if not (image["whole"] and image["alt"])]
                    if (sum(seen["background"][:3]) > 382) != (scheme == "light"):
                        found.append(f"{about}: its background is {seen['background']}")
                    self.assertGreater(len(seen["images"]), 5)
                    self.assertEqual(self.driver.execute_script(RESOURCES), [])
                    self.picture(name, width, scheme)
        self.assertEqual(found, [])

    def picture(self, name, width, scheme):
        """Takes the picture of a page anew, where that is asked for."""
        path = ROOT / f"docs/pictures/{name}-{width}-{scheme}.jpg"
        if os.environ.get("TESSERA_PICTURES") != "write":
            self.assertTrue(path.exists(), path)
            return
        self.browser.command("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": HEIGHTS[width], "deviceScaleFactor": 1, "mobile": False})
        shot = self.place.folder / "shot.png"
        self.browser.picture(shot)
        Image.open(shot).convert("RGB").save(path, quality=78, optimize=True, progressive=True)

    def test_names(self):
        """Whatever is used or looked at has a name, and headings follow each other."""
        for name in self.pages:
            self.open(name)
            tree = self.browser.command("Accessibility.getFullAXTree", {})["nodes"]
            roles = [node.get("role", {}).get("value") for node in tree if not node["ignored"]]
            for node in tree:
                role = node.get("role", {}).get("value")
                if not node["ignored"] and role in NAMED:
                    said = node.get("name", {}).get("value", "").strip()
                    self.assertTrue(said, f"{name}: {role} without a name: {node}")
            wanted = {"image", "navigation", "heading", "link"}
            if name == "report":
                wanted |= {"slider", "searchbox", "combobox", "table", "button"}
            self.assertEqual(wanted - set(roles), set())
            levels = self.driver.execute_script(
                "return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
            self.assertEqual(levels[0], 1)
            self.assertTrue(all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels)

    def test_figures(self):
        """Counts and rows are those of report.jsonl."""
        self.open("report")
        figures = dict(self.driver.execute_script(
            "return [...document.querySelectorAll('#summary .figures div')].map("
            "one => [...one.children].map(part => part.textContent))"))
        failed = [line for line in self.report if line["status"] == "failed"]
        self.assertEqual(figures["Inputs"], str(len(self.report)))
        self.assertEqual(figures["Failed"], str(len(failed)))
        self.assertEqual(figures["Done"], str(len(self.report) - len(failed)))
        self.assertGreater(len(failed), 2)
        rows = {row[0]: row for row in self.rows()}
        self.assertEqual(len(rows), len(self.report))
        for line in self.report:
            row = rows[line["source"]]
            self.assertEqual(row[1], line["status"])
            self.assertEqual(row[2], (line["error"] or {}).get("kind", ""))
            self.assertEqual(row[5], f"{line['bytes']:,}")
            for place, name in ((7, "psnr"), (8, "ssim"), (9, "max_abs")):
                value = line["metrics"].get(name)
                if value is None:
                    self.assertEqual(row[place], "")
                else:
                    self.assertAlmostEqual(float(row[place]), value, delta=1e-4)
        messages = self.driver.find_element(By.ID, "failures").text
        for line in failed:
            if line["error"]["kind"] != "requirement":
                self.assertIn(line["error"]["message"], messages)

    def test_order(self):
        self.open("report")
        heads = self.driver.find_elements(By.CSS_SELECTOR, "#inputs-frame th")
        known = [line for line in self.report if line["metrics"]]
        for name in ("psnr", "max_abs"):
            head = next(one for one in heads if one.text.split()[0] == name)
            button = head.find_element(By.TAG_NAME, "button")
            for way in ("ascending", "descending"):
                self.driver.execute_script("arguments[0].focus()", button)
                button.send_keys(Keys.ENTER)
                self.assertEqual(head.get_attribute("aria-sort"), way)
                values = {line["source"]: line["metrics"][name] for line in known}
                shown = [values[row[0]] for row in self.rows() if row[0] in values]
                self.assertEqual(shown, sorted(shown, reverse=way == "descending"))
                # What has no figure comes last, either way.
                self.assertEqual([row[0] in values for row in self.rows()],
                                 sorted((row[0] in values for row in self.rows()), reverse=True))

    def test_search(self):
        self.open("report")
        field = self.driver.find_element(By.ID, "search")
        field.send_keys("TRUNCATED jpeg")
        self.assertEqual([row[0] for row in self.rows()], ["cut.jpg"])
        self.assertIn("1 of", self.driver.find_element(By.ID, "row-count").text)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        choice = self.driver.find_element(By.ID, "status")
        choice.send_keys("failed")
        self.assertEqual({row[1] for row in self.rows()}, {"failed"})
        self.assertEqual(len(self.rows()), sum(l["status"] == "failed" for l in self.report))

    def test_keys(self):
        """Rows are gone through with arrows, and lead to their pictures."""
        self.open("report")
        row = self.driver.find_element(By.CSS_SELECTOR, "#inputs-frame tr[tabindex='0']")
        self.driver.execute_script("arguments[0].focus()", row)
        steps = 0
        while True:
            active = self.driver.switch_to.active_element
            if "pictured" in (active.get_attribute("class") or ""):
                break
            active.send_keys(Keys.ARROW_DOWN)
            steps += 1
            self.assertLess(steps, 20)
        name = active.find_element(By.TAG_NAME, "td").text
        active.send_keys(Keys.ENTER)
        card = self.driver.switch_to.active_element
        self.assertTrue(card.get_attribute("id").startswith("picture-"))
        self.assertEqual(card.find_element(By.TAG_NAME, "h3").text, name)

    def test_wipe(self):
        self.open("report")
        slider = self.driver.find_element(By.CSS_SELECTOR, ".wipe input")
        for _ in range(10):
            slider.send_keys(Keys.ARROW_RIGHT)
        wipe = self.driver.find_element(By.CSS_SELECTOR, ".wipe")
        self.assertIn("--at: 60%", wipe.get_attribute("style"))
        boxes = self.driver.execute_script(
            "return [...document.querySelector('.wipe').querySelectorAll('img')]"
            ".map(one => { const b = one.getBoundingClientRect();"
            " return [b.left, b.top, b.width, b.height] })")
        self.assertEqual(boxes[0], boxes[1])

    def test_loupe(self):
        """The same place of all pictures that are alike."""
        for name, least in (("report", 2), ("view", 4)):
            self.open(name)
            picture = self.driver.find_element(By.CSS_SELECTOR, "[data-group] .picture")
            self.driver.execute_script("arguments[0].focus()", picture)
            picture.send_keys(Keys.ARROW_RIGHT)
            count = "return document.querySelectorAll('.loupe').length"
            self.assertGreaterEqual(self.driver.execute_script(count), least)
            picture.send_keys(Keys.ESCAPE)
            self.assertEqual(self.driver.execute_script(count), 0)

    def test_without_scripts(self):
        """What matters is there."""
        self.browser.command("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.driver.get(self.pages["report"].as_uri())
            for line in self.report:
                self.assertIn(line["source"], self.driver.find_element(By.ID, "inputs").text)
            pair = self.driver.find_element(By.CSS_SELECTOR, ".pair")
            images = pair.find_elements(By.TAG_NAME, "img")
            self.assertTrue(all(image.is_displayed() for image in images))
            self.assertNotEqual(images[0].location, images[1].location)
            self.assertFalse(self.driver.find_element(By.ID, "tools").is_displayed())
        finally:
            self.browser.command("Emulation.setScriptExecutionDisabled", {"value": False})

    def test_stages(self):
        self.open("view")
        cards = self.driver.find_elements(By.CSS_SELECTOR, ".stages .card")
        names = [card.find_element(By.TAG_NAME, "h3").text for card in cards]
        stages = [f"{index} {stage['stage']}" for index, stage in enumerate(PIPELINE["stages"])]
        self.assertEqual(names, stages[:7] + ["6 compare: differences"] + stages[7:])
        line = next(line for line in self.report if line["source"] == "astronaut.jpg")
        figures = self.driver.find_element(By.CSS_SELECTOR, ".figures").text
        self.assertIn(f"{line['metrics']['max_abs']}", figures)


class Many(unittest.TestCase):
    """Ten thousand inputs and more."""

    def test_rows(self):
        place = Place(self)
        inputs = place.folder / "in"
        inputs.mkdir()
        array = (b"\x93NUMPY\x01\x00v\x00"
                 + b"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 2)}".ljust(117)
                 + b"\n\x00\x01\x02\x03")
        for index in range(12_000):
            (inputs / f"{index:05d}.npy").write_bytes(array)
        (place.folder / "p.json").write_text(json.dumps({"version": 1, "stages": [
            {"stage": "load"}, {"stage": "compare"}, {"stage": "encode", "format": "npy"}]}))
        status, said = place.type("tessera run p.json -i in -o out --report")
        self.assertEqual(status, 0, said)
        page = place.folder / "out/report.html"
        self.assertLess(page.stat().st_size, 5_000_000)
        browser = Browser()
        self.addCleanup(browser.close)
        browser.appear(WIDE, "light")
        seen = browser.look(page.as_uri())
        self.assertEqual(seen["said"], [])
        driver = browser.driver
        self.assertIn("10,000 of 10,000", driver.find_element(By.ID, "row-count").text)
        self.assertIn("of 12 000 inputs",
                      driver.find_element(By.ID, "inputs").text.replace("\u202f", " "))
        # Rows are made for what is in view alone.
        count = "return document.querySelectorAll('#inputs-frame tr').length"
        self.assertLess(driver.execute_script(count), 100)
        row = driver.find_element(By.CSS_SELECTOR, "#inputs-frame tr[tabindex='0']")
        driver.execute_script("arguments[0].focus()", row)
        row.send_keys(Keys.END)
        last = driver.switch_to.active_element
        self.assertEqual(last.get_attribute("data-index"), "9999")
        self.assertLess(driver.execute_script(count), 100)


if __name__ == "__main__":
    unittest.main()
