"""Puts together what Sphinx makes the site of: pages of the repository, and pages of declarations.

    python Scripts/site/prepare.py TESSERA FOLDER

Pages are those of docs/, where they lie, and those of PAGES. Links between them are kept; a link
to another file of the repository leads to a page with that file, so that nothing leads out of the
site. docs/README.md becomes the first page, and its lists are the navigation. What TESSERA, the
command, says about itself by `--experimental-dump-help` becomes commands/, and `stages NAME
--markdown` stages/.
"""

import json
import pathlib
import posixpath
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Packaging"))
import make_man  # noqa: E402

# Pages that do not lie in docs/, and what they are called on the site.
PAGES = {
    "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md", "samples/LICENSES.md": "samples.md",
    "Tests/Vectors/README.md": "vectors.md", "README.md": "index.md",
}
LANGUAGES = {
    ".json": "json", ".py": "python", ".sh": "sh", ".sbatch": "sh", ".yaml": "yaml",
    ".swift": "swift", ".txt": "text",
}
LINK = re.compile(r"(?P<before>\]\()(?P<target>[^()\s]+)(?P<after>\))")


def outside_code(text, change):
    """A page with its lines changed, but those of fenced and indented blocks of code."""
    lines, fence, blank, block = [], False, True, False
    for line in text.split("\n"):
        block = line.startswith("    ") and (block or blank) and not fence
        if line.lstrip().startswith("```"):
            fence = not fence
        elif not fence and not block:
            line = change(line)
        blank = not line.strip()
        lines.append(line)
    return "\n".join(lines)


class Site:
    """The folder that is made."""

    def __init__(self, command, folder):
        self.command = command
        self.folder = pathlib.Path(folder)
        tracked = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
            check=True, capture_output=True, text=True).stdout.splitlines()
        self.tracked = {path for path in tracked if (ROOT / path).exists()}
        self.pages = {path: path.removeprefix("docs/") for path in self.tracked
                      if path.startswith("docs/") and path.endswith(".md")}
        self.pages |= PAGES
        self.pages["docs/README.md"] = "index.md"
        self.files = set()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def target(self, link, page):
        """Where a link of a page leads on the site."""
        path, hash_, anchor = link.partition("#")
        if not path or re.match(r"[a-z]+:", link):
            return link
        found = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        if (ROOT / found).is_dir() and f"{found}/README.md" in self.pages:
            found += "/README.md"
        if found in self.pages:
            place = self.pages[found]
        elif found in self.tracked and found.startswith("docs/pictures/"):
            place = found.removeprefix("docs/")
            if not found.endswith((".png", ".jpg", ".webp")):
                self.files.add(found)
                place = f"files/{found}.md"
        elif found in self.tracked:
            self.files.add(found)
            place = f"files/{found}.md"
        else:
            sys.exit(f"{page}: the link {link} leads to nothing that the site has")
        return posixpath.relpath(place, posixpath.dirname(self.pages[page]) or ".") + hash_ + anchor

    def page(self, path):
        def line(text):
            return LINK.sub(
                lambda found: found["before"] + self.target(found["target"], path)
                + found["after"], text)

        return outside_code((ROOT / path).read_text("utf-8"), line)

    def navigation(self):
        """The lists of docs/README.md, as what stands beside each page."""
        trees = []
        text = (ROOT / "docs/README.md").read_text("utf-8")
        for section in re.split(r"(?m)^## ", text)[1:]:
            title, _, body = section.partition("\n")
            lists = "\n".join(line for line in body.splitlines() if line.startswith("- "))
            entries = [self.pages[posixpath.normpath(f"docs/{link}")]
                       for link in re.findall(r"\]\(([^)#]*\.md)\)", lists)]
            if title == "Reference":
                entries.insert(1, "commands/index")
            trees.append(self.tree(entries, title))
        return "\n".join(trees)

    def tree(self, entries, caption=None, hidden=True):
        options = [f":caption: {caption}"] if caption else []
        options += [":hidden:"] if hidden else [":maxdepth: 1"]
        names = [entry.removesuffix(".md") for entry in entries]
        return "\n".join(["```{toctree}", *options, "", *names, "```", ""])

    def file(self, path):
        """A page that shows a file of the repository, and has it to take along."""
        self.write(f"files/{path}.md", self.file_text(path))
        shutil.copy(ROOT / path, self.folder / f"files/{path}")

    def file_text(self, path):
        name = posixpath.basename(path)
        language = LANGUAGES.get(posixpath.splitext(name)[1], "text")
        head = (f"---\norphan: true\n---\n# {name}\n\n"
                f"`{path}` of the repository, [as a file]({name}).\n")
        try:
            text = (ROOT / path).read_text("utf-8")
        except UnicodeDecodeError:
            return head
        return f"{head}\n````{language}\n{text.rstrip()}\n````\n"

    def ask(self, *words):
        return subprocess.run(
            [self.command, *words], check=True, capture_output=True, text=True).stdout

    def stages(self):
        stages = [line.split()[0] for line in self.ask("stages").splitlines()]
        banks = self.ask("stages", "convolve").split("Banks (each has a page of its own):\n")[1]
        banks = [line.split()[0] for line in banks.splitlines()]
        for name in stages + banks:
            self.write(f"stages/{name}.md", self.ask("stages", name, "--markdown"))
        self.pages["docs/stages.md"] = "stages/index.md"
        text = self.page("docs/stages.md")
        text = re.sub(r"(?m)^\| `([\w.]+)` \|", r"| [`\1`](\1.md) |", text)
        text += "\n## Banks of kernels\n\nWhat `bank` of `convolve` and its like takes.\n\n"
        self.write(
            "stages/index.md", text + self.tree(stages) + "\n" + self.tree(banks, hidden=False))

    def commands(self):
        declared = json.loads(self.ask("--experimental-dump-help"))["command"]
        pages = [(declared["commandName"], declared)]
        pages += [(f"{declared['commandName']} {command['commandName']}", command)
                  for command in declared["subcommands"] if command["commandName"] != "help"]
        rows = [f"| [`{name}`]({self.name(name)}.md) | {command['abstract']} |"
                for name, command in pages]
        self.write("commands/index.md", "\n".join([
            "# The command", "", "Each page is what the command declares of itself, as `--help` "
            "and the manual pages are.", "", "| command | what it does |", "| --- | --- |", *rows,
            "", self.tree([self.name(name) for name, _ in pages])]))
        for name, command in pages:
            self.write(f"commands/{self.name(name)}.md", self.command_text(name, command))

    @staticmethod
    def name(command):
        return command.replace(" ", "-")

    def command_text(self, name, command):
        parts = [f"# `{name}`", command["abstract"]]
        sections = make_man.sections_of(command.get("discussion", ""))
        parts.append(prose(sections.pop("", [])))
        arguments = [entry for entry in command.get("arguments", []) if entry["shouldDisplay"]]
        if command.get("subcommands"):
            usage = f"{name} COMMAND …"
        else:
            usage = " ".join([name, *(synopsis(entry) for entry in arguments
                                      if entry["kind"] == "positional"), "[options]"])
        parts.append(f"```text\n{usage}\n```")
        for title, lines in sections.items():
            body = "\n".join(line.removeprefix("  ") for line in lines).strip("\n")
            parts += [f"## {title.capitalize()}", f"```text\n{body}\n```"]
        kinds = {"Arguments": ["positional"], "Options": ["option", "flag"]}
        for title, names in kinds.items():
            rows = [row(entry) for entry in arguments if entry["kind"] in names]
            if rows:
                parts += [f"## {title}", "\n".join(["| name | meaning |", "| --- | --- |", *rows])]
        return "\n\n".join(part for part in parts if part) + "\n"


