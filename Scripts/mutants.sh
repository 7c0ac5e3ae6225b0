#!/usr/bin/env bash
# Plants faults in the sources, and tells which of them no test notices.
#
#     Scripts/mutants.sh [--seed N] [--count N] [--files FILE…] [--only N,N…] [--at-least PERCENT]
#
# Faults are planted in Batch, Engine, Pipeline and the command (Sources/TesseraBatch, TesseraEngine,
# TesseraPipeline and TesseraCLI), not in the other modules.
#
# All faults are compiled into one build of a copy, in .build-mutants, and switched on one at a time
# by TESSERA_MUTANT. For each, the suites that reach it run until one fails. `--help` tells the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TESSERA_EXTRA_PACKAGES="time python3 ${TESSERA_EXTRA_PACKAGES:-}"
source Scripts/setup.sh

export PYTHONDONTWRITEBYTECODE=1
python3 -m unittest discover --quiet --start-directory Tests/Mutants
exec python3 Tests/Mutants/mutants.py "$@"
