#!/usr/bin/env bash
# Checks everything that must hold before a change lands.
#
#     Scripts/test.sh [PART…]        lint, release, debug and python when none is named
#
#     lint       formatting and doc comments, strictly
#     debug      every test, unoptimised: overflow and exclusivity are checked; and that no code for
#                one instruction set is shared with another
#     release    the kernels' tests, optimised: what the compiler makes of SIMD code
#     python     datasets as the libraries read them that people read them with
#     asan       tests of engine, codecs and runs under AddressSanitizer
#     tsan       the same under ThreadSanitizer
#     emulated   the command on emulated processors that lack AVX, and AVX-512
#     packages   the program of docs/library.md as a package that depends on a tagged clone, by version and by
#                path, built and run twice; and the tar archive, the Debian package, the wheel and the
#                Containerfile, each from a bare Debian to the first filtered folder
#     pages      the site of the documentation: built without a warning, links followed, every page opened
#                in Chromium; what tutorials and pages show is typed, and compared with what they say
#     engines    shards of a plan on Slurm, GNU parallel, Ray and others, which it installs
#     torture    runs that are killed, meet failing calls, full disks, limits, each other: what is lost
#     fuzz       a minute for each reader, with libFuzzer and codecs that it builds
#     mutants    faults planted in Batch, Engine, Pipeline and the command, one at a time: how many the
#                tests notice
#
# With CI=true in the environment, warnings are errors.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Tests of memory ask `time` for the peak; those of formats, libtiff's and libwebp's own tools.
TESSERA_EXTRA_PACKAGES="time libtiff-tools webp python3 python3-venv ${TESSERA_EXTRA_PACKAGES:-}"
source Scripts/setup.sh

lint() {
  swift format lint --strict --recursive --parallel Package.swift Sources Tests
}

debug() {
  tessera_refresh_kernels .
  swift build --build-tests
  if [ "$(uname -m)" = x86_64 ]; then Scripts/check-kernel-symbols.sh debug; fi
  swift test
}

release() {
  tessera_refresh_kernels . .build-release
  swift test -c release -Xswiftc -enable-testing --scratch-path .build-release \
    --filter TesseraKernelsTests
}

python() {
  local packages=.build/python
  tessera_refresh_kernels .
  swift build
  if [ ! -x "$packages/bin/python" ]; then python3 -m venv "$packages"; fi
  "$packages/bin/pip" install --quiet --requirement Tests/Python/requirements.txt
  TESSERA=$(swift build --show-bin-path)/tessera PYTHONWARNINGS=ignore \
    "$packages/bin/python" -m unittest discover --start-directory Tests/Python
}

asan() { Scripts/sanitize.sh address; }

tsan() { Scripts/sanitize.sh thread; }

emulated() { Scripts/emulated.sh; }

packages() {
  Scripts/packages.sh
  Scripts/try-packages.sh
}

pages() { Scripts/pages.sh; }

engines() { Scripts/engines.sh; }

torture() { Scripts/torture.sh; }

fuzz() { Scripts/fuzz.sh; }

mutants() { Scripts/mutants.sh; }

[ $# -gt 0 ] || set -- lint release debug python
for part; do
  case "$part" in
    lint | debug | release | python | asan | tsan | emulated | packages | pages) ;;
    engines | torture | fuzz | mutants) ;;
    *)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
      exit 64
      ;;
  esac
done
for part; do
  echo "== $part"
  "$part"
done
