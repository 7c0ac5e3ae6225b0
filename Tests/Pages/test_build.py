"""What the builder of the site refuses: dead links, warnings, folders that are not its own."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from pagetext import ROOT
from place import TESSERA

sys.path.insert(0, str(ROOT / "Scripts/site"))
import prepare  # noqa: E402


class Prepared(unittest.TestCase):
    """prepare.py."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.site = prepare.Site(TESSERA, self.folder)

    def test_links(self):
        for page, link, place in [
                ("docs/library.md", "install.md", "install.md"),
                ("docs/engines/ray.md", "../datasets.md#labels", "../datasets.md#labels"),
                ("docs/install.md", "../SECURITY.md", "security.md"),
                ("CONTRIBUTING.md", "docs/decisions", "decisions/README.md"),
                ("docs/denoising.md", "../Pipelines/blur.json", "files/Pipelines/blur.json.md"),
                ("docs/banks.md", "pictures/lm.png", "pictures/lm.png"),
                ("docs/python.md", "https://example.org/", "https://example.org/")]:
            self.assertEqual(self.site.target(link, page), place)
        for link in ("nothing.md", "../Sources", "../.build/debug.yaml"):
            with self.assertRaises(SystemExit):
                self.site.target(link, "docs/library.md")

    def test_code_keeps_its_links(self):
        text = "[a](b)\n\n    [a](b)\n\n```\n[a](b)\n```\n- c\n    [a](b)\n"
        self.assertEqual(
            prepare.outside_code(text, lambda line: line.replace("(b)", "(d)")),
            "[a](d)\n\n    [a](b)\n\n```\n[a](b)\n```\n- c\n    [a](d)\n")

    def test_every_declaration_has_a_page(self):
        self.site.stages()
        self.site.commands()
        for line in self.site.ask("stages").splitlines():
            page = (self.folder / f"stages/{line.split()[0]}.md").read_text("utf-8")
            self.assertIn(line.split(maxsplit=1)[1], page.replace("`", ""))
        page = (self.folder / "commands/tessera-run.md").read_text("utf-8")
        for word in ("`--max-failures", "`-i <path>`", "## Examples", "| `file` |"):
            self.assertIn(word, page)
        told = self.site.ask("--help").split("SUBCOMMANDS:")[1]
        names = set(re.findall(r"(?m)^  ([a-z-]+)(?: |$)", told)) - {"help"}
        self.assertGreater(len(names), 10)
        for name in names:
            self.assertTrue((self.folder / f"commands/tessera-{name}.md").exists(), name)


class Refused(unittest.TestCase):
    """Tools that end at a warning, and the script before it touches anything."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def sphinx(self, text):
        (self.folder / "index.md").write_text(text, "utf-8")
        return subprocess.run(
            [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "-E", "-c", ROOT / "Scripts/site",
             self.folder, self.folder / "html"], capture_output=True, text=True)

    def test_warnings(self):
        self.assertEqual(self.sphinx("# a\n\n[b](#a)\n").returncode, 0)
        for text in ("# a\n\n[b](#c)\n", "# a\n\n[b](c.md)\n", "# a\n\n![b](c.png)\n",
                     "# a\n\n### b\n"):
            self.assertNotEqual(self.sphinx(text).returncode, 0, text)

    def test_words_of_docs_sh(self):
        """What is tried above is how the script calls them."""
        script = (ROOT / "Scripts/docs.sh").read_text("utf-8")
        self.assertIn("-m sphinx -W ", script)
        self.assertIn("--warnings-as-errors", script)

    def test_other_folders_stay(self):
        (self.folder / "mine").write_text("mine")
        done = subprocess.run(
            ["bash", ROOT / "Scripts/docs.sh", self.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("it stays", done.stderr)
        self.assertTrue((self.folder / "mine").exists())


if __name__ == "__main__":
    unittest.main()
