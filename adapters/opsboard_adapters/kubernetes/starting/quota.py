"""Whether quotas and limit ranges of a namespace admit the pods of a revision.

Source: *Resource Quotas* and *Limit Ranges* in the Kubernetes documentation. A pod that is not
admitted is never created: its ReplicaSet has an event, and the roll-out stands still.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import StartFinding, StartReport
from opsboard_adapters.kubernetes.actions.target import ClusterConnection
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.resources import api_path
from opsboard_adapters.kubernetes.starting.amounts import (
    NO_DEFAULTS,
    Amounts,
    Defaults,
    Taken,
    amount_text,
    quantities,
    taken_by_container,
    taken_by_pod,
)
from opsboard_adapters.kubernetes.starting.found import blocking, fine
from opsboard_adapters.kubernetes.starting.references import containers_of

_PLAIN: Final = ("cpu", "memory", "ephemeral-storage")
"""Resources of which a quota may leave out ``requests.``"""

_ENDED: Final = ("Succeeded", "Failed")
_SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class PodReplacement:
    """What is to be admitted: *count* pods of *spec* in the place of *pods*.

    With *surge*, a new pod is created before an old one ends.
    """

    namespace: str
    spec: ApiObject
    count: int
    pods: Sequence[ApiObject]
    surge: bool


async def check_limit_ranges(connection: ClusterConnection, namespace: str,
                             spec: ApiObject) -> StartReport:  # fmt: skip
    """Return which limit ranges refuse pods of *spec*."""
    ranges = await _limit_ranges(connection, namespace)
    defaults = defaults_of(ranges)
    findings = [
        blocking(text, f"LimitRange {namespace}/{_name(one)}")
        for one in ranges
        for limits in (one.get("spec") or {}).get("limits") or ()
        for text in _refused(limits, _name(one), spec, defaults)
    ]
    return StartReport(findings)


async def check_quotas(connection: ClusterConnection, replacement: PodReplacement) -> StartReport:
    """Return which quotas do not admit *replacement*."""
    path = api_path("/api/v1", "resourcequotas", replacement.namespace)
    quotas = await connection.list_all(path)
    if not quotas:
        return StartReport()
    defaults = defaults_of(await _limit_ranges(connection, replacement.namespace))
    concerned = [one for one in quotas if _counts(one, replacement.spec, defaults)]
    findings = [one for quota in concerned for one in _of_quota(quota, replacement, defaults)]
    if concerned and not findings:
        names = ", ".join(map(_name, concerned))
        findings.append(
            fine(f"quota {names}: admits its pods", _subject(concerned[0], replacement))
        )
    return StartReport(findings)


def defaults_of(ranges: Sequence[ApiObject]) -> Defaults:
    """Return what *ranges* give to containers that do not say."""
    limits, requests = Amounts(), Amounts()
    for one in ranges:
        for given in (one.get("spec") or {}).get("limits") or ():
            if given.get("type") == "Container":
                limits |= quantities(given.get("default"))
                requests |= quantities(given.get("defaultRequest"))
    return Defaults(limits, requests) if limits or requests else NO_DEFAULTS


async def _limit_ranges(connection: ClusterConnection, namespace: str) -> list[ApiObject]:
    return list(await connection.list_all(api_path("/api/v1", "limitranges", namespace)))


def _refused(limits: ApiObject, name: str, spec: ApiObject, defaults: Defaults) -> Iterator[str]:
    """Yield why a limit range refuses a pod."""
    most, least = quantities(limits.get("max")), quantities(limits.get("min"))
    for who, takes in _takers(limits, spec, defaults):
        for why in (*_above(most, takes), *_below(least, takes)):
            yield f"limit range {name} refuses it: {who} {why}"


def _takers(limits: ApiObject, spec: ApiObject, defaults: Defaults) -> Iterator[tuple[str, Taken]]:
    """Yield what a limit range bounds: each container, or the pod."""
    if limits.get("type") == "Container":
        for one in containers_of(spec):
            yield f"container {one.get('name')}", taken_by_container(one, defaults)
    elif limits.get("type") == "Pod":
        yield "a pod", taken_by_pod(spec, defaults)


def _above(most: Amounts, takes: Taken) -> Iterator[str]:
    for resource, bound in most.items():
        wanted = max(takes.limits.get(resource, 0.0), takes.requests.get(resource, 0.0))
        if resource not in takes.limits:
            yield f"has no limit of {resource}, and has to"
        elif wanted > bound + _SLACK:
            yield (
                f"takes up to {amount_text(resource, wanted)} of {resource}, and "
                f"{amount_text(resource, bound)} is the most"
            )


def _below(least: Amounts, takes: Taken) -> Iterator[str]:
    for resource, bound in least.items():
        wanted = takes.requests.get(resource, 0.0)
        if resource not in takes.requests:
            yield f"requests no {resource}, and has to"
        elif wanted < bound - _SLACK:
            yield (
                f"requests {amount_text(resource, wanted)} of {resource}, and "
                f"{amount_text(resource, bound)} is the least"
            )


# --- quotas --------------------------------------------------------------------------------------


def _of_quota(
    quota: ApiObject, replacement: PodReplacement, defaults: Defaults
) -> Iterator[StartFinding]:
    status = quota.get("status") or {}
    hard = quantities(status.get("hard") or (quota.get("spec") or {}).get("hard"))
    used, subject = quantities(status.get("used")), _subject(quota, replacement)
    for counted, bound in hard.items():
        if lacking := _without(counted, replacement.spec, defaults):
            text = f"quota {_name(quota)} wants {counted} of each container: {lacking} has none"
            yield blocking(text, subject)
            continue
        needed = _taken(counted, replacement.spec, defaults)
        if needed <= 0:
            continue
        own = sum(_taken(counted, pod.get("spec") or {}) for pod in replacement.pods if _lives(pod)
                  and _counts(quota, pod.get("spec") or {}))  # fmt: skip
        now = used.get(counted, 0.0)
        at_end = max(now - own, 0.0) + needed * replacement.count
        wanted = max(at_end, now + needed if replacement.surge else 0.0)
        if wanted > bound + _SLACK:
            yield blocking(
                f"quota {_name(quota)} does not admit its pods: {counted} is "
                f"{amount_text(counted, bound)} at most, {amount_text(counted, now)} is used, "
                f"and they would take it to {amount_text(counted, wanted)}",
                subject,
            )


def _taken(counted: str, spec: ApiObject, defaults: Defaults = NO_DEFAULTS) -> float:
    """Return what a pod takes of what a quota counts as *counted*; 0 for what is not of pods."""
    if counted in {"pods", "count/pods"}:
        return 1.0
    takes = taken_by_pod(spec, defaults)
    if counted.startswith("limits."):
        return takes.limits.get(counted.removeprefix("limits."), 0.0)
    resource = counted.removeprefix("requests.")
    is_of_pods = counted != resource or counted in _PLAIN
    return takes.requests.get(resource, 0.0) if is_of_pods else 0.0


def _without(counted: str, spec: ApiObject, defaults: Defaults) -> str:
    """Return the container that lacks what a quota wants all containers to say, or ``""``."""
    resource = counted.removeprefix("requests.").removeprefix("limits.")
    if resource not in _PLAIN[:2]:
        return ""
    part = 1 if counted.startswith("limits.") else 0
    if resource in taken_by_container(spec)[part]:  # the pod says it for all of them
        return ""
    for one in containers_of(spec):
        if resource not in taken_by_container(one, defaults)[part]:
            return f"container {one.get('name')}"
    return ""


def _lives(pod: ApiObject) -> bool:
    return (pod.get("status") or {}).get("phase") not in _ENDED


def _counts(quota: ApiObject, spec: ApiObject, defaults: Defaults = NO_DEFAULTS) -> bool:
    """Return whether *quota* counts pods of *spec*, by its scopes, once they have *defaults*."""
    wanted = quota.get("spec") or {}
    scopes = wanted.get("scopes") or ()
    if not all(_has_scope(str(scope), spec, defaults) for scope in scopes):
        return False
    expressions = (wanted.get("scopeSelector") or {}).get("matchExpressions") or ()
    return all(_matches(one, spec, defaults) for one in expressions)


def _matches(expression: ApiObject, spec: ApiObject, defaults: Defaults) -> bool:
    if expression.get("scopeName") != "PriorityClass":
        return _has_scope(str(expression.get("scopeName")), spec, defaults)
    own, values = spec.get("priorityClassName") or "", expression.get("values") or ()
    return {
        "In": own in values,
        "NotIn": own not in values,
        "Exists": bool(own),
        "DoesNotExist": not own,
    }.get(str(expression.get("operator")), False)


def _has_scope(scope: str, spec: ApiObject, defaults: Defaults) -> bool:
    ends = spec.get("activeDeadlineSeconds") is not None
    takes = taken_by_pod(spec, defaults)
    best_effort = not any(part.get(name) for part in takes for name in _PLAIN[:2])
    return {
        "Terminating": ends,
        "NotTerminating": not ends,
        "BestEffort": best_effort,
        "NotBestEffort": not best_effort,
        "PriorityClass": bool(spec.get("priorityClassName")),
    }.get(scope, False)


def _name(item: ApiObject) -> str:
    return str((item.get("metadata") or {}).get("name") or "")


def _subject(quota: ApiObject, replacement: PodReplacement) -> str:
    return f"ResourceQuota {replacement.namespace}/{_name(quota)}"
