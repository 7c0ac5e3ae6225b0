"""Kills a Dask worker in the middle of a shard. Called by dask.sh."""

from __future__ import annotations

import json
import os
import sys

from trial import REPOSITORY, Trial, alive, check, descendants, kill, listening, main, parent, wait_for

SCRIPT = REPOSITORY / "Engines" / "dask" / "tessera_dask.py"
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": "1"}


def cluster(trial: Trial) -> tuple[str, list[int]]:
    """Starts a scheduler and two workers; returns its address and the processes that keep workers."""
    file = trial.folder / "scheduler.json"
    dask = [sys.executable, "-m"]
    local = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    trial.start(
        "scheduler",
        [*dask, "distributed.cli.dask_scheduler", *local, "--port", 0, "--scheduler-file", file],
        env=ENVIRONMENT,
    )
    wait_for("the scheduler", lambda: file.exists() and file.read_text().endswith("}"), 60)
    worker = [*dask, "distributed.cli.dask_worker", "--scheduler-file", file, *local]
    worker += ["--nthreads", 1, "--nworkers", 1, "--local-directory", trial.folder / "dask"]
    nannies = [trial.start(f"worker{i}", worker, env=ENVIRONMENT).pid for i in (1, 2)]
    return json.loads(file.read_text())["address"], nannies


def test(trial: Trial) -> None:
    address, nannies = cluster(trial)
    call = [sys.executable, SCRIPT, "--scheduler", address, "--tessera", trial.tessera]

    # A worker killed in the middle, a shard that is interrupted, and one with a broken input.
    plan, out = trial.plan("killed", 6)
    trial.fake(5, 75, 73)
    trial.hold()
    driver = trial.start("driver", [*call, plan, "--pause", 0.5], env=ENVIRONMENT)
    held = wait_for("two shards in the middle", lambda: len(trial.held()) == 2 and trial.held())
    victim, shard = held[0]
    ours = [process.pid for process in trial.started]
    places = listening([*ours, *descendants(ours)])
    check(places == {"0100007F"}, "everything listens on 127.0.0.1 alone", places)
    worker = parent(victim)
    check(worker in descendants(nannies), "the command's parent is a worker of Dask", worker)
    program = descendants([victim])
    check(program, "its own program runs below it")
    kill([worker])
    wait_for("the command to end", lambda: not any(map(alive, [victim, *program])), 15)
    check(True, "a worker was killed, and its command ended with it, before the shard was done")
    trial.release()
    status = trial.ends(driver, "tessera_dask.py")
    check(status == 65, "tessera_dask.py ends with 65 for the broken input", status)
    counts = {i: len(trial.starts(i)) for i in range(6)}
    expected = {i: 2 if i == shard else 3 if i == 5 else 1 for i in range(6)}
    check(counts == expected, f"starts of shards are as they should be: {counts}", expected)
    trial.same(out)

    # A status that stops everything, and one that fails a shard; then the rest.
    plan, out = trial.plan("stopped", 6)
    trial.fake(2, 78)
    trial.fake(3, *[75] * 9)
    driver = trial.start("driver-78", [*call, plan, "--pause", 0.5], env=ENVIRONMENT)
    status = trial.ends(driver, "tessera_dask.py")
    check(status == 78 and len(trial.starts(2)) == 1, "78 stops everything at once", status)
    trial.no_orphans("nothing runs on behind it")
    trial.fake(2, 75, 74, 73, 75)
    trial.fake(3, 75, 75, 75, 75)
    before = {i: len(trial.starts(i)) for i in (2, 3)}
    driver = trial.start("driver-75", [*call, plan, "--pause", 0.2], env=ENVIRONMENT)
    status = trial.ends(driver, "tessera_dask.py")
    check(status == 75, "it ends with 75 where attempts are used up", status)
    counts = {i: len(trial.starts(i)) - before[i] for i in (2, 3)}
    check(counts == {2: 4, 3: 4}, f"behind four attempts: {counts}")
    trial.fake(2, 70)
    trial.fake(3, 75, 75, 75, 75)
    driver = trial.start("driver-70", [*call, plan, "--pause", 0.2], env=ENVIRONMENT)
    status = trial.ends(driver, "tessera_dask.py")
    check(status == 70 and len(trial.starts(2)) == before[2] + 5, "70 fails a shard, once", status)
    check(len(trial.starts(3)) == before[3] + 8, "beside one that is left", trial.starts(3))
    missing = trial.run([trial.tessera, "status", "--plan", plan, "--missing"]).stdout.strip()
    check(missing == "2-3", "every other shard is done", missing)
    before = len(trial.starts())
    driver = trial.start("driver-rest", [*call, plan], env=ENVIRONMENT)
    status = trial.ends(driver, "tessera_dask.py")
    check(
        status == 65 and {shard for _, shard in trial.starts()[before:]} == {2, 3},
        "started again, it does what is missing alone",
        (status, trial.starts()[before:]),
    )
    trial.same(out)
    trial.no_orphans("no command is left")


main("dask", test)
