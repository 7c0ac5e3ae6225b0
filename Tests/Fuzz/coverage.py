"""Prints how much of each module in a folder was reached, from llvm-cov's JSON.

    python3 coverage.py REPORT SOURCES
"""

import collections
import json
import os
import sys

report, sources = sys.argv[1:]
with open(report) as file:
  files = json.load(file)["data"][0]["files"]
sums = collections.defaultdict(lambda: [0, 0, 0, 0])
for file in files:
  path = os.path.relpath(file["filename"], sources)
  if path.startswith(".."):
    continue
  parts = path.split("/")
  names = [parts[0], "/".join(parts[:2])] if len(parts) > 2 else [parts[0]]
  for name in names:
    for place, kind in enumerate(["lines", "regions"]):
      sums[name][2 * place] += file["summary"][kind]["covered"]
      sums[name][2 * place + 1] += file["summary"][kind]["count"]
print(f"{'':32} {'lines':>16} {'regions':>18}")
for name, (lines, all_lines, regions, all_regions) in sorted(sums.items()):
  print(
    f"{name:32} {lines:6} of {all_lines:6} {regions:6} of {all_regions:6}"
    f" {regions / max(all_regions, 1):5.0%}")
