"""Datasets that shards of a plan have made: those who read them notice no difference."""

import json
import random
import re
import subprocess
import unittest

import test_datasets
from workshop import TESSERA


class Planned:
    """Runs every pipeline as a plan, its shards in any order, and merges."""

    dice = random.Random(11)
    plans = 0

    def run_pipeline(self, stages, output="out", arguments=()):
        (self.root / "p.json").write_text(json.dumps({"version": 1, "stages": stages}))
        self.plans += 1
        plan = f"plan{self.plans}"
        kept = {"--overwrite", "--fail-fast", "--dry-run", "--state"}
        if kept & set(arguments):
            return super().run_pipeline(stages, output, arguments)
        count = self.dice.choice([1, 2, 3, 7])
        done = self.call("plan", "p.json", "-o", output, "--plan", plan, "--shards", str(count))
        if done.returncode:
            return done
        order = list(range(count))
        self.dice.shuffle(order)
        errors = ""
        for shard in order:
            done = self.call("run", "--plan", plan, "--shard", str(shard), *arguments)
            errors += done.stderr
            if done.returncode not in (0, 65):
                return done
        done = self.call("merge", "--plan", plan)
        done.stderr = errors + done.stderr
        # As one run sums it up.
        before = sum(int(count) for count in re.findall(r"(\d+) done before", errors))
        if before:
            done.stderr += f"{before} done before"
        return done

    def call(self, *arguments):
        return subprocess.run(
            [TESSERA, *arguments], cwd=self.root, capture_output=True, text=True, timeout=300)


class PlannedArrays(Planned, test_datasets.Arrays):
    pass


class PlannedTiles(Planned, test_datasets.Tiles):
    pass


class PlannedParts(Planned, test_datasets.Parts):
    # That a stage fits no input is for a run to say that has seen all of them.
    test_mistakes_are_told = None


class PlannedArchives(Planned, test_datasets.Archives):
    pass


del test_datasets

if __name__ == "__main__":
    unittest.main()
