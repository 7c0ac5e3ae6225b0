"""Links of the pages in the repository, and of the site. Nothing is asked of other hosts."""

import html.parser
import posixpath
import re
import unittest
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

from browser import SITE
from pagetext import ROOT, pages

# Hosts that stand for any: examples, which nobody is to follow.
EXAMPLES = {"example.org"}


def anchors(text):
    """What a git host calls the headings of a page."""
    names, seen = set(), {}
    tokens = MarkdownIt().parse(text)
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            words = "".join(child.content for child in tokens[index + 1].children or []
                            if child.type in ("text", "code_inline"))
            name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            count = seen.get(name, 0)
            seen[name] = count + 1
            names.add(f"{name}-{count}" if count else name)
    return names


def links(text):
    """The links of a page, and its pictures with their texts."""
    found = []

    def walk(tokens):
        for token in tokens:
            if token.type == "link_open":
                found.append((unquote(token.attrs["href"]), None))
            elif token.type == "image":
                found.append((unquote(token.attrs["src"]), token.content))
            walk(token.children or [])

    walk(MarkdownIt().enable("table").parse(text))
    return found


def fault(page, link, exists, anchors_of):
    """What is wrong with a link of a page, if something is."""
    parts = urlsplit(link)
    if parts.scheme:
        if parts.scheme != "https":
            return "is no https"
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc):
            return "has no host"
        return None
    path, _, anchor = link.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    if path.startswith("/") or target.startswith(".."):
        return "leads out of the repository"
    if not exists(target):
        return "leads nowhere"
    if anchor and anchor not in anchors_of(target):
        return "names a heading that is not there"
    return None


class Repository(unittest.TestCase):
    """Pages as a git host shows them."""

    def test_links(self):
        found, count = [], 0
        for page in pages():
            for link, text in links((ROOT / page).read_text("utf-8")):
                wrong = fault(
                    page, link, lambda target: (ROOT / target).exists(),
                    lambda target: anchors((ROOT / target).read_text("utf-8")))
                if wrong:
                    found.append(f"{page}: {link} {wrong}")
                if text is not None and not text.strip():
                    found.append(f"{page}: the picture {link} has no text")
                count += 1
        self.assertEqual(found, [])
        self.assertGreater(count, 200)

    def test_every_page_is_led_to(self):
        """From README, over links between pages."""
        seen, ahead = set(), ["README.md"]
        while ahead:
            page = ahead.pop()
            if page in seen or not page.endswith(".md"):
                continue
            seen.add(page)
            for link, _ in links((ROOT / page).read_text("utf-8")):
                if not urlsplit(link).scheme and link.partition("#")[0]:
                    ahead.append(posixpath.normpath(
                        posixpath.join(posixpath.dirname(page), link.partition("#")[0])))
        docs = {page for page in pages() if page.startswith("docs/")}
        self.assertEqual(sorted(docs - seen), [])

    def test_wrong_links_are_noticed(self):
        for link in ("nothing.md", "../../out.md", "install.md#nothing", "#nothing", "/install.md",
                     "http://plain.example.org", "https://nohost"):
            self.assertTrue(fault(
                "docs/README.md", link, {"docs/install.md", "docs/README.md"}.__contains__,
                lambda target: {"wheel"}), link)
        self.assertEqual(anchors("# A `b`, c\n## A b c\n"), {"a-b-c", "a-b-c-1"})
        self.assertEqual(
            links("[a](b.md) ![c](d.png)\n\n| [e](f) |\n| --- |\n"),
            [("b.md", None), ("d.png", "c"), ("f", None)])


class Page(html.parser.HTMLParser):
    """The names and the links of a page of the site."""

    def __init__(self, text):
        super().__init__()
        self.names, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key in ("id", "name") and value:
                self.names.add(value)
            elif key in ("href", "src") and value:
                self.links.append(value)


class Site(unittest.TestCase):
    """Pages as Sphinx has made them."""

    def test_links(self):
        files = [path for path in SITE.rglob("*.html")
                 if path.relative_to(SITE).parts[0] != "library"]
        read = {path: Page(path.read_text("utf-8")) for path in files}
        found, count = [], 0
        for path, page in read.items():
            for link in page.links:
                parts = urlsplit(link)
                if parts.scheme in ("https", "data"):
                    continue
                if parts.scheme or link.startswith("//"):
                    found.append(f"{path}: {link}")
                    continue
                count += 1
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                if target.is_dir():
                    target /= "index.html"
                wrong = not target.is_relative_to(SITE.resolve()) or not target.exists()
                if not wrong and parts.fragment and target in read:
                    wrong = unquote(parts.fragment) not in read[target].names
                if wrong:
                    found.append(f"{path.relative_to(SITE)}: {link}")
        self.assertEqual(found, [])
        self.assertGreater(count, 5000)

    def test_no_other_host_is_asked(self):
        """Fonts, styles and programs are on the site."""
        wanted = re.compile(
            r"<(?:script|img|iframe)[^>]+src=[\"'](?:https?:)?//|<link[^>]+href=[\"'](?:https?:)?//"
            r"|@import|url\([\"']?(?:https?:)?//")
        found = [str(path) for ending in ("*.html", "*.css") for path in SITE.rglob(ending)
                 if wanted.search(path.read_text("utf-8"))]
        self.assertEqual(found, [])

    def test_what_must_be_there(self):
        for name in ("index", "stages/unfold", "stages/gabor", "commands/tessera-run",
                     "tutorials/folders", "from/torch", "reliability", "benchmarks", "formats",
                     "datasets", "library/documentation/tessera/index", "contributing"):
            self.assertTrue((SITE / f"{name}.html").exists(), name)


if __name__ == "__main__":
    unittest.main()
