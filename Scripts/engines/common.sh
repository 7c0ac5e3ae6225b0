# shellcheck shell=bash
# What tests of engines share; they source it.
#
# `tessera` is the command, `work` a folder of the test that goes in the end.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=Scripts/engines/needs.sh
source "$root/Scripts/engines/needs.sh"
tessera=$(realpath "${TESSERA:-$root/.build/release/tessera}")
work=$(mktemp -d)
begin=$SECONDS

# Functions that end what a test has started, the last first.
ends=()
finish() {
  local status=$? index
  for ((index = ${#ends[@]} - 1; index >= 0; index--)); do ${ends[index]} || true; done
  if [ "$status" = 0 ]; then
    rm -rf "$work"
  else
    echo "failed; what there was is in $work" >&2
  fi
}
trap finish EXIT

ok() { printf 'ok: %s (%s s)\n' "$1" "$((SECONDS - begin))"; }

fail() {
  echo "not ok: $1" >&2
  exit 1
}

# Waits until a command succeeds:  wait_for SECONDS WHAT COMMAND…
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "waited too long for $what"
    sleep 0.1
  done
}

# Makes COUNT photographs of HEIGHT × WIDTH in nested folders below in/, from those in samples/.
photographs() {
  local count=$1 size=$2 each
  each=$((count / 12 + 1))
  cat >"$work/photographs.json" <<END
{"version": 1, "stages": [
  {"stage": "load", "path": "$root/samples", "color": "rgb", "alpha": "matte", "repeat": $each},
  {"stage": "crop", "size": [150, 200], "position": "random"},
  {"stage": "resize", "size": $size},
  {"stage": "encode", "path": "$work/all", "format": "jpeg", "quality": 90}]}
END
  "$tessera" run "$work/photographs.json" --quiet
  local number=0 file
  for file in "$work"/all/*.jpg; do
    [ "$number" -lt "$count" ] || break
    # Names repeat from folder to folder.
    mkdir -p "$work/in/$((number % 7))/$((number % 3))"
    mv "$file" "$work/in/$((number % 7))/$((number % 3))/photograph$((number / 21)).jpg"
    number=$((number + 1))
  done
  [ "$number" = "$count" ] || fail "made $number photographs, and $count were wanted"
}

# Makes p.json, which takes longer than a tenth of a second for a small photograph, asleep for most of it:
# a program hands on what it gets, slowly.
slow_pipeline() {
  cat >"$work/p.json" <<'END'
{"version": 1, "stages": [
  {"stage": "load"}, {"stage": "unfold", "kernel_size": 32, "stride": 24, "edge": "shift"},
  {"stage": "transform.command", "command": ["perl", "-e",
    "while (sysread(STDIN, $b, 65536)) { select(undef, undef, undef, 0.03); syswrite(STDOUT, $b) }"]},
  {"stage": "fold"}, {"stage": "encode", "format": "jpeg"}]}
END
}

# The number of the command that works on a shard; nothing where none does. It is the oldest: what
# guards its programs goes by the same line.
process() { pgrep --oldest -f "^$tessera run --plan $work/plan --shard $1 " || true; }

# The shards at work, one a line.
at_work_now() {
  { pgrep -a -f "^$tessera run --plan $work/plan --shard " || true; } |
    sed -E 's/.*--shard ([0-9]+).*/\1/' | sort -un
}

# Whether two of them are.
is_two() { [ "$(at_work_now | wc -l)" = 2 ]; }

# Fails where out/ is not what one run gives.
compare() {
  "$tessera" run "$work/p.json" -i "$work/in" -o "$work/one" --jobs 8 --quiet
  local folder
  for folder in one out; do
    sed 's/"seconds":[0-9.e-]*//' "$work/$folder/report.jsonl" >"$work/$folder.report"
  done
  cmp "$work/one.report" "$work/out.report" || fail "the reports differ"
  diff -r -q --exclude '.tessera-*' --exclude report.jsonl "$work/one" "$work/out" ||
    fail "outputs differ from those of one machine"
  "$tessera" verify "$work/out" >/dev/null || fail "outputs are not as the records tell"
  if [ -n "$(find "$work/out" "$work/plan" -name '*.tessera-part')" ]; then fail "half files are left"; fi
}
