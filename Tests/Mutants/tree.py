"""A copy of the repository with faults planted in it, and its build."""

import hashlib
import json
import pathlib
import re
import subprocess
import sys

from faults import KINDS, Finder

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODULES = ("TesseraBatch", "TesseraEngine", "TesseraPipeline", "TesseraCLI")
# Test targets in other folders than Tests/<target>/; what else lies there counts as theirs.
FOLDERS = {"FuzzTests": "Tests/Fuzz/"}
# Of these kinds more are planted: the compiler takes few of them.
SURPLUS = {"swapped arguments": 4, "dropped statement": 2}
# Places that the compiler speaks of: /path/to/file.swift:12:3: error: …
DIAGNOSTIC = re.compile(r"^(/.*\.swift):(\d+):\d+: (error|warning): (.*)$", re.MULTILINE)


def say(text):
    print(text, flush=True)


def tracked_files():
    """Paths of the files that git knows, below the root."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True).stdout
    paths = [name.decode() for name in names.split(b"\0") if name]
    return sorted({path for path in paths if (ROOT / path).is_file()})


def digest(paths, root=ROOT):
    """A digest of files' names and contents."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.encode() + b"\0" + (root / path).read_bytes() + b"\0")
    return whole.hexdigest()


def folder_of(target):
    """The folder of a test target."""
    return FOLDERS.get(target, f"Tests/{target}/")


def target_of(path):
    """The test target of a file below Tests/."""
    return next((target for target, folder in FOLDERS.items() if path.startswith(folder)),
                path.split("/")[1])


