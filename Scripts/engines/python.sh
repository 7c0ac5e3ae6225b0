#!/usr/bin/env bash
# Python for the tests of engines; to be sourced.
#
#     engine_python NAME PACKAGE…      sets `python` to a Python that has the packages
#
# It is made below $TESSERA_ENGINES_CACHE and kept there; else in a temporary folder, which goes when the
# script ends.

engine_packages() {
  local name missing=() as_root=() log
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "To be installed first, under the names that they have here: ${missing[*]}" >&2
    return 1
  fi
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update &&
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 install -y \
      --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

engine_python() {
  local name=$1 folder log
  shift
  python3 -c 'import ensurepip, venv' 2>/dev/null || engine_packages python3 python3-venv || return 1
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
