"""The site on the loopback interface, and Chromium looking at it."""

import contextlib
import functools
import http.server
import os
import pathlib
import shutil
import threading
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = pathlib.Path(__file__).resolve().parents[2]
SITE = pathlib.Path(os.environ.get("TESSERA_SITE", ROOT / "site"))

LOOK = """
const images = [...document.images].map(image => ({
  source: image.getAttribute("src"), alt: image.alt,
  whole: image.complete && image.naturalWidth > 0}));
const probe = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
return {
  title: document.title, heading: document.querySelector("h1")?.innerText ?? "",
  images, width: document.documentElement.scrollWidth, background: probe,
  missing: [...document.querySelectorAll("link[rel=stylesheet], script[src]")]
    .map(node => node.href || node.src).filter(url => !url.startsWith(location.origin))};
"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, without a word on standard error."""

    def log_message(self, format, *arguments):
        pass


@contextlib.contextmanager
def served(folder):
    """A web server on the loopback interface; gives where it is."""
    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Browser:
    """Chromium without a window, which knows no host but this one."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in (
                "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(
            options=options, service=Service(shutil.which("chromedriver")))
        self.driver.set_page_load_timeout(60)

    def close(self):
        self.driver.quit()

    def appear(self, width, scheme):
        """How wide the window is [px], and whether the reader likes it `light` or `dark`."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def look(self, url):
        """Opens a page; what it shows, and what the console says of it, or late of the last."""
        self.driver.get(url)
        seen = self.driver.execute_script(LOOK)
        seen["said"] = [entry["message"] for entry in self.driver.get_log("browser")]
        return seen

    def look_built(self, url):
        """The same of a page that a program builds, once it has a heading."""
        said = self.look(url)["said"]
        end = time.monotonic() + 20
        while not (seen := self.driver.execute_script(LOOK))["heading"]:
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        seen["said"] = said + [entry["message"] for entry in self.driver.get_log("browser")]
        return seen

    def text(self, selector):
        return self.driver.execute_script(
            "return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def picture(self, path):
        self.driver.save_screenshot(str(path))

    def command(self, name, arguments):
        """Asks Chromium for something that WebDriver has no word for."""
        return self.driver.execute_cdp_cmd(name, arguments)
