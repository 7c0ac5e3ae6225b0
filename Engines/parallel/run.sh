#!/bin/bash
# Works on the missing shards of a plan with GNU parallel, on this machine or by ssh on others, and merges.
#
#     run.sh PLAN [options of parallel, such as --jobs 4, or --sshlogin node1,node2]
#
# May be repeated. Ends with what the merge ends with; with 64, 66, 78, 126 or 127 where a shard has ended so, and
# with 70 where one has and is missing; with parallel's status where parallel itself fails. TESSERA names
# the command where it is not on PATH.
set -euo pipefail

[ $# -gt 0 ] || {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}
plan=$(realpath -m "$1")
shift
tessera=${TESSERA:-tessera}
# Threads of one shard: parallel begins as many shards as there are processors.
threads=1

# Parallel tries again whatever the status, and cannot stop at some of them. What it should not try is
# noted by the name of a file, SHARD.STATUS or all.STATUS, where attempts on other machines see it, too.
# shellcheck disable=SC2317
shard() {
  local status=0 note
  for note in "$notes"/all.* "$notes/$1".*; do
    [ ! -e "$note" ] || return "${note##*.}"
  done
  "$tessera" run --plan "$plan" --shard "$1" --jobs "$threads" --with-parent --quiet || status=$?
  case "$status" in
    # Complete: of inputs that failed the merge tells.
    65) status=0 ;;
    70) : >"$notes/$1.$status" ;;
    # Wrong for every shard: those at work may end, and nothing more begins.
    64 | 66 | 78 | 126 | 127) : >"$notes/all.$status" ;;
  esac
  return "$status"
}
numbers() {
  tr ',' '\n' <<<"$missing" | while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done
}

# The plan alone knows what is to be done. A log of jobs to resume from (--resume-failed) would pass over
# what it has as done and is missing by now.
missing=$("$tessera" status --plan "$plan" --missing)
notes=$(mktemp -d "$plan/parallel.XXXXXXXX")
trap 'rm -rf "$notes"' EXIT
export tessera plan threads notes
export -f shard
# Other machines know nothing of this environment; what hands it over asks for bzip2.
names=()
case " $*" in
  *' --sshlogin'* | *' --slf'* | *' -S'*)
    for name in tessera plan threads notes shard; do names+=(--env "$name"); done
    ;;
esac
status=0
if [ -n "$missing" ]; then
  numbers | parallel --joblog "$plan/joblog" --retries 3 ${names[@]+"${names[@]}"} "$@" shard || status=$?
fi

for note in "$notes"/all.*; do
  [ -e "$note" ] || continue
  echo "stopped: a shard has ended with ${note##*.}" >&2
  exit "${note##*.}"
done
# Up to 101 it is the number of jobs that have failed.
if [ "$status" -gt 101 ]; then
  echo "parallel itself has ended with $status" >&2
  exit "$status"
fi
status=0
"$tessera" merge --plan "$plan" || status=$?
# Another call would be for nothing.
if [ "$status" = 75 ] && compgen -G "$notes/*.70" >/dev/null; then status=70; fi
exit "$status"
