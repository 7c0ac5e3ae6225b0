#!/bin/bash
# Works on the shards of a plan with GNU parallel, on this machine or by ssh on others.
#
#     run.sh PLAN [options of parallel, such as --jobs 4, or --sshlogin node1,node2 --env _]
#
# May be repeated: it goes on with what has failed or has not begun, by the log of jobs in the plan's
# folder. TESSERA names the command where it is not on PATH.
set -euo pipefail

[ $# -gt 0 ] || {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}
plan=$(realpath "$1")
shift
tessera=${TESSERA:-tessera}
# Threads of one shard: parallel begins as many shards as there are processors.
threads=1

shard() {
  local status=0
  "$tessera" run --plan "$plan" --shard "$1" --jobs "$threads" --with-parent --quiet || status=$?
  case "$status" in
    # Complete: of inputs that failed the merge tells.
    65) status=0 ;;
    # The plan itself does not fit: what runs may end, and nothing more begins.
    64 | 66 | 78) kill -HUP "$PARALLEL_PID" ;;
  esac
  return "$status"
}
export tessera plan threads
export -f shard

last=$(($("$tessera" status --plan "$plan" --json |
  sed -E 's/.*"shards":\{"total":([0-9]+).*/\1/') - 1))
status=0
seq 0 "$last" | parallel --joblog "$plan/joblog" --resume-failed --retries 3 "$@" shard ||
  status=$?
if [ "$status" != 0 ]; then echo "$status shards have not come to their end" >&2; fi
"$tessera" merge --plan "$plan"
