#!/usr/bin/env bash
# Engines/slurm on a real Slurm: an array over 240 photographs, of which one task is told to end, the
# command of another is killed, and one node goes down in the midst of a third.
#
#     TESSERA=COMMAND Scripts/engines/slurm.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
PATH=$PATH:/usr/sbin:/sbin
needs sbatch=slurm-wlm slurmctld=slurm-wlm slurmd=slurm-wlm munged=munge

run=$work/slurm
port=$((1700 + RANDOM % 300))
mkdir -p "$run/state" "$run/spool.n1" "$run/spool.n2"
sed "s#@RUN@#$run#g; s#@PORT@#$port#g" "$(dirname "${BASH_SOURCE[0]}")/slurm.conf" >"$run/slurm.conf"
export SLURM_CONF=$run/slurm.conf TESSERA=$tessera

# Ends what was started here, by the numbers of the processes.
end_slurm() {
  local name
  scancel --user=root >/dev/null 2>&1 || true
  for name in slurmd.n1 slurmd.n2 slurmctld munged; do
    if [ -f "$run/$name.pid" ]; then kill "$(cat "$run/$name.pid")" 2>/dev/null || true; fi
  done
  for _ in $(seq 100); do
    ls "$run"/*.pid >/dev/null 2>&1 || break
    sleep 0.1
  done
  # What has not ended, such as a step whose node has gone: it is known by the configuration made here.
  local process
  for process in $(pgrep 'slurm|munged' || true); do
    if { tr '\0' '\n' <"/proc/$process/environ"; } 2>/dev/null | grep -qxF "SLURM_CONF=$SLURM_CONF"; then
      kill -9 "$process" 2>/dev/null || true
    fi
  done
}
ends+=(end_slurm)

head -c 1024 /dev/urandom >"$run/munge.key"
chmod 400 "$run/munge.key"
munged --force --key-file="$run/munge.key" --socket="$run/munge.socket" \
  --pid-file="$run/munged.pid" --log-file="$run/munged.log" --seed-file="$run/munge.seed" ||
  fail "munged does not start: $(tail -n 5 "$run/munged.log")"
slurmctld -i -c -f "$SLURM_CONF" ||
  fail "slurmctld does not start: $(tail -n 5 "$run/slurmctld.log")"
for node in n1 n2; do
  slurmd -N "$node" -f "$SLURM_CONF" ||
    fail "slurmd does not start; it needs /sys and /sys/fs/cgroup: $(tail -n 5 "$run/slurmd.$node.log")"
done
idle() { [ "$(sinfo --noheader --states=idle --format=%D)" = 2 ]; }
wait_for 60 "two idle nodes" idle
ok "a controller and two nodes are up"

photographs 240 "[96, 128]"
slow_pipeline
"$tessera" plan "$work/p.json" -i "$work/in" -o "$work/out" --shards 12 --plan "$work/plan" >/dev/null
cd "$work"
"$root/Engines/slurm/submit.sh" "$work/plan" --output="$work/shard-%a.log" >"$work/submitted"
mapfile -t arrays < <(sed -nE 's/^shards .*: job ([0-9]+)$/\1/p' "$work/submitted")
[ "${#arrays[@]}" = 2 ] || fail "expected two arrays, for one may not have twelve tasks here"

# Runs submit.sh where it has to end with STATUS, to say TEXT, and to submit nothing:  refused STATUS TEXT
refused() {
  local status=0
  cp "$work/plan/slurm-jobs" "$work/known"
  "$root/Engines/slurm/submit.sh" "$work/plan" >"$work/refused" 2>&1 || status=$?
  [ "$status" = "$1" ] || fail "submit.sh ended with $status, not $1: $(cat "$work/refused")"
  grep -q "$2" "$work/refused" || fail "submit.sh said: $(cat "$work/refused")"
  cmp -s "$work/known" "$work/plan/slurm-jobs" || fail "submit.sh has forgotten its jobs"
}
refused 75 "jobs of this plan have not ended"
ok "240 photographs in 12 shards are submitted as two arrays and a merge, once"

# A task that was begun again is held for two minutes. Begun in the same second it would be refused, for
# its credential has only just been revoked.
hurry() {
  local job held
  held=$(squeue --noheader --array --states=PENDING --format=%i | grep _ || true)
  [ -n "$held" ] || return 0
  sleep 2
  for job in $held; do
    scontrol update JobId="$job" StartTime=now >/dev/null 2>&1 || true
  done
}

# Somebody takes a task away that has not begun.
taken=8
scancel "${arrays[0]}_$taken"

# 1: a task is told to end, as before a node goes to others.
wait_for 60 "two shards at work" is_two
told=$(at_work_now | head -1)
sleep 1
# It asks again, in vain, once the task has been begun again.
timeout 3 scancel --batch --signal=TERM "${arrays[0]}_$told" 2>/dev/null || true
gone() { [ -z "$(process "$told")" ]; }
wait_for 30 "the end of shard $told" gone
grep -q "shard $told ended with 75" "$work/shard-$told.log" || fail "shard $told was not interrupted cleanly"
ok "shard $told was told to end, ended with 75 and is begun again"

# 2: the command of another is killed.
two_others() { is_two && ! at_work_now | grep -qx "$told"; }
wait_for 60 "two other shards at work" two_others
# The later one, for the other may be at its end.
killed=$(at_work_now | tail -1)
kill -9 "$(process "$killed")"
logged() { grep -q "shard $killed ended with 137" "$work/shard-$killed.log"; }
wait_for 30 "the end of shard $killed" logged
ok "the command of shard $killed was killed"

# 3: a node goes down, with everything on it.
wait_for 60 "two shards at work" is_two
lost=$(squeue --noheader --array --states=RUNNING --nodelist=n2 --format=%K | head -1)
[ -n "$lost" ] || fail "nothing runs on n2"
daemon=$(cat "$run/slurmd.n2.pid")
victims=$daemon
# What runs there by its script, which lies in the node's own folder: the step, the script, the command.
for shell in $(pgrep -f "^/bin/bash $run/spool\.n2/job"); do
  victims+=" $(ps -o ppid= -p "$shell" || true) $shell $(pgrep -P "$shell" || true)"
done
# shellcheck disable=SC2086
kill -9 $victims 2>/dev/null || true
rm -f "$run/slurmd.n2.pid"
is_down() { sinfo --noheader --nodes=n2 --format=%T | grep -q down; }
wait_for 60 "the controller to notice" is_down
ok "n2 went down with shard $lost"
slurmd -N n2 -f "$SLURM_CONF"
is_up() { ! sinfo --noheader --nodes=n2 --format=%T | grep -q down; }
wait_for 60 "n2 to come back" is_up

# The rest runs to its end; the merge comes behind all of it and finds it complete, or tells.
settled() {
  hurry
  [ -z "$(squeue --noheader --format=%i)" ]
}
wait_for 240 "all jobs to end" settled
"$tessera" status --plan "$work/plan"
missing=$("$tessera" status --plan "$work/plan" --missing)
[ "$missing" = "$taken" ] || fail "expected that $taken alone is missing, found ${missing:-none}"
grep -q "shards $taken are missing" "$work"/tessera-merge-*.log || fail "the merge did not tell what is missing"
ok "all jobs have ended, shard $taken is missing, and the merge says so"

# What is not known is not taken for ended, and what was submitted is not forgotten.
sed 's/^SlurmctldPort=.*/SlurmctldPort=1/' "$SLURM_CONF" >"$run/nobody.conf"
SLURM_CONF=$run/nobody.conf refused 75 "cannot ask Slurm"
# A command that ends at once.
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "ends with $STATUS" >&2\nexit "$STATUS"\n' >"$work/ends"
chmod +x "$work/ends"
TESSERA=$work/ends STATUS=78 refused 78 "ends with 78"
ok "where no controller answers, and without a plan that can be read, nothing is submitted"
# Jobs that ended long ago Slurm knows no more.
echo 4000000 >"$work/plan/slurm-jobs"
again() {
  "$root/Engines/slurm/submit.sh" "$work/plan" --output="$work/shard-%a.log" >"$work/submitted"
  grep -q "^shards $taken: job" "$work/submitted" || fail "not what is missing was submitted"
  resubmitted=$(sed -nE 's/^shards .*: job ([0-9]+)$/\1/p' "$work/submitted")
}
again

# 4: somebody takes it away at work. Interrupted as in 1, it must not come back.
is_begun() { [ -n "$(process "$taken")" ]; }
wait_for 60 "shard $taken at work" is_begun
scancel "$resubmitted"
is_left() { [ -z "$(squeue --noheader --jobs="$resubmitted" 2>/dev/null)" ]; }
wait_for 30 "shard $taken to end, and to stay away" is_left
grep -q "shard $taken ended with" "$work/shard-$taken.log" || fail "shard $taken was not begun"
wait_for 60 "the merge behind it" settled
ok "a task that was cancelled at work stays away"
again
wait_for 120 "the shard that was missing" settled
[ -z "$("$tessera" status --plan "$work/plan" --missing)" ] || fail "shards are missing"
grep -q "12 shards merged" "$work"/tessera-merge-*.log || fail "the merge of the jobs has not come about"
"$tessera" merge --plan "$work/plan" >/dev/null || fail "the merge cannot be repeated"
compare
ok "the bytes are those of one machine"

# What a status leads to.
ends_with() {
  TESSERA=$work/ends STATUS=$1 sbatch --parsable --array="$2" --output="$work/ends-$1-%a.log" \
    "$root/Engines/slurm/tessera.sbatch" "$work/plan" >/dev/null
  wait_for 120 "tasks that end with $1" settled
  attempts=$(cat "$work/ends-$1"-*.log | grep -c "ended with $1 ")
}
ends_with 65 0
[ "$attempts" = 1 ] || fail "65 was tried $attempts times, not once"
ends_with 66 0-7
[ "$attempts" -lt 8 ] || fail "66 did not stop the tasks that had not begun"
ends_with 127 0-7
[ "$attempts" -lt 8 ] || fail "127 did not stop the tasks that had not begun"
ends_with 75 0
[ "$attempts" = 6 ] || fail "75 was tried $attempts times, not 6"
ok "65 is not tried again, 66 and 127 stop the array, 75 is tried again five times"
