#!/usr/bin/env bash
# Python for the tests of engines; to be sourced.
#
#     engine_python NAME PACKAGE…      sets `python` to a Python that has the packages
#
# It is made below $TESSERA_ENGINES_CACHE and kept there; else in a temporary folder, which goes when the
# script ends.

# shellcheck source=Scripts/engines/needs.sh
source "$(dirname "${BASH_SOURCE[0]}")/needs.sh"

engine_python() {
  local name=$1 folder log
  shift
  needs python3=python3
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then needs ensurepip=python3-venv; fi
  if [ -n "${TESSERA_ENGINES_CACHE:-}" ]; then
    folder=$TESSERA_ENGINES_CACHE/python-$name
  else
    folder=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$folder'" EXIT
  fi
  python=$folder/bin/python
  if [ "$(cat "$folder/packages" 2>/dev/null)" != "$*" ]; then
    mkdir -p "$folder"
    log=$folder/install.log
    if ! { python3 -m venv --clear "$folder" && "$python" -m pip install "$@"; } >"$folder.log" 2>&1; then
      cat "$folder.log" >&2
      rm -f "$folder.log"
      return 1
    fi
    mv "$folder.log" "$log"
    echo "$*" >"$folder/packages"
  fi
}
