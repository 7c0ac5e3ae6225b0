#!/usr/bin/env bash
# Tests Engines/kubernetes without a cluster: the manifests by the official schemas and by rules that the
# schemas do not hold, and their commands and exit rules as processes, started as the Job controller would.
#
#     TESSERA=.build/release/tessera Scripts/engines/kubernetes.sh
#
# It needs PyPI, or $TESSERA_ENGINES_CACHE with what an earlier test has left there.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=Scripts/engines/python.sh
source "$folder/python.sh"
: "${TESSERA:?has to name the command}"

needs readelf=binutils
engine_python kubernetes 'kubernetes-validate==1.37.0' PyYAML
"$python" "$folder/kubernetes_trial.py"
