#!/usr/bin/env bash
# Engines/rclone with its local backend: shards are told to end, killed at every step, kept from their
# inputs and outputs, and done again.
#
#     TESSERA=COMMAND Scripts/engines/rclone.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
needs rclone=rclone

photographs 36 "[300, 400]"
# Names that a list of files could be read wrongly by.
for name in '# not a comment' '; nor this' '  two  spaces  ' '[brackets] {a,b} *' 'überall'; do
  cp "$work/in/0/0/photograph0.jpg" "$work/in/$name.jpg"
done
slow_pipeline
"$tessera" plan "$work/p.json" -i "$work/in" -o "$work/merged" --shards 6 --plan "$work/made" >/dev/null

# A remote of three folders.
mkdir -p "$work/scratch" "$work/out" "$work/bin"
: >"$work/rclone.conf"
cat >"$work/rclone.conf" <<END
[far]
type = alias
remote = $work
END
export INPUTS=far:in OUTPUTS=far:out PLAN=far:plan SCRATCH=$work/scratch TESSERA=$tessera JOBS=4
export RCLONE_CONFIG=$work/rclone.conf
staged=$root/Engines/rclone/staged.sh

# An rclone that fails, or kills the script, at the call whose arguments hold a text.
real=$(command -v rclone)
cat >"$work/bin/rclone" <<END
#!/bin/bash
if [ -n "\${FAIL_AT:-}" ] && [[ "\$*" == *"\$FAIL_AT"* ]]; then echo "no way there" >&2; exit 5; fi
if [ -n "\${KILL_AT:-}" ] && [[ "\$*" == *"\$KILL_AT"* ]]; then kill -9 \$PPID; exit 1; fi
exec "$real" "\$@"
END
chmod +x "$work/bin/rclone"
PATH=$work/bin:$PATH

# Runs staged.sh and fails where it does not end with STATUS:  expect STATUS ARGUMENT…
expect() {
  local wanted=$1 status=0
  shift
  { timeout 120 "$staged" "$@" || status=$?; } >"$work/said" 2>&1
  [ "$status" = "$wanted" ] ||
    fail "staged.sh $* ended with $status, not $wanted: $(cat "$work/said")"
}
is_missing() {
  expect 0 missing
  [ "$(cat "$work/said")" = "$1" ] || fail "missing are $(cat "$work/said"), not $1"
}
outputs() { find "$work/out" -type f | wc -l; }

expect 66 0
expect 0 start "$work/made"
expect 0 start "$work/made"
"$tessera" plan "$work/p.json" -i "$work/in" -o "$work/merged" --shards 5 --plan "$work/else" >/dev/null
expect 73 start "$work/else"
is_missing 0-5
ok "a plan is there for all, once; another does not replace it"

expect 0 0
[ "$(outputs)" = 7 ] || fail "shard 0 has left $(outputs) outputs, not 7"
is_missing 1-5
expect 0 0
grep -q "done before" "$work/said" || fail "shard 0 was done twice"
ok "a shard is done, and known as done"

# Told to end while it works.
"$staged" 1 >"$work/said" 2>&1 &
told=$!
at_work() { [ -n "$(pgrep -P "$told" -x "$(basename "$tessera")")" ]; }
wait_for 60 "shard 1 at work" at_work
sleep 0.3
kill -TERM "$told"
status=0
wait "$told" || status=$?
[ "$status" = 75 ] || fail "told to end, it ended with $status: $(cat "$work/said")"
[ "$(outputs)" = 7 ] || fail "an interrupted shard has left outputs"
is_missing 1-5
[ -z "$(ls "$work/scratch")" ] || fail "something is left in the scratch folder"
ok "told to end, it ends with 75 and leaves nothing"

# Killed with its command while it works.
setsid "$staged" 1 >"$work/said" 2>&1 &
told=$!
wait_for 60 "shard 1 at work" at_work
kill -9 -- "-$told"
wait "$told" 2>/dev/null || true
[ "$(outputs)" = 7 ] || fail "a killed shard has left outputs"
is_missing 1-5
ok "killed while it works, it is missing"

# The ways there and back.
FAIL_AT=far:in expect 74 1
FAIL_AT=far:out expect 74 1
is_missing 1-5
FAIL_AT=far:plan/shards/00001.done expect 74 1
is_missing 1-5
ok "where rclone fails it ends with 74 and is missing"
for step in far:out far:plan/shards/00002 far:plan/shards/00002.done; do
  KILL_AT="$step" expect 137 2
  is_missing 1-5
done
[ "$(outputs)" = 21 ] || fail "expected the outputs of three shards, found $(outputs)"
ok "killed before, between and after the outputs are there, it is missing until all else is"

# A photograph that is not there is none of the shard's failures.
file='; nor this.jpg'
mv "$work/in/$file" "$work/kept.jpg"
holder=$(for shard in 1 2 3 4 5; do
  if "$tessera" plan --plan "$work/made" --files "$shard" | grep -qxF "$file"; then echo "$shard"; fi
done)
expect 66 "$holder"
grep -qF "not at far:in: $file" "$work/said" || fail "said: $(cat "$work/said")"
mv "$work/kept.jpg" "$work/in/$file"
ok "an input that is not there is told and ends with 66"

# A number with zeros in front; and a command that ends well and leaves nothing.
"$tessera" plan "$work/p.json" -i "$work/in" -o "$work/merged" --shards 11 --plan "$work/eleven" >/dev/null
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$1" != run ] || exit "$STATUS"\nexec "%s" "$@"\n' "$tessera" >"$work/bin/leaves-nothing"
chmod +x "$work/bin/leaves-nothing"
export PLAN=far:eleven OUTPUTS=far:eleven.out
for status in 0 65; do
  TESSERA=leaves-nothing STATUS=$status expect 70 010
  is_missing 0-10
done
STATUS=74 TESSERA=leaves-nothing expect 74 010
expect 0 010
is_missing 0-9
export PLAN=far:plan OUTPUTS=far:out
ok "010 is shard 10; one that ends well and is not done ends with 70"

expect 75 merge
[ ! -e "$work/out/report.jsonl" ] || fail "a merge that was not complete has left a report"
ok "merge ends with 75 while shards are missing"
for shard in 1 2 3 4 5; do expect 0 "$shard"; done
is_missing ""
expect 0 merge
grep -q "^report: far:out/report.jsonl$" "$work/said" || fail "merge said: $(cat "$work/said")"
expect 0 merge
compare
ok "the bytes are those of one machine, odd names among them"
