#!/usr/bin/env bash
# Works on the shards of a plan where photographs and outputs are in object storage or on another
# machine, by way of rclone: a shard's inputs come here, it is run, its outputs go there.
#
#     staged.sh start FOLDER     takes the plan in a folder to where all find it
#     staged.sh missing          the shards that are missing, such as 3,7-9
#     staged.sh SHARD            does one of them
#     staged.sh merge            puts the report and the indexes beside the outputs
#
# Ends as tessera does, with 66 where something is not there, and with 74 where rclone fails. Edit these lines, or set them outside:
set -euo pipefail
inputs=${INPUTS:-remote:photos}      # the folder that was planned
outputs=${OUTPUTS:-remote:blurred}   # where the outputs go
plan=${PLAN:-remote:blurred.plan}    # where the plan goes
scratch=${SCRATCH:-${TMPDIR:-/tmp}}  # holds the inputs and outputs of one shard
tessera=${TESSERA:-tessera}
rclone=(rclone --config "${RCLONE_CONFIG:-$HOME/.config/rclone/rclone.conf}" --log-level ERROR)
options=(--jobs "${JOBS:-$(nproc)}") # of tessera run

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}
fail() {
  echo "error: $2" >&2
  exit "$1"
}

# Runs a command and waits for it. A signal to this script goes on to the command; it also ends `wait`,
# so that every signal asks for one more, which says 127, or in some releases -1, where the command
# ended meanwhile.
child='' signals=0
trap 'signals=$((signals + 1)); [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true' TERM INT HUP
follow() {
  local seen=$signals status=0 again
  "$@" &
  child=$!
  wait "$child" || status=$?
  while [ "$seen" != "$signals" ]; do
    seen=$signals again=0
    wait "$child" || again=$?
    case "$again" in 127 | -1) ;; *) status=$again ;; esac
  done
  child=''
  return "$status"
}
transfer() {
  local status=0
  follow "${rclone[@]}" "$@" || status=$?
  [ "$signals" = 0 ] || fail 75 "interrupted"
  case "$status" in
    0) ;;
    3 | 4) fail 66 "rclone $1: not found" ;;
    *) fail 74 "rclone $1 ended with $status" ;;
  esac
}

[ $# -gt 0 ] || usage
here=$(realpath "$(mktemp -d "$scratch/tessera.XXXXXXXX")")
trap 'rm -rf "$here"' EXIT

# What every command needs of the plan.
fetch_plan() {
  transfer copy --include '/plan.json' --include '/inputs.jsonl' "$@" "$plan" "$here/plan"
  [ -f "$here/plan/plan.json" ] || fail 66 "no plan at $plan; staged.sh start FOLDER takes one there"
}

start() {
  [ -f "$1/plan.json" ] || fail 66 "no plan in $1"
  if "${rclone[@]}" cat "$plan/plan.json" >"$here/plan.json" 2>/dev/null && [ -s "$here/plan.json" ]; then
    cmp -s "$1/plan.json" "$here/plan.json" || fail 73 "another plan is at $plan"
  fi
  transfer copy --include '/inputs.jsonl' "$1" "$plan"
  transfer copyto "$1/plan.json" "$plan/plan.json"
}

missing() {
  fetch_plan --include '/shards/*.done.json'
  "$tessera" status --plan "$here/plan" --missing
}

shard() {
  local name status=0
  name=$(printf '%05d' "$1")
  if [ -n "$("${rclone[@]}" lsf "$plan/shards/$name.done.json" 2>/dev/null || true)" ]; then
    echo "shard $1: done before"
    return
  fi
  fetch_plan

  # rclone passes over a file that is not there; the shard must not take that for a bad photograph.
  "$tessera" plan --plan "$here/plan" --files "$1" >"$here/files"
  mkdir -p "$here/in"
  transfer copy --no-traverse --files-from-raw "$here/files" "$inputs" "$here/in"
  while IFS= read -r file; do
    [ -f "$here/in/$file" ] || fail 66 "not at $inputs: $file"
  done <"$here/files"

  follow "$tessera" run --plan "$here/plan" --shard "$1" --input "$here/in" --output "$here/out" \
    --with-parent --quiet "${options[@]}" || status=$?
  [ "$signals" = 0 ] || [ "$status" = 0 ] || [ "$status" = 65 ] || fail 75 "interrupted"
  if [ ! -f "$here/plan/shards/$name.done.json" ]; then
    case "$status" in
      0 | 65) fail 70 "shard $1 ended with $status, and is not done: there is no $name.done.json" ;;
      *) return "$status" ;;
    esac
  fi

  # The plan here is a copy: that the shard is done is told to others after everything else is there.
  # Until then it is missing to all, and another attempt writes the same bytes to the same names.
  # Times differ from attempt to attempt, so nothing is passed over as already there.
  signals=0
  if [ -d "$here/out" ]; then
    transfer copy --no-traverse --ignore-times --exclude '.tessera-*' "$here/out" "$outputs"
  fi
  transfer copy --no-traverse --ignore-times --exclude lock \
    "$here/plan/shards/$name" "$plan/shards/$name"
  transfer copyto --ignore-times "$here/plan/shards/$name.done.json" "$plan/shards/$name.done.json"
  return "$status"
}

merge() {
  local status=0 said
  fetch_plan --include '/shards/**'
  # What earlier plans have done is known at the outputs, which need not be there yet.
  follow "${rclone[@]}" copy --include '/.tessera-records' "$outputs" "$here/out" || status=$?
  [ "$signals" = 0 ] || fail 75 "interrupted"
  case "$status" in 0 | 3) status=0 ;; *) fail 74 "rclone copy ended with $status" ;; esac
  follow "$tessera" merge --plan "$here/plan" --output "$here/out" --no-check >"$here/merged" || status=$?
  # The folder goes when this ends: what was said of it is said of where its files go.
  said=$(<"$here/merged")
  echo "${said//"$here/out"/"$outputs"}"
  if [ "$status" = 0 ] || [ "$status" = 65 ]; then
    transfer copy --no-traverse --ignore-times --exclude .tessera-lock "$here/out" "$outputs"
  fi
  return "$status"
}

case "$1" in
  start) [ $# = 2 ] || usage; start "$2" ;;
  missing | merge) [ $# = 1 ] || usage; "$1" ;;
  *[!0-9]* | '') usage ;;
  # To bash, 010 is 8; to tessera it is 10.
  *) [ $# = 1 ] || usage; shard "$((10#$1))" ;;
esac