class Tree:
    """The copy; `work` is the folder that holds it and what is known of it."""

    def __init__(self, work, pool, size, files=()):
        self.work, self.root = work, work / "tree"
        self.pool, self.size, self.files = pool, size, files
        self.tracked = tracked_files()
        self.faults = []

    @property
    def key(self):
        """A digest of the sources with their faults."""
        sources = (self.root / "Sources").rglob("*")
        return digest(sorted(
            str(path.relative_to(self.root)) for path in sources if path.is_file()), self.root)

    @property
    def bundle(self):
        return self.root / ".build/debug/tesseraPackageTests.xctest"

    def draw(self):
        """Draws the faults to plant; ends where a file is named that has none."""
        self.faults = self._drawn()
        for number, fault in enumerate(self.faults, 1):
            fault.number = number

    def plant(self):
        """Copies the tree with its faults, and builds it until the compiler takes all of them."""
        key = self._draw_key()
        known = json.loads(self._refusals.read_text()) if self._refusals.exists() else {}
        refusals = set(known.get(key, ()) if isinstance(known, dict) else ())
        self._copy()
        while True:
            self.faults = [fault for fault in self.faults if fault.identity not in refusals]
            self._write()
            say(f"building with {len(self.faults)} faults")
            done = subprocess.run(
                ["swift", "build", "--build-tests"], cwd=self.root, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            refused = self._refused(done.stdout)
            if done.returncode == 0 and not refused:
                break
            if not refused:
                errors = [line for line in done.stdout.split("\n") if "error: " in line]
                said = "\n".join(dict.fromkeys(errors or done.stdout.split("\n")[-30:]))
                sys.exit(f"{said}\nThe tree does not build.")
            say(f"  the compiler does not take {len(refused)} of them")
            refusals |= {fault.identity for fault in self.faults if fault.number in refused}
            self._refusals.write_text(json.dumps({key: sorted(refusals)}, indent=0))

    @property
    def _refusals(self):
        """The file of what the compiler did not take: it will not the next time either."""
        return self.work / "refused.json"

    def _draw_key(self):
        """A digest of the sources and of what was drawn from them.

        What the compiler refused of other faults, or in other sources, says nothing: with it, a
        draw would depend on what was built before.
        """
        drawn = "\n".join(fault.identity for fault in self.faults)
        sources = digest(path for path in self.tracked if path.startswith("Sources/"))
        return hashlib.sha256(f"{sources}\n{drawn}".encode()).hexdigest()

    def _drawn(self):
        """Draws faults for every module, as many of each kind; no two share a line."""
        chosen, bare = [], set(self.files)
        for module in MODULES:
            paths = [path for path in self.tracked
                     if path.startswith(f"Sources/{module}/") and path.endswith(".swift")
                     and (not self.files or path in self.files)]
            found = {kind: [] for kind in KINDS}
            for path in paths:
                for fault in Finder(path, (ROOT / path).read_text()).faults():
                    found[fault.kind].append(fault)
                    bare.discard(path)
            taken = set()
            for kind in KINDS:
                shuffle(found[kind], self.pool)
                wanted = self.size * SURPLUS.get(kind, 1) // len(MODULES) // len(KINDS)
                for fault in found[kind]:
                    lines = {(fault.path, line) for line in range(fault.line, fault.last_line + 1)}
                    if wanted and not lines & taken:
                        taken |= lines
                        chosen.append(fault)
                        wanted -= 1
        if bare:
            sys.exit(f"no fault can be planted in {', '.join(sorted(bare))}: expected files of "
                     f"{', '.join(MODULES)} that git knows")
        if not chosen:
            sys.exit("no fault was drawn")
        return chosen

    def _copy(self):
        """Brings the copy to the tracked files, without touching what is the same."""
        planted = {fault.path for fault in self.faults}
        kernels = False
        for path in self.tracked:
            if path not in planted:
                written = put(self.root / path, (ROOT / path).read_bytes())
                # Tests type what documents show, scripts among it.
                (self.root / path).chmod((ROOT / path).stat().st_mode)
                kernels |= written and path.startswith(
                    ("Sources/TesseraKernels", "Sources/CTesseraStream"))
        # Beside the faults, not in TesseraCore: after a change there, everything is built anew.
        operators = {
            f"Sources/{module}/MutantOperators.swift": "import TesseraCore\n\n" + "".join(
                fault.declaration() for fault in self.faults if fault.module == module)
            for module in MODULES}
        for path, text in operators.items():
            put(self.root / path, text.encode())
        own = {"Package.resolved", "Sources/TesseraCore/Mutants.swift", *operators}
        for path in self.root.rglob("*"):
            name = str(path.relative_to(self.root))
            if path.is_file() and not name.startswith(".build") and name not in own and (
                    name not in self.tracked):
                path.unlink()
        put(self.root / "Sources/TesseraCore/Mutants.swift", (HERE / "Mutants.swift").read_bytes())
        if kernels:
            # As tessera_refresh_kernels of Scripts/setup.sh does, and for its reason.
            for path in self.root.glob("Sources/TesseraKernels[BA]*/*.swift"):
                path.touch()

    def _write(self):
        """Writes the files that have faults, and those that had some before."""
        faults = {}
        for fault in self.faults:
            faults.setdefault(fault.path, []).append(fault)
        for path in self.tracked:
            if path.startswith(tuple(f"Sources/{module}/" for module in MODULES)):
                text = (ROOT / path).read_text()
                put(self.root / path, planted(text, faults.get(path, [])).encode())

    def _refused(self, log):
        """Numbers of the faults that the compiler speaks of, or those next to where it does."""
        refused = set()
        for path, line, severity, _ in DIAGNOSTIC.findall(log):
            try:
                name = str(pathlib.Path(path).relative_to(self.root))
            except ValueError:
                continue
            here = [fault for fault in self.faults if fault.path == name]
            hit = {fault.number for fault in here
                   if fault.line <= int(line) <= fault.last_line}
            if not hit and severity == "error" and here:
                hit = {min(here, key=lambda fault: abs(fault.line - int(line))).number}
            refused |= hit
        return refused


def shuffle(faults, seed):
    """Brings faults into an order that is the same for a seed, whatever else there is."""
    faults.sort(key=lambda fault: hashlib.sha256(f"{seed} {fault.identity}".encode()).digest())


def planted(text, faults):
    """The text of a file with faults in it."""
    edits = []
    for fault in faults:
        for start, end, new in fault.edits:
            name = fault.name if fault.operators else ""
            edits.append((start, end, new.replace("mutant(%)", f"mutant({fault.number})")
                          if new != "@" else name))
    # Of what goes in at one place, the end of the earlier fault comes first.
    for start, end, new in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        text = text[:start] + new + text[end:]
    if faults and not re.search(r"^import TesseraCore$", text, re.MULTILINE):
        # On the line of another import: lines keep their numbers.
        first = re.search(r"^(@testable )?import ", text, re.MULTILINE)
        at = first.start() if first else 0
        text = text[:at] + "import TesseraCore; " + text[at:]
    return text


def put(path, content):
    """Writes a file unless it holds that already, and tells whether it did not."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True