def prose(lines):
    """Paragraphs, whose indented lines are code."""
    blocks = "\n".join(lines).strip("\n").split("\n\n")
    return "\n\n".join(
        f"```text\n{block}\n```" if block.startswith("  ") else escaped(block) for block in blocks)


def escaped(text):
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", text)


def synopsis(entry):
    text = f"<{entry.get('valueName', '')}>" + (" …" if entry["isRepeating"] else "")
    return f"[{text}]" if entry["isOptional"] else text


def row(entry):
    """What a table says of an argument."""
    if entry["kind"] == "positional":
        names = f"`{entry['valueName']}`"
    else:
        spelt = [("--" if name["kind"] == "long" else "-") + name["name"]
                 for name in entry["names"]]
        value = f" <{entry['valueName']}>" if entry["kind"] == "option" else ""
        names = ", ".join(f"`{name}{value}`" for name in spelt)
    parts = [entry[key].replace("\n", " ") for key in ("abstract", "discussion") if entry.get(key)]
    said = escaped(" ".join(parts))
    values = entry.get("allValues", entry.get("allValueStrings"))
    if values:
        said += " Values: " + ", ".join(f"`{value}`" for value in values) + "."
    if "defaultValue" in entry:
        said += f" Default: `{entry['defaultValue']}`."
    return f"| {names} | {said} |"


def main(command, folder):
    site = Site(pathlib.Path(command).resolve(), folder)
    site.stages()
    site.commands()
    for path, name in site.pages.items():
        if path not in ("README.md", "docs/README.md", "docs/stages.md"):
            site.write(name, site.page(path))
    library = "library/documentation/tessera/"
    site.write("index.md", site.page("docs/README.md").replace(
        "](library.md)", f"](library.md) (<a href=\"{library}\">all of its symbols</a>)")
        + "\n" + site.navigation())
    site.write("library.md", site.page("docs/library.md").replace(
        "\n\n", f"\n\n<a href=\"{library}\">All symbols</a> have pages of their own.\n\n", 1))
    decisions = sorted(name for name in site.pages.values() if name.startswith("decisions/0"))
    site.write("decisions/README.md", site.page("docs/decisions/README.md") + "\n" + site.tree(
        [posixpath.basename(name) for name in decisions]))
    shutil.copytree(ROOT / "docs/pictures", site.folder / "pictures",
                    ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for path in sorted(site.files):
        site.file(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
