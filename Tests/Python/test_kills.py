"""Runs that are killed and run again."""

import json
import os
import random
import subprocess
import time
import unittest

from workshop import TESSERA, Workshop


class Kills(Workshop):
    """A dataset whose run was killed is that of an undisturbed one once it is run again."""

    count = 320
    # For each format; ten of them are asked for before a release.
    rounds = int(os.environ.get("TESSERA_KILLS", "2"))

    def pipeline(self, form):
        return {
            "version": 1,
            "stages": [
                {"stage": "load", "path": "in"},
                {"stage": "normalize", "mean": "imagenet", "std": "imagenet"},
                {"stage": "unfold", "kernel_size": 16, "stride": 8},
                {"stage": "encode", "format": form, "images_per_shard": 2,
                 "split": {"val": 0.3}}]}

    def wait_for_names(self, folder):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if folder.exists() and any(folder.glob("[tv]*-0*")):
                return
            time.sleep(0.001)

    def contents(self, folder):
        return {
            path.name: path.read_bytes() for path in folder.iterdir()
            if not path.name.startswith((".", "report"))}

    def test_kills(self):
        for number in range(self.count):
            self.array(f"{number:03}.npy", (3, 40 + number % 7, 48))
        dice = random.Random(5)
        between = 0
        for form in ("npy", "safetensors", "webdataset"):
            (self.root / "p.json").write_text(json.dumps(self.pipeline(form)))
            command = [TESSERA, "run", "p.json", "--quiet"]
            begin = time.monotonic()
            subprocess.run([*command, "-o", f"{form}"], cwd=self.root, check=True)
            duration = time.monotonic() - begin
            whole = self.contents(self.root / form)
            for round in range(1, self.rounds + 1):
                name = f"{form}-{round}"
                run = subprocess.Popen([*command, "-o", name, "-j", "2"], cwd=self.root)
                if round % 5:
                    self.wait_for_names(self.root / name)
                    # Names come in groups, each in a moment.
                    time.sleep(dice.uniform(0, 0.2) * duration)
                else:
                    time.sleep(dice.uniform(0, 1) * duration)
                run.kill()
                run.wait()
                folder = self.root / name
                left = self.contents(folder) if folder.exists() else {}
                for file, content in left.items():
                    self.assertEqual(content, whole[file], f"{file} is torn")
                shards = [file for file in left if file not in ("images.jsonl", "dataset.json")]
                total = len(whole) - 2
                between += 0 < len(shards) < total
                jobs = str(dice.choice([1, 2, 3]))
                subprocess.run([*command, "-o", name, "-j", jobs], cwd=self.root, check=True)
                self.assertEqual(self.contents(folder), whole)
                self.assertEqual(
                    [path.name for path in folder.iterdir() if path.name.endswith("-part")], [])
        self.assertGreaterEqual(3 * between, 2 * 3 * self.rounds)


if __name__ == "__main__":
    unittest.main()
