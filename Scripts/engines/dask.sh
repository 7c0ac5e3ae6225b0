#!/usr/bin/env bash
# Tests Engines/dask on Dask itself: a scheduler and two workers on 127.0.0.1.
#
#     TESSERA=.build/release/tessera Scripts/engines/dask.sh
#
# It needs PyPI, or $TESSERA_ENGINES_CACHE with what an earlier test has left there.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=Scripts/engines/python.sh
source "$folder/python.sh"
: "${TESSERA:?has to name the command}"

engine_python dask 'dask[distributed]==2026.8.0'
"$python" "$folder/dask_trial.py"
