#!/usr/bin/env bash
# Engines/parallel: a shard is killed in the midst, all of parallel is killed, and what is left is done.
#
#     TESSERA=COMMAND Scripts/engines/parallel.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
packages parallel
export TESSERA=$tessera HOME=$work
mkdir -p "$work/.parallel"
touch "$work/.parallel/will-cite"

photographs 90 "[96, 128]"
slow_pipeline
"$tessera" plan "$work/p.json" -i "$work/in" -o "$work/out" --shards 6 --plan "$work/plan" >/dev/null

setsid "$root/Engines/parallel/run.sh" "$work/plan" --jobs 2 >"$work/log" 2>&1 &
group=$!
# What was started in its own session ends with it.
end_group() { kill -9 -- "-$group" 2>/dev/null || true; }
ends+=(end_group)
wait_for 60 "two shards at work" is_two
killed=$(at_work_now | head -1)
kill -9 "$(process "$killed")"
ok "the command of shard $killed was killed"
begun_again() { [ -n "$(process "$killed")" ]; }
wait_for 60 "shard $killed to be begun again" begun_again
ok "it was begun again"
has_ended() { awk 'NR > 1 && $7 == 0 { ended = 1 } END { exit !ended }' "$work/plan/joblog"; }
wait_for 60 "a shard to end" has_ended
kill -9 -- "-$group"
wait "$group" 2>/dev/null || true
cp "$work/plan/joblog" "$work/joblog"
nobody() { [ -z "$(at_work_now)" ]; }
wait_for 30 "nobody to be at work" nobody
ok "parallel and all shards were killed"
[ -n "$("$tessera" status --plan "$work/plan" --missing)" ] || fail "nothing was left to do"
"$root/Engines/parallel/run.sh" "$work/plan" --jobs 2 >"$work/log" 2>&1 || fail "$(cat "$work/log")"
head -n "$(wc -l <"$work/joblog")" "$work/plan/joblog" | cmp -s - "$work/joblog" ||
  fail "it did not go on from the log of jobs"
ok "it went on from the log of jobs"
compare
ok "the bytes are those of one machine"
