#!/usr/bin/env bash
# Runs shards on real engines, and compares what they give with what one machine does.
#
#     Scripts/engines.sh [NAME…]        slurm, parallel, rclone, kubernetes, dask and ray if left out
#
# TESSERA names the command; it is built if it is not given. What the tests need is installed first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TESSERA_EXTRA_PACKAGES="slurm-wlm munge parallel bzip2 rclone python3 python3-venv binutils procps"
source Scripts/setup.sh
if [ -z "${TESSERA:-}" ]; then
  tessera_build .
  TESSERA=$tessera
fi
export TESSERA

[ $# -gt 0 ] || set -- slurm parallel rclone kubernetes dask ray
for name; do
  [ -x "Scripts/engines/$name.sh" ] || {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
    exit 64
  }
done
for name; do
  echo "== $name"
  "Scripts/engines/$name.sh"
done
