#!/usr/bin/env bash
# Measures Tessera and its peers in the same run, and writes the tables.
#
#     Benchmarks/run.sh [--quick] [--only NAME]… [--large] [--write-docs] [--list]
#
#     --quick       fewer samples, smaller images: some minutes
#     --only NAME   only measurements whose name contains NAME
#     --large       the 32 768 × 32 768 image too: some minutes more
#     --write-docs  puts the tables into docs/benchmarks.md
#     --list        names what can be measured, and measures nothing
#
# Everything it makes lies outside the repository: the peers in $TESSERA_BENCH_VENV, images and raw
# results in $TESSERA_BENCH_DATA; both are by default in the user's cache folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# OpenBLAS is a limit to measure against, not something that Tessera needs.
TESSERA_EXTRA_PACKAGES=libopenblas-dev source ../Scripts/setup.sh

cache="${XDG_CACHE_HOME:-$HOME/.cache}/tessera-benchmarks"
venv="${TESSERA_BENCH_VENV:-$cache/venv}"
export TESSERA_BENCH_DATA="${TESSERA_BENCH_DATA:-$cache/data}"

if [ ! -x "$venv/bin/python" ]; then
  echo "Making $venv" >&2
  python3 -m venv "$venv"
fi
wanted=$(sha256sum compare/requirements.txt)
if [ "$(cat "$venv/.tessera-requirements" 2>/dev/null)" != "$wanted" ]; then
  echo "Installing the peers (numpy, torch, OpenCV, Pillow, pyvips)" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement compare/requirements.txt
  echo "$wanted" >"$venv/.tessera-requirements"
fi

echo "Building" >&2
tessera_build .. >&2
# SwiftPM does not look for new files of the package above in a build plan that it made before.
rm -f .build/release.yaml
tessera_refresh_kernels .. Benchmarks/.build
for product in KernelBenchmarks CodecLimit; do
  swift build -c release --product "$product" >&2
done
TESSERA_BENCH_COMMAND=$tessera
TESSERA_BENCH_TOOLS="$(swift build -c release --show-bin-path)"
export TESSERA_BENCH_COMMAND TESSERA_BENCH_TOOLS

# One thread, for everybody, unless a measurement says otherwise.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 VIPS_CONCURRENCY=1
exec "$venv/bin/python" -B compare "$@"
