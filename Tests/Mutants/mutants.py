"""Plants faults, runs the tests that reach each of them, and tells which ones nobody notices.

Faults are planted in Batch, Engine, Pipeline and the command.
"""

import argparse
import json
import pathlib
import signal
import sys
import threading

from faults import KINDS
from suites import Suites
from tree import HERE, MODULES, ROOT, Tree, say, shuffle


class Trial:
    """The faults of one run, and what became of each."""

    def __init__(self, tree, suites, budget):
        self.tree, self.suites, self.budget = tree, suites, budget
        self.equivalents = json.loads((HERE / "equivalent.json").read_text())
        self.noticed, self.survived, self.equivalent = [], [], []
        self.lock = threading.Lock()

    def choose(self, count, seed):
        """Draws faults, as many of each module and as many of each kind as there are."""
        modules = [module for module in MODULES
                   if any(fault.module == module for fault in self.tree.faults)]
        chosen = []
        for place, module in enumerate(modules):
            wanted = count // len(modules) + (place < count % len(modules))
            piles = [[fault for fault in self.tree.faults
                      if fault.module == module and fault.kind == kind] for kind in KINDS]
            for pile in piles:
                shuffle(pile, f"seed {seed}")
            while wanted and any(piles):
                for pile in piles:
                    if pile and wanted:
                        chosen.append(pile.pop())
                        wanted -= 1
        return sorted(chosen, key=lambda fault: fault.number)

    def decide(self, fault):
        """Runs the suites that reach a fault until one notices it."""
        if reason := self._reason(fault):
            self._tell(fault, f"cannot be noticed: {reason}", self.equivalent)
            return
        names = self.suites.reaching(fault)
        if not names:
            names = self.suites.reaching(fault, slow=True)
        spent, asked = 0.0, 0
        for name in names:
            usual = self.suites.known[name]["seconds"]
            if spent + usual > self.budget and asked:
                break
            environment = {"TESSERA_MUTANT": str(fault.number)}
            most = self.suites.limit(name)
            outcome = self.suites.run(name, environment, most)
            spent, asked = spent + outcome.seconds, asked + 1
            # A suite that also fails without the fault, in such company, proves nothing.
            if not outcome.passed and self.suites.run(name, {}, most).passed:
                verdict = "hang in" if outcome.is_hang else "noticed by"
                self._tell(fault, f"{verdict} {name} after {outcome.seconds:.1f} s", self.noticed)
                return
        reach = f"{len(names)} suites reach it" if names else "no suite reaches it"
        if asked < len(names):
            reach += f", of which the {asked} quickest were run"
        fault.reach = reach
        self._tell(fault, f"SURVIVED: {reach}", self.survived)

    def _reason(self, fault):
        """Why nothing can notice a fault, if the list of such faults tells."""
        line = self.line(fault)
        for entry in self.equivalents:
            if (entry["file"], entry["line"], entry["change"]) == (fault.path, line, fault.change):
                return entry["reason"]
        return None

    def line(self, fault):
        """The line that a fault begins on."""
        return (ROOT / fault.path).read_text().split("\n")[fault.line - 1].strip()

    def _tell(self, fault, verdict, into):
        with self.lock:
            into.append(fault)
            say(f"{fault.number:4} {fault.path}:{fault.line} {fault.kind}: {fault.change}\n"
                f"     {verdict}")

    def table(self):
        """Prints the scores, and tells the whole one in percent; `None` where nothing was tried."""
        say(f"\n{'module':18}{'noticed':>9}{'of':>6}{'score':>8}")
        for module in (*MODULES, ""):
            noticed = sum(fault.module == module or not module for fault in self.noticed)
            survived = sum(fault.module == module or not module for fault in self.survived)
            whole = noticed + survived
            if whole:
                score = 100 * noticed / whole
                say(f"{module or 'all':18}{noticed:9}{whole:6}{score:7.1f}%")
        if self.equivalent:
            say(f"{len(self.equivalent)} that cannot be noticed are left out.")
        if self.survived:
            say("\nSurvivors:")
        for fault in sorted(self.survived, key=lambda fault: fault.number):
            say(f"{fault.number:4} {fault.path}:{fault.line} {fault.kind} ({fault.reach})\n"
                f"     {fault.change}\n     {self.line(fault)}")
        whole = len(self.noticed) + len(self.survived)
        return 100 * len(self.noticed) / whole if whole else None


def positive(text):
    """A number from 1 up, of an option."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 up, found {text}")
    return number


def numbers(text):
    """Numbers with commas between, of an option."""
    return {positive(word) for word in text.split(",")}


def named(paths):
    """Files that were named, from the root; ends where one is none."""
    files = [pathlib.Path(path).resolve() for path in paths]
    for path, file in zip(paths, files):
        if not file.is_file() or not file.is_relative_to(ROOT):
            sys.exit(f"'{path}' is no file of this repository")
    return [str(file.relative_to(ROOT)) for file in files]


def picked(faults, wanted, lacking):
    """The faults with some numbers; ends where one is missing."""
    missing = wanted - {fault.number for fault in faults}
    if missing:
        listed = ", ".join(str(number) for number in sorted(missing))
        sys.exit(f"{lacking}: {listed}")
    return [fault for fault in faults if fault.number in wanted]


def main():
    parser = argparse.ArgumentParser(prog="Scripts/mutants.sh", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which faults are drawn (default: 1)")
    parser.add_argument("--count", type=positive, default=60, help="how many, over all modules")
    parser.add_argument("--pool", type=int, default=1,
                        help="which ones are planted, of which seeds draw (default: 1)")
    parser.add_argument("--planted", type=positive, default=320,
                        help="about how many are planted: one build serves several seeds")
    parser.add_argument("--files", nargs="+", default=[], help="plant in these files only")
    parser.add_argument("--only", type=numbers,
                        help="numbers of planted faults, with commas between")
    parser.add_argument("--jobs", type=positive, default=2, help="faults to try at once")
    parser.add_argument("--budget", type=float, default=300,
                        help="seconds of suites that one fault may take (default: 300)")
    parser.add_argument("--at-least", type=float, default=85, help="score that is enough, in %%")
    options = parser.parse_args()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    work = ROOT / ".build-mutants"
    size = max(options.planted, options.count)
    tree = Tree(work, options.pool, size, named(options.files))
    tree.draw()
    if options.only:
        picked(tree.faults, options.only, f"only {len(tree.faults)} faults are drawn, and not")
    work.mkdir(exist_ok=True)
    tree.plant()
    suites = Suites(tree, options.jobs)
    trial = Trial(tree, suites, options.budget)
    if options.only:
        chosen = picked(tree.faults, options.only, "the compiler does not take")
    else:
        chosen = trial.choose(options.count, options.seed)
    if not chosen:
        sys.exit("the compiler takes no fault that was drawn")
    suites.look()
    suites.for_each(chosen, trial.decide)
    score = trial.table()
    if score is None:
        sys.exit("no fault was tried that can be noticed")
    return 0 if score >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
