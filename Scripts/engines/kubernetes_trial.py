"""Checks the manifests, and runs them as processes. Called by kubernetes.sh."""

from __future__ import annotations

import copy
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from kubernetes_rules import broken_promises, mistakes
from trial import REPOSITORY, Trial, check, descendants, kill, main, wait_for

FOLDER = REPOSITORY / "Engines" / "kubernetes"
VERSIONS = ("1.29", "1.37")  # the first that has all of it without being asked, and the newest


def manifest(name: str) -> dict[str, Any]:
    (one,) = yaml.safe_load_all((FOLDER / name).read_text())
    return one


def refused(job: dict[str, Any], version: str) -> str:
    """What the official schema of a version has against a manifest, or nothing."""
    try:
        kubernetes_validate.validate(job, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return error.message
    return ""


class Controller:
    """Starts the container of an Indexed Job for every index, as the Job controller does.

    A pod is a process: its mount is a folder, its image a command on PATH, the back-off is short. What
    it knows of Jobs: parallelism, backoffLimitPerIndex and backoffLimit, maxFailedIndexes, and
    podFailurePolicy.
    """

    def __init__(self, job: dict[str, Any], data: Path, binaries: Path, logs: Path) -> None:
        self.spec = job["spec"]
        pod = self.spec["template"]["spec"]
        (self.container,) = pod["containers"]
        self.grace = pod["terminationGracePeriodSeconds"]
        self.indexed = self.spec.get("completionMode") == "Indexed"
        self.data, self.binaries, self.logs = data, binaries, logs
        self.indexes = range(self.spec["completions"] if self.indexed else 1)
        self.pods: dict[int, subprocess.Popen] = {}
        self.disrupted: set[int] = set()
        self.counts = dict.fromkeys(self.indexes, 0)
        self.attempts = dict.fromkeys(self.indexes, 0)
        self.succeeded: set[int] = set()
        self.failed: set[int] = set()
        self.outcome = ""

    def start(self, index: int) -> None:
        variables = {one["name"]: one["value"] for one in self.container.get("env", [])}
        if self.indexed:
            variables["JOB_COMPLETION_INDEX"] = str(index)

        def expand(word: str) -> str:  # what nothing gives stays as it is
            return re.sub(r"\$\((\w+)\)", lambda one: variables.get(one[1], one[0]), word)

        words = [expand(w) for w in self.container["command"] + self.container["args"]]
        for mount in self.container["volumeMounts"]:
            inside = mount["mountPath"] + "/"
            words = [
                str(self.data / w.removeprefix(inside)) if w.startswith(inside) else w for w in words
            ]
        environment = {"PATH": f"{self.binaries}:/usr/bin:/bin", **variables}
        self.attempts[index] += 1
        with open(self.logs / f"pod-{index}.log", "ab") as log:
            self.pods[index] = subprocess.Popen(
                words, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def terminate(self, pod: subprocess.Popen) -> None:
        """Ends a pod as the kubelet does: TERM, and KILL where that was not enough."""
        pod.terminate()
        try:
            pod.wait(self.grace)
        except subprocess.TimeoutExpired:
            pod.kill()
            pod.wait(10)

    def disrupt(self, index: int, lost: bool = False) -> None:
        """Evicts a pod, or loses its node."""
        self.disrupted.add(index)
        if lost:
            kill([self.pods[index].pid])
        else:
            threading.Thread(target=self.terminate, args=[self.pods[index]], daemon=True).start()

    def action(self, status: int, disrupted: bool) -> str:
        for rule in self.spec["podFailurePolicy"]["rules"]:
            for pattern in rule.get("onPodConditions", []):
                if disrupted and pattern == {"type": "DisruptionTarget", "status": "True"}:
                    return rule["action"]
            if codes := rule.get("onExitCodes"):
                if codes.get("containerName", self.container["name"]) != self.container["name"]:
                    continue
                if (status in codes["values"]) == (codes["operator"] == "In"):
                    return rule["action"]
        return "Count"

    def ended(self, index: int, status: int) -> None:
        disrupted = index in self.disrupted
        self.disrupted.discard(index)
        if status == 0:
            self.succeeded.add(index)
            return
        action = self.action(128 - status if status < 0 else status, disrupted)
        if action == "FailJob":
            self.outcome = f"Failed: {status} of index {index}"
        elif action == "FailIndex":
            self.failed.add(index)
        elif action == "Count":
            self.counts[index] += 1
            limit = self.spec["backoffLimitPerIndex" if self.indexed else "backoffLimit"]
            if self.counts[index] > limit:
                self.failed.add(index)
        if self.indexed and len(self.failed) > self.spec["maxFailedIndexes"]:
            self.outcome = "Failed: too many indexes"

    def step(self) -> bool:
        """Looks at the pods once. Returns whether the Job has ended."""
        for index, pod in list(self.pods.items()):
            if (status := pod.poll()) is not None:
                del self.pods[index]
                self.ended(index, status)
        if self.outcome:
            for pod in self.pods.values():
                self.terminate(pod)
            self.pods.clear()
            return True
        settled = self.succeeded | self.failed
        if len(settled) == len(self.indexes):
            self.outcome = "Failed: FailedIndexes" if self.failed else "Complete"
            return True
        for index in self.indexes:
            if len(self.pods) == self.spec.get("parallelism", 1):
                break
            if index not in settled and index not in self.pods:
                self.start(index)
        return False

    def run(self, until: Callable[[], object] | None = None, what: str = "the Job to end") -> None:
        """Steps until something holds, or the Job has ended."""
        wait_for(what, lambda: self.step() if until is None else (self.step() or until()), 120)


# What has to be refused: where, what instead, and by whom.
WRONG = [
    (["spec", "completionMode"], "indexed", "rules"),
    (["spec", "completions"], None, "rules"),
    (["spec", "backoffLimitPerIndex"], None, "rules"),
    (["spec", "maxFailedIndexes"], 17, "rules"),
    (["spec", "podReplacementPolicy"], "TerminatingOrFailed", "rules"),
    (["spec", "podReplacementPolicy"], "Always", "rules"),
    (["spec", "podFailurePolicy", "rules", 1, "action"], "Fail", "rules"),
    (["spec", "podFailurePolicy", "rules", 1, "onExitCodes", "operator"], "Is", "rules"),
    (["spec", "podFailurePolicy", "rules", 1, "onExitCodes", "values"], [0, 64], "rules"),
    (["spec", "podFailurePolicy", "rules", 1, "onExitCodes", "values"], [66, 64], "rules"),
    (["spec", "podFailurePolicy", "rules", 1, "onExitCodes", "values"], [64, 64], "rules"),
    (["spec", "podFailurePolicy", "rules", 1, "onExitCodes", "values"], [], "rules"),
    (["spec", "podFailurePolicy", "rules", 1, "onExitCodes", "containerName"], "main", "rules"),
    (["spec", "podFailurePolicy", "rules", 1, "onExitCodes"], None, "rules"),
    (["spec", "podFailurePolicy", "rules", 0, "onPodConditions", 0, "status"], "Yes", "rules"),
    (["spec", "template", "spec", "restartPolicy"], "OnFailure", "rules"),
    (["spec", "template", "spec", "volumes", 0, "name"], "other", "rules"),
    (["spec", "template", "spec", "containers", 0, "args", 4], "$(SHARD)", "rules"),
    (["metadata", "name"], "Tessera_shards", "rules"),
    (["spec", "backoffLimitPerIndex"], "three", "schema"),
    (["spec", "podFailurePolicy", "rules", 1, "onExitCodes", "codes"], [64], "schema"),
    (["spec", "podFailurePolicy", "rules", 1, "action"], None, "schema"),
    (["spec", "template", "spec", "containers", 0, "name"], None, "schema"),
    (["spec", "podFailurePolicy", "rules", 1, "action"], "Count", "promises"),
    (["spec", "podFailurePolicy", "rules", 2, "onExitCodes", "values"], [70], "promises"),
    (["spec", "podFailurePolicy", "rules", 0, "action"], "Count", "promises"),
    (["spec", "template", "spec", "securityContext", "runAsNonRoot"], False, "promises"),
]


def changed(job: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """A manifest with one value changed, or taken away."""
    job = copy.deepcopy(job)
    at = job
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return job


def check_manifests(shards: dict[str, Any], merge: dict[str, Any]) -> None:
    for version in VERSIONS:
        said = refused(shards, version) + refused(merge, version)
        check(not said, f"both manifests hold to the schema of Kubernetes {version}", said)
    check(
        not mistakes(shards) + mistakes(merge), "and to what the schemas do not tell", mistakes(shards)
    )
    check(
        not broken_promises(shards), "every status is treated as it should be", broken_promises(shards)
    )
    for path, value, by in WRONG:
        job = changed(shards, path, value)
        found = {
            "schema": lambda: all(refused(job, version) for version in VERSIONS),
            "rules": lambda: mistakes(job),
            "promises": lambda: broken_promises(job),
        }[by]()
        if not found:
            check(False, f"{'.'.join(map(str, path))} = {value} is refused by {by}")
    check(True, f"{len(WRONG)} ways to break them are seen")


def check_image(trial: Trial) -> None:
    """Checks that the image has the packages that the command's libraries are in."""
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )
    text = (FOLDER / "Containerfile").read_text()
    bases = re.findall(r"^FROM \S+?:(\S+)", text, re.MULTILINE)
    names = [base.removesuffix("-slim").split("-")[-1] for base in bases]
    check(
        len(names) == 2 and len(set(names)) == 1, f"both stages of the image are of {names[0]}", names
    )
    if release.get("VERSION_CODENAME") != names[0]:
        print(f"skipped: the image's packages, as this is not Debian's {names[0]}")
        return
    said = trial.run(["readelf", "--dynamic", "--wide", trial.real]).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", said))
    places = dict(
        re.findall(r"^\s*(\S+) => (/\S+)", trial.run(["ldd", trial.real]).stdout, re.MULTILINE)
    )
    swift = {n for n in needed if "/swift/" in places.get(n, "") or n.startswith("libFoundation")}
    system = {n for n in needed - swift if not n.startswith("ld-linux")}
    packages: dict[str, str] = {}
    for name in system:
        place = places[name]
        for path in (place, os.path.realpath(place), f"/usr{place}", os.path.realpath(place)[4:]):
            found = trial.run(["dpkg", "-S", path])
            if found.returncode == 0:
                packages[name] = found.stdout.split(":")[0]
                break
        else:
            check(False, f"the package of {place} is known")
    final = text[text.rindex("\nFROM ") :]
    installed = set(
        re.findall(r"\b(lib[\w.+-]+|zlib1g)(?=[ \n])", final[final.index("apt-get install") :])
    )
    here = {"libc6", "libgcc-s1"}  # of every Debian
    loaded = {"liblapack3"}
    absent = {one for one in packages.values() if one not in installed | here}
    check(not absent, f"the image has what {', '.join(sorted(system))} are in", absent)
    check(loaded <= installed, "and LAPACK, which the command loads itself", installed)
    unknown = {
        one
        for one in installed
        if trial.run(["dpkg-query", "-W", one]).returncode
        and trial.run(["apt-cache", "show", one]).returncode
    }
    check(not unknown, f"Debian has {', '.join(sorted(installed))}", unknown)


def test(trial: Trial) -> None:
    shards, merge = manifest("job.yaml"), manifest("merge.yaml")
    check_manifests(shards, merge)
    check_image(trial)

    count = shards["spec"]["completions"]
    binaries = trial.folder / "bin"
    binaries.mkdir()
    (binaries / "tessera").symlink_to(trial.tessera)

    def job(which: dict[str, Any], plan: Path) -> Controller:
        # The mount has the plan under the name that the manifest tells.
        data = trial.folder / f"{plan.stem}.data"
        data.mkdir(exist_ok=True)
        if not (data / "out.plan").exists():
            (data / "out.plan").symlink_to(plan)
        logs = trial.folder / f"{plan.stem}.pods"
        logs.mkdir(exist_ok=True)
        controller = Controller(which, data, binaries, logs)
        controllers.append(controller)
        return controller

    controllers: list[Controller] = []
    try:
        run_jobs(trial, job, shards, merge, count)
    except Exception:
        for log in sorted(trial.folder.glob("*.pods/*.log")):
            print(f"--- {log.parent.name}/{log.name}", log.read_text()[-2000:], sep="\n")
        raise
    finally:
        left = [pod for controller in controllers for pod in controller.pods.values()]
        kill([*descendants(pod.pid for pod in left), *(pod.pid for pod in left)])


def run_jobs(
    trial: Trial,
    job: Callable[[dict[str, Any], Path], Controller],
    shards: dict[str, Any],
    merge: dict[str, Any],
    count: int,
) -> None:
    # Kills, evictions, interrupted shards, a broken input.
    plan, out = trial.plan("killed", count)
    trial.fake(6, 75, 73, 74)
    trial.hold()
    controller = job(shards, plan)
    controller.run(lambda: len(trial.held()) == 4, "four pods in the middle")
    running = sorted(shard for _, shard in trial.held())
    check(running == [0, 1, 2, 3], "four pods run, as parallelism says", running)
    controller.disrupt(0, lost=True)
    controller.disrupt(1)
    kill([controller.pods[2].pid])
    pods = {index: controller.pods[index] for index in (0, 1, 2)}
    controller.run(lambda: all(pod.poll() is not None for pod in pods.values()), "three pods to end")
    trial.release()
    statuses = [pods[index].returncode for index in (0, 1, 2)]
    check(
        statuses == [-signal.SIGKILL, 75, -signal.SIGKILL],
        "a node was lost, a pod evicted (75), another killed",
        statuses,
    )
    controller.run()
    expected = {**dict.fromkeys(range(count), 0), 2: 1, 6: 3}
    check(controller.counts == expected, "the disruptions do not count, other kills, 73, 74 and 75 do",
          controller.counts)  # fmt: skip
    expected = {**dict.fromkeys(range(count), 1), 0: 2, 1: 2, 2: 2, 6: 4}
    check(controller.attempts == expected, "those are repeated, and no others", controller.attempts)
    check(
        controller.outcome == "Failed: FailedIndexes" and len(controller.failed) == 1,
        f"65 fails index {min(controller.failed, default=None)} alone: every other shard is done",
        (controller.outcome, controller.failed),
    )
    merging = job(merge, plan)
    merging.run()
    check(merging.outcome.startswith("Failed: 65") and merging.attempts[0] == 1, "merge ends with 65",
          merging.outcome)  # fmt: skip
    trial.same(out)
    trial.no_orphans("no command is left")

    # A status that stops everything.
    plan, out = trial.plan("stopped", count)
    trial.fake(1, "78 late")
    trial.hold()
    controller = job(shards, plan)
    controller.run()
    check(controller.outcome == "Failed: 78 of index 1", "78 fails the Job", controller.outcome)
    check(all(n <= 1 for n in controller.attempts.values()), "at once", controller.attempts)
    trial.no_orphans("the other pods are ended in order, and leave nothing")
    trial.release()

    # Shards that fail for good; then the rest.
    trial.fake(2, *[75] * 9)
    trial.fake(3, 70)
    controller = job(shards, plan)
    controller.run()
    check(controller.attempts[2] == 4, "75 fails an index behind four attempts", controller.attempts)
    check(
        controller.attempts[3] == 1 and 3 in controller.failed, "70 does so at once", controller.failed
    )
    merging = job(merge, plan)
    merging.run()
    check(merging.attempts[0] == 3 and merging.outcome == "Failed: FailedIndexes",
          "merge is repeated twice while shards are missing", merging.attempts)  # fmt: skip
    trial.fake(2)
    controller = job(shards, plan)
    controller.run()
    missing = trial.run([trial.tessera, "status", "--plan", plan, "--missing"]).stdout.strip()
    check(missing == "", "the Job made anew does what is missing", missing)
    merging = job(merge, plan)
    merging.run()
    check(merging.outcome.startswith("Failed: 65"), "merge ends with 65", merging.outcome)
    trial.same(out)
    trial.no_orphans("no command is left")


main("kubernetes", test)
