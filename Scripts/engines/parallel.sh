#!/usr/bin/env bash
# Engines/parallel: a shard is killed in the midst, all of parallel is killed, and what is left is done.
#
#     TESSERA=COMMAND Scripts/engines/parallel.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
needs parallel=parallel bzip2=bzip2
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
nobody() { [ -z "$(at_work_now)" ]; }
wait_for 30 "nobody to be at work" nobody
ok "parallel and all shards were killed"
missing() { "$tessera" status --plan "$work/plan" --missing; }
left=$(missing)
[ -n "$left" ] || fail "nothing was left to do"
one=${left%%[-,]*}

# A command that ends a shard with the status that a file of its number has, and notes what it is asked.
export FAKES=$work/fakes
mkdir "$FAKES"
cat >"$work/tessera" <<END
#!/bin/bash
echo "\$*" >>"\$FAKES/asked"
if [ "\$1" = run ] && [ -s "\$FAKES/\$5" ]; then exit "\$(cat "\$FAKES/\$5")"; fi
exec "$tessera" "\$@"
END
chmod +x "$work/tessera"

# Runs run.sh and fails where it does not end with STATUS:  expect STATUS OPTION…
expect() {
  local wanted=$1 status=0
  shift
  rm -f "$FAKES/asked"
  TESSERA=$work/tessera timeout 120 "$root/Engines/parallel/run.sh" "$work/plan" "$@" \
    >"$work/log" 2>&1 || status=$?
  [ "$status" = "$wanted" ] || fail "run.sh ended with $status, not $wanted: $(cat "$work/log")"
}
attempts() { grep -c "^run .* --shard ${1:-.*} " "$FAKES/asked" || true; }

# All are begun anew, in a plan that does as if it had none done; one at a time, so that order is known.
mv "$work/plan/shards" "$work/shards"
echo 66 >"$FAKES/0"
expect 66 --jobs 1
[ "$(attempts)" = 1 ] || fail "66 was followed by more: $(cat "$FAKES/asked")"
rm "$FAKES/0"
mv "$work/shards" "$work/plan"
[ "$(missing)" = "$left" ] || fail "missing are $(missing), not $left"
ok "66 stops all, and is what run.sh ends with"

echo 75 >"$FAKES/$one"
expect 75 --jobs 2
[ "$(missing)" = "$one" ] || fail "missing are $(missing), not $one"
[ "$(attempts "$one")" = 3 ] || fail "75 was tried $(attempts "$one") times, not 3"
grep -q "shards $one are missing" "$work/log" || fail "the merge did not tell what is missing"
echo 70 >"$FAKES/$one"
expect 70 --jobs 2
[ "$(attempts)" = 1 ] || fail "70 was tried $(attempts) times, not once"
ok "75 is tried three times, 70 once; neither keeps the others from their end"

# Two machines that have nothing of this one's environment but what is handed to them.
cat >"$work/ssh" <<'END'
#!/bin/bash
while [ "$1" != -- ]; do host=$1; shift; done
shift
echo "$host" >>"$FAKES/hosts"
exec env -i HOME="$HOME" PATH="$PATH" FAKES="$FAKES" SHELL=/bin/bash /bin/bash -c "$*"
END
chmod +x "$work/ssh"
mv "$work/plan/shards" "$work/shards"
expect 70 --ssh "$work/ssh" --sshlogin 1/n1,1/n2
[ "$(missing)" = "$one" ] || fail "missing are $(missing), not $one"
[ "$(sort -u "$FAKES/hosts")" = $'n1\nn2' ] || fail "hosts were $(cat "$FAKES/hosts")"
rm -r "$work/shards" "${FAKES:?}/$one"
ok "so it is by --sshlogin"

expect 0
[ "$(attempts)" = 1 ] || fail "more was begun than what is missing: $(cat "$FAKES/asked")"
compare
ok "the bytes are those of one machine"

# What a log of jobs has as done, and the plan does not.
rm -r "$work/plan/shards/0000$one" "$work/plan/shards/0000$one.done.json"
expect 0
[ "$(attempts "$one")" = 1 ] || fail "shard $one was lost and not done again"
expect 0
[ "$(attempts)" = 0 ] || fail "what is done was begun again: $(cat "$FAKES/asked")"
ok "what is lost is done again, by what the plan tells"

rm "$work/plan/shards/0000$one.done.json"
expect 255 --no-such-option
grep -q "parallel itself has ended with 255" "$work/log" || fail "said: $(cat "$work/log")"
# One is left of the call that was killed.
[ "$(find "$work/plan" -name 'parallel.*' | wc -l)" = 1 ] || fail "notes are left"
echo '{' >"$work/plan/plan.json"
wanted=0
"$tessera" status --plan "$work/plan" --missing >/dev/null 2>&1 || wanted=$?
expect "$wanted"
rm -r "$work/plan"
expect 66
ok "a plan that cannot be read ends with what tessera ends with ($wanted), one that is not there with 66"
