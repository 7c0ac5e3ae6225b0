"""What the API server refuses in a Job and the schemas do not tell, and what our manifests promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

ACTIONS = {"Ignore", "Count", "FailIndex", "FailJob"}
OPERATORS = {"In", "NotIn"}
REPLACEMENTS = {"TerminatingOrFailed", "Failed"}
MODES = {"Indexed", "NonIndexed"}
CONDITION_STATUSES = {"True", "False", "Unknown"}


def mistakes(job: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a Job."""
    return [*_job(job), *_policy(job), *_pod(job)]


def _job(job: dict[str, Any]) -> Iterator[str]:
    spec = job["spec"]
    mode = spec.get("completionMode", "NonIndexed")
    completions = spec.get("completions")
    if (job.get("apiVersion"), job.get("kind")) != ("batch/v1", "Job"):
        yield "is no Job of batch/v1"
    if mode not in MODES:
        yield f"completionMode {mode}"
    if mode == "Indexed":
        if completions is None:
            yield "Indexed needs completions"
        if spec.get("parallelism", 1) > 100_000:
            yield "parallelism above 100 000"
        if len(job["metadata"]["name"]) + len(str(completions or 0)) + 1 > 63:
            yield "the pods' hostnames would be too long"
    if "backoffLimitPerIndex" in spec:
        if mode != "Indexed":
            yield "backoffLimitPerIndex needs Indexed"
        if spec["backoffLimitPerIndex"] < 0:
            yield "backoffLimitPerIndex below 0"
    if "maxFailedIndexes" in spec:
        if "backoffLimitPerIndex" not in spec:
            yield "maxFailedIndexes needs backoffLimitPerIndex"
        if not 0 <= spec["maxFailedIndexes"] <= (completions or 0):
            yield "maxFailedIndexes is not in 0…completions"
    elif mode == "Indexed" and (completions or 0) > 100_000:
        yield "more than 100 000 completions need maxFailedIndexes"
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", job["metadata"]["name"]):
        yield "the name is no DNS label"


def _policy(job: dict[str, Any]) -> Iterator[str]:
    spec = job["spec"]
    replacement = spec.get("podReplacementPolicy")
    if replacement is not None and replacement not in REPLACEMENTS:
        yield f"podReplacementPolicy {replacement}"
    if "podFailurePolicy" not in spec:
        return
    if replacement not in (None, "Failed"):
        yield "with podFailurePolicy, podReplacementPolicy has to be Failed"
    if spec["template"]["spec"].get("restartPolicy") != "Never":
        yield "podFailurePolicy needs restartPolicy Never"
    rules = spec["podFailurePolicy"]["rules"]
    if len(rules) > 20:
        yield "more than 20 rules"
    pod = spec["template"]["spec"]
    names = {one["name"] for one in pod["containers"] + pod.get("initContainers", [])}
    for rule in rules:
        if rule["action"] not in ACTIONS:
            yield f"action {rule['action']}"
        if rule["action"] == "FailIndex" and "backoffLimitPerIndex" not in spec:
            yield "FailIndex needs backoffLimitPerIndex"
        if ("onExitCodes" in rule) == ("onPodConditions" in rule):
            yield "a rule has to have either onExitCodes or onPodConditions"
        if codes := rule.get("onExitCodes"):
            values = codes["values"]
            if codes["operator"] not in OPERATORS:
                yield f"operator {codes['operator']}"
            if not 1 <= len(values) <= 255 or values != sorted(set(values)):
                yield f"values {values} are not 1 to 255 in order, each once"
            if codes["operator"] == "In" and 0 in values:
                yield "In cannot have 0"
            if "containerName" in codes and codes["containerName"] not in names:
                yield f"there is no container {codes['containerName']}"
        for condition in rule.get("onPodConditions", []):
            if condition.get("status", "True") not in CONDITION_STATUSES:
                yield f"status {condition['status']}"


def _pod(job: dict[str, Any]) -> Iterator[str]:
    pod = job["spec"]["template"]["spec"]
    if pod.get("restartPolicy") not in {"Never", "OnFailure"}:
        yield f"restartPolicy {pod.get('restartPolicy')}"
    volumes = {volume["name"] for volume in pod.get("volumes", [])}
    for container in pod["containers"]:
        given = {one["name"] for one in container.get("env", [])}
        if job["spec"].get("completionMode") == "Indexed":
            given.add("JOB_COMPLETION_INDEX")
        for word in container.get("command", []) + container.get("args", []):
            for name in re.findall(r"(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_]*)\)", word):
                if name not in given:
                    yield f"nothing gives $({name})"
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in volumes:
                yield f"there is no volume {mount['name']}"


def broken_promises(job: dict[str, Any]) -> list[str]:
    """Where the shards' Job does not treat statuses as Tessera means them."""
    rules = job["spec"]["podFailurePolicy"]["rules"]

    def action(status: int) -> str:
        for rule in rules:
            if status in rule.get("onExitCodes", {}).get("values", []):
                return rule["action"]
        return "Count"

    expected = {
        **dict.fromkeys((64, 66, 78), "FailJob"),
        **dict.fromkeys((65, 70), "FailIndex"),
        **dict.fromkeys((73, 74, 75, 137, 143), "Count"),
    }
    wrong = [f"{s}: {action(s)}, not {a}" for s, a in expected.items() if action(s) != a]
    if rules[0] != {
        "action": "Ignore",
        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
    }:
        wrong.append("the first rule does not ignore disruptions")
    if not job["spec"]["template"]["spec"].get("securityContext", {}).get("runAsNonRoot"):
        wrong.append("it may run as root")
    return wrong
