# shellcheck shell=bash
# What tests of engines ask of a machine; to be sourced.
#
#     needs COMMAND=PACKAGE…           ends the test where a command is not there
#
# Nothing is installed here: Scripts/engines.sh has Scripts/setup.sh do that for all of them.

needs() {
  local pair absent=()
  for pair; do
    command -v "${pair%%=*}" >/dev/null 2>&1 || absent+=("${pair%%=*} (Debian's ${pair#*=})")
  done
  [ "${#absent[@]}" -gt 0 ] || return 0
  printf 'not here: %s\n' "${absent[@]}" >&2
  echo "Scripts/engines.sh installs what tests of engines need." >&2
  exit 1
}
