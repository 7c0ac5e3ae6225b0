"""Kills a Ray worker in the middle of a shard, and removes a node. Called by ray.sh, in namespaces."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

from trial import (
    REPOSITORY,
    Trial,
    alive,
    check,
    descendants,
    fail,
    kill,
    main,
    parent,
    wait_for,
    words,
)

SCRIPT = REPOSITORY / "Engines" / "ray" / "tessera_ray.py"
RAY = Path(sys.executable).with_name("ray")
PORT = 6379  # in a network of our own
ENVIRONMENT = {
    **os.environ,
    "PYTHONUNBUFFERED": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def raise_loopback() -> None:
    """Brings up lo, and makes sure that there is nothing else."""
    names = [name for _, name in socket.if_nameindex()]
    if names != ["lo"]:
        fail(f"this is no network of its own: there are {names}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        fcntl.ioctl(one, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up
    check(True, "the network has loopback alone")


def start_node(trial: Trial, name: str, *options: object) -> int:
    """Starts a node with one core, and returns its raylet."""
    command = [RAY, "start", "--block", "--num-cpus", 1, "--object-store-memory", 80_000_000]
    command += ["--node-ip-address", "127.0.0.1", "--disable-usage-stats", *options]
    node = trial.start(name, command, env=ENVIRONMENT)

    def raylet() -> list[int]:
        if node.poll() is not None:
            fail(f"the {name} node has ended with {node.poll()}")
        started = [pid for pid in descendants([node.pid]) if parent(pid) == node.pid]
        return [pid for pid in started if words(pid)[:1] and words(pid)[0].endswith("/raylet")]

    return wait_for(f"the raylet of the {name} node", raylet)[0]


def test(trial: Trial) -> None:
    raise_loopback()
    temporary = trial.folder / "ray"
    head = start_node(
        trial, "head", "--head", "--port", PORT, "--temp-dir", temporary,
        "--include-dashboard=false",
    )  # fmt: skip
    second = start_node(trial, "second", "--address", f"127.0.0.1:{PORT}")
    call = [sys.executable, SCRIPT, "--address", f"127.0.0.1:{PORT}", "--tessera", trial.tessera]

    # A worker killed in the middle, a node removed, a shard that is interrupted, a broken input.
    plan, out = trial.plan("killed", 8)
    trial.fake(7, 75, 73)
    trial.hold()
    driver = trial.start("driver", [*call, plan, "--pause", 0.5], env=ENVIRONMENT)

    def on(raylet: int) -> list[tuple[int, int]]:
        return [(pid, shard) for pid, shard in trial.held() if parent(parent(pid)) == raylet]

    wait_for("a shard in the middle on each node", lambda: on(head) and on(second))
    (victim, shard), (other, moved) = on(head)[0], on(second)[0]
    check(shard != moved, f"shards {shard} and {moved} are in the middle, one on each node")
    worker, program = parent(victim), descendants([victim])
    check(program, "the command's own program runs below it")
    kill([worker])
    wait_for("the command to end", lambda: not any(map(alive, [victim, *program])), 15)
    check(True, f"the worker of shard {shard} was killed, and its command ended with it")

    # All that is Ray's goes at once: nothing of it is left to end the command.
    program = descendants([other])
    node = parent(second)
    rest = [pid for pid in descendants([node]) if pid not in [other, *program]]
    check(parent(other) in rest, "the second node has a worker", rest)
    kill([node, second, *rest])
    wait_for("the node's command to end", lambda: not any(map(alive, [other, *program])), 15)
    check(True, f"the second node was removed, and the command of shard {moved} ended with it")
    trial.release()
    status = trial.ends(driver, "tessera_ray.py", 120)
    check(status == 65, "tessera_ray.py ends with 65 for the broken input", status)
    counts = {i: len(trial.starts(i)) for i in range(8)}
    expected = {i: 2 if i in (shard, moved) else 3 if i == 7 else 1 for i in range(8)}
    check(counts == expected, f"starts of shards are as they should be: {counts}", expected)
    trial.same(out)
    trial.no_orphans("no command is left")

    # A status that stops everything.
    plan, _ = trial.plan("stopped", 4)
    start_node(trial, "third", "--address", f"127.0.0.1:{PORT}")
    trial.fake(1, "78 late")
    trial.hold()
    driver = trial.start("driver-78", [*call, plan, "--pause", 0.5], env=ENVIRONMENT)
    status = trial.ends(driver, "tessera_ray.py, which waits 40 for shards that it has ended,", 30)
    check(status == 78 and len(trial.starts(1)) == 1, "78 stops everything at once", status)
    missing = trial.run([trial.tessera, "status", "--plan", plan, "--missing"]).stdout.strip()
    check(missing.startswith("0"), "a shard in the middle is ended in order", missing)
    trial.no_orphans("no command is left")
    trial.release()

    # Attempts that are used up, a status that fails a shard; then the rest.
    plan, out = trial.plan("failed", 4)
    trial.fake(3, 75, 75, 75, 75)
    trial.fake(2, 75, 74, 73, 75)
    driver = trial.start("driver-75", [*call, plan, "--pause", 0.2], env=ENVIRONMENT)
    status = trial.ends(driver, "tessera_ray.py")
    check(status == 75, "it ends with 75 where attempts are used up", status)
    counts = {i: len(trial.starts(i)) for i in range(4)}
    check(counts == {0: 1, 1: 1, 2: 4, 3: 4}, f"behind four attempts: {counts}")
    trial.fake(3, 70)
    trial.fake(2, 75, 75, 75, 75)
    driver = trial.start("driver-70", [*call, plan, "--pause", 0.2], env=ENVIRONMENT)
    status = trial.ends(driver, "tessera_ray.py")
    check(status == 70 and len(trial.starts(3)) == 5, "70 fails a shard, once", status)
    check(len(trial.starts(2)) == 8, "beside one that is left", trial.starts(2))
    missing = trial.run([trial.tessera, "status", "--plan", plan, "--missing"]).stdout.strip()
    check(missing == "2-3", "every other shard is done", missing)

    # The driver killed in the middle; then started again.
    trial.hold()
    driver = trial.start("driver-killed", [*call, plan], env=ENVIRONMENT)
    wait_for("both shards in the middle", lambda: len(trial.held()) == 2)
    kill([driver.pid])
    trial.no_orphans("a killed driver leaves no command")
    trial.release()
    before = len(trial.starts())
    driver = trial.start("driver-rest", [*call, plan], env=ENVIRONMENT)
    status = trial.ends(driver, "tessera_ray.py")
    check(
        status == 65 and {shard for _, shard in trial.starts()[before:]} == {2, 3},
        "started again, it does what is missing alone",
        (status, trial.starts()[before:]),
    )
    trial.same(out)
    trial.no_orphans("no command is left")


main("ray", test)
