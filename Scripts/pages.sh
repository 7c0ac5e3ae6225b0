#!/usr/bin/env bash
# Builds the site of the documentation, opens it in Chromium, follows its links, and does what pages show.
#
#     Scripts/pages.sh                         (part pages of test.sh)
#
# TESSERA_TORCH names a Python that has PyTorch, with which the rows of docs/from/torch.md are held against
# it as well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TESSERA_EXTRA_PACKAGES="chromium chromium-driver imagemagick libvips-tools python3 python3-venv" \
  source Scripts/setup.sh

target=.build/pages
packages=.build/pages-python
Scripts/docs.sh "$target"
if [ ! -x "$packages/bin/python" ]; then python3 -m venv "$packages"; fi
"$packages/bin/pip" install --quiet --requirement Tests/Pages/requirements.txt
TESSERA=$(swift build --show-bin-path)/tessera TESSERA_SITE="$PWD/$target" PYTHONWARNINGS=ignore \
  PYTHONDONTWRITEBYTECODE=1 "$packages/bin/python" -m unittest discover --start-directory Tests/Pages
