#!/usr/bin/env bash
# Disturbs runs in every way that a system knows, and counts what is lost.
#
#     Scripts/torture.sh [--seed N] [--share X] [PART…]
#
# TESSERA names the command; it is built if it is not given. Full disks are file systems in memory,
# mounted where no other process sees them: that takes root, or namespaces of users.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TESSERA_EXTRA_PACKAGES="strace util-linux mount python3"
source Scripts/setup.sh
if [ -z "${TESSERA:-}" ]; then
  tessera_build .
  TESSERA=$tessera
fi
TESSERA=$(realpath "$TESSERA")
export TESSERA PYTHONDONTWRITEBYTECODE=1

apart=(unshare --mount)
"${apart[@]}" true 2>/dev/null || apart=(unshare --mount --map-root-user)
"${apart[@]}" true || {
  echo "This user may not mount file systems: run it as root, or allow namespaces of users" >&2
  echo "    sysctl kernel.unprivileged_userns_clone=1" >&2
  exit 1
}
exec "${apart[@]}" python3 Tests/Torture/torture.py "$@"
