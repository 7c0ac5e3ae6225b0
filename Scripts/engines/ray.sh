#!/usr/bin/env bash
# Tests Engines/ray on Ray itself: two nodes in a network of their own, which has nothing but loopback.
#
#     TESSERA=.build/release/tessera Scripts/engines/ray.sh
#
# It needs PyPI, or $TESSERA_ENGINES_CACHE with what an earlier test has left there, and the right to make
# namespaces: as root, or where users may.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=Scripts/engines/python.sh
source "$folder/python.sh"
: "${TESSERA:?has to name the command}"

spaces=(--net --pid --fork --kill-child --mount-proc)
[ "$(id -u)" -eq 0 ] || spaces+=(--user --map-root-user)
if ! unshare "${spaces[@]}" true; then
  echo "Ray binds to outer addresses; a network of its own cannot be made here (unshare ${spaces[*]})." >&2
  exit 1
fi
engine_python ray 'ray==2.60.0'
# Ray's own processes are ended with the namespace, whatever happens to the test. Its first process is a
# shell, which asks for the ends of processes that others have left: Ray's workers look for that of theirs.
unshare "${spaces[@]}" bash -c '"$@"; exit "$?"' bash "$python" "$folder/ray_trial.py"
