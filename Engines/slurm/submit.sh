#!/bin/bash
# Submits what is missing of a plan to Slurm, and the merge behind it.
#
#     submit.sh PLAN [options of sbatch, such as --partition=short --time=1:00:00 --cpus-per-task=8]
#
# May be repeated once its jobs have ended: what is done is not submitted. TESSERA names the command where
# it is not on PATH; it must be at the same place on all nodes.
set -euo pipefail

[ $# -gt 0 ] || {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}
plan=$(realpath -m "$1")
shift
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
export TESSERA=${TESSERA:-tessera}

cannot_ask() {
  echo "cannot ask Slurm $1; nothing was submitted" >&2
  exit 75
}

# What an earlier call has submitted and has not ended would be done twice. All jobs are asked for: asked
# for one that it knows no more, squeue fails as it does where nobody answers.
if [ -s "$plan/slurm-jobs" ]; then
  queued=$(squeue --noheader --format='%F %i %T' |
    awk 'NR == FNR { ours[$1]; next } $1 in ours { print $2, $3 }' "$plan/slurm-jobs" -) ||
    cannot_ask "what is in its queue"
  if [ -n "$queued" ]; then
    echo "jobs of this plan have not ended; wait for them, or end them with scancel:" >&2
    echo "$queued" >&2
    exit 75
  fi
fi

missing=$("$TESSERA" status --plan "$plan" --missing)
# No number in an array reaches this: larger ones are told by an offset.
most=$(scontrol show config | sed -nE 's/^MaxArraySize *= *([0-9]+).*/\1/p') || cannot_ask "for MaxArraySize"

# One number a line, then ranges for each offset.
numbers() {
  tr ',' '\n' <<<"$missing" | while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done
}
arrays() {
  numbers | awk -v most="$most" '
    function range() { return first == last ? first : first "-" last }
    {
      piece = int($1 / most); number = $1 % most
      if (NR == 1 || piece != old) {
        if (NR > 1) print old * most, list range()
        old = piece; list = ""; first = last = number
      } else if (number == last + 1) {
        last = number
      } else {
        list = list range() ","; first = last = number
      }
    }
    END { print old * most, list range() }'
}

# Those of an earlier call are forgotten when one is known that comes in their place.
jobs=()
note() {
  jobs+=("${1%%;*}")
  printf '%s\n' "${jobs[@]}" >"$plan/slurm-jobs"
}
if [ -n "$missing" ]; then
  while read -r offset array; do
    job=$(sbatch --parsable --array="$array" "$@" "$here/tessera.sbatch" "$plan" "$offset")
    note "$job"
    echo "shards $array$([ "$offset" = 0 ] || echo " (from $offset on)"): job ${job%%;*}"
  done < <(arrays)
fi

# After all, however they end: after successes alone it would wait for ever for a task that was killed
# and begun again. That all shards are complete the merge finds out itself.
quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }
after=$(IFS=: && echo "${jobs[*]}")
merge=$(sbatch --parsable "$@" --job-name=tessera-merge --output=tessera-merge-%j.log --cpus-per-task=1 \
  ${after:+--dependency="afterany:$after"} \
  --wrap "exec $(quoted "$TESSERA") merge --plan $(quoted "$plan")")
note "$merge"
echo "merge: job ${merge%%;*}"
