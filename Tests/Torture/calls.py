"""Which system calls a run makes, and runs some of whose calls fail or are their last."""

import collections
import pathlib
import re
import signal
import tempfile

import bench

# What would end any program, or is the tracer's own.
LEFT_OUT = {
    "execve", "exit", "exit_group", "rt_sigreturn", "restart_syscall", "futex", "arch_prctl",
    "set_tid_address", "set_robust_list", "rseq", "vfork"}
# Refused, a runtime ends: it asks for memory and threads where nothing can be told.
MEMORY = {
    "brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "clone", "clone3", "sigaltstack",
    "rt_sigaction", "rt_sigprocmask"}
ERRORS = ("EIO", "ENOSPC", "EACCES", "EMFILE", "ENOMEM", "EINTR")
# Rounds of the kinds of runs beside the first.
OTHERS = 1000
LINE = re.compile(r"^(\d+) +([a-z_0-9]+)\(")


def of(step, folder):
    """How often the busiest thread of a step makes each call."""
    with tempfile.NamedTemporaryFile(prefix="torture-calls-") as log:
        done = bench.command(step, folder, ["strace", "-f", "-qq", "-o", log.name])
        assert done.status == 0, f"{step} under strace gives {done}"
        counts = collections.Counter()
        for line in pathlib.Path(log.name).read_text(errors="replace").splitlines():
            if found := LINE.match(line):
                counts[found.groups()] += 1
    most = {}
    for (_, call), count in counts.items():
        if call not in LEFT_OUT:
            most[call] = max(most.get(call, 0), count)
    return most


def injection(call, change, log="/dev/null"):
    """What starts a command in which `change` befalls `call`, in strace's words."""
    # With a filter in the kernel, which is faster, strace 6.1 sends signals at first calls alone.
    filtered = [] if change.startswith("signal") else ["--seccomp-bpf"]
    return [
        "strace", "-f", "-qq", *filtered, "-o", log, "-e", f"trace={call}",
        "-e", f"inject={call}:{change}"]


def cases(kinds):
    """Every (kind, number of the step, call, occurrence, error) to try."""
    for kind in kinds:
        with bench.Trial(kind) as trial:
            for number, step in enumerate(trial.steps):
                for call, count in sorted(of(step, trial.root).items()):
                    for occurrence in sorted({1, (count + 1) // 2, count}):
                        for error in ERRORS:
                            for more in ("", "+"):
                                # Nothing gives EINTR for ever: it says that a signal came.
                                if (error, more) != ("EINTR", "+"):
                                    yield kind, number, call, f"{occurrence}{more}", error


def failing(case, tally):
    """One round: a call fails, once or from there on."""
    kind, number, call, when, error = case
    with bench.Trial(kind, f"{call} {when} {error}") as trial:
        step = trial.reach(number)
        outcome = bench.command(
            step, trial.root, injection(call, f"error={error}:when={when}"))
        trial.judge(outcome, step, tally, may_die=call in MEMORY, mute=call == "write")


def killed(case, tally, deaf=False):
    """One round: a run is killed as it makes a call; gives whether it was.

    `deaf`: with a program that outlives its input.
    """
    kind, number, call, occurrence = case
    said = f"killed at {call} {occurrence}{', deaf' if deaf else ''}"
    with bench.Trial(kind, said) as trial:
        step = trial.reach(number)
        if deaf:
            (trial.root / "deaf").touch()
        outcome = bench.command(
            step, trial.root, injection(call, f"signal=KILL:when={occurrence}"))
        # strace ends by the signal that has ended what it started. Where that went to a child, the
        # run ends by itself.
        (trial.root / "deaf").unlink(missing_ok=True)
        trial.judge(outcome, step, tally, killed=outcome.status == -signal.SIGKILL)
        return outcome.status == -signal.SIGKILL


def signalled(case, name, tally):
    """One round: a run is asked to end as it makes a call; it does, or had all done already."""
    kind, number, call, occurrence = case
    with bench.Trial(kind, f"{name} at {call} {occurrence}") as trial:
        step = trial.reach(number)
        before = bench.every_file(trial.root)
        with tempfile.NamedTemporaryFile(prefix="torture-calls-") as log:
            outcome = bench.command(
                step, trial.root, injection(call, f"signal={name}:when={occurrence}", log.name))
            arrived = pathlib.Path(log.name).read_text(errors="replace").count(f"--- {name} ")
        # Before a command listens, the signal ends it, and nothing has begun. What draws in a moment
        # never listens.
        unheard = outcome.status == -getattr(signal, name)
        what = f"{trial.name(step)}: {outcome}"
        if unheard and step[0] != "bank" and bench.every_file(trial.root) != before:
            tally.lose("unheard", f"{what}: something was written")
        # The signal may go to a child, too, which fails its inputs.
        elif outcome.status not in (0, 75) and not unheard and not (
                kind == "program" and outcome.status == 65):
            tally.lose("signal", f"{what}: not 0 or 75")
        # Each thread that makes so many calls gets the signal; the second ends a run at once.
        trial.judge(outcome, step, tally, killed=unheard, mute=arrived > 1)


def torture(tally, dice, each):
    """First, middle and last calls of a run with an image a file, and some of other kinds."""
    whole = list(cases(["images"]))
    other = list(cases([kind for kind in bench.KINDS if kind != "images"]))
    chosen = dice.sample(whole, min(len(whole), tally.scale(len(whole))))
    chosen += dice.sample(other, min(len(other), tally.scale(OTHERS)))
    each(lambda case: failing(case, tally), chosen)
