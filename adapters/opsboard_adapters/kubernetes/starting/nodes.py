"""Whether any node could take a pod of a revision: by labels, taints, state and size.

Source: *Assigning Pods to Nodes* and *Taints and Tolerations* in the Kubernetes documentation. How
much of a node is free is not looked at, nor what pods are near: that changes while one looks.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from opsboard.adapter import StartReport
from opsboard_adapters.kubernetes.actions.target import ClusterConnection
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.starting.amounts import amount_text, quantities, taken_by_pod
from opsboard_adapters.kubernetes.starting.found import blocking, doubtful, fine

NODES_PATH: Final = "/api/v1/nodes"
_REPELLING: Final = ("NoSchedule", "NoExecute")
_OF_THE_CLUSTER: Final = "node.kubernetes.io/"
"""Taints that the cluster sets itself, and that pods of DaemonSets tolerate."""
_CORDONED: Final = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
_POOLS: Final = (
    "karpenter.sh/nodepool", "cloud.google.com/gke-nodepool", "eks.amazonaws.com/nodegroup",
    "kubernetes.azure.com/agentpool", "doks.digitalocean.com/node-pool",
)  # fmt: skip
"""Labels of nodes that come from a pool, which may grow when a pod is waiting."""


async def check_nodes(
    connection: ClusterConnection, spec: ApiObject, *, everywhere: bool = False
) -> StartReport:
    """Return whether a node could take a pod of *spec*; *everywhere* is that of a DaemonSet."""
    nodes = await connection.list_all(NODES_PATH)
    reasons = [unfit_reason(node, spec, everywhere=everywhere) for node in nodes]
    fit = reasons.count("")
    if fit:
        of = f"{fit} of {len(nodes)} nodes"
        return StartReport([fine(f"{of} could take its pods, by labels, taints and size", "Nodes")])
    if not nodes:
        return StartReport([blocking("there is no node to take its pods", "Nodes")])
    counted = Counter(reasons).most_common()
    why = ", ".join(f"{count} {reason}" for reason, count in counted)
    if any(label in _labels(node) for node in nodes for label in _POOLS):
        text = f"no node that is there can take its pods, unless a pool of nodes grows: {why}"
        return StartReport([doubtful(text, "Nodes")])
    return StartReport([blocking(f"no node can take its pods: {why}", "Nodes")])


def unfit_reason(node: ApiObject, spec: ApiObject, *, everywhere: bool = False) -> str:
    """Return why *node* cannot take a pod of *spec*, as what follows a number; or ``""``."""
    if not everywhere:
        tolerations = spec.get("tolerations") or ()
        is_cordoned = (node.get("spec") or {}).get("unschedulable")
        if is_cordoned and not _is_tolerated(_CORDONED, tolerations):
            return "cordoned"
        if not _is_ready(node):
            return "not ready"
    if label := _missing_label(node, spec):
        return f"without {label}"
    if taint := _repelling_taint(node, spec, everywhere=everywhere):
        return f"tainted {taint}"
    return _too_small(node, spec)


def _is_ready(node: ApiObject) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    return all(one.get("status") == "True" for one in conditions if one.get("type") == "Ready")


# --- labels --------------------------------------------------------------------------------------


def _labels(node: ApiObject) -> dict[str, Any]:
    return (node.get("metadata") or {}).get("labels") or {}


def _missing_label(node: ApiObject, spec: ApiObject) -> str:
    labels = _labels(node)
    for key, value in (spec.get("nodeSelector") or {}).items():
        if labels.get(key) != value:
            return f"{key}={value}"
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms = required.get("nodeSelectorTerms") or ()
    if terms and not any(_term_fits(node, labels, term) for term in terms):
        return "what its node affinity requires"
    return ""


def _term_fits(node: ApiObject, labels: dict[str, Any], term: ApiObject) -> bool:
    fields = {"metadata.name": (node.get("metadata") or {}).get("name")}
    expressions = term.get("matchExpressions") or ()
    of_fields = term.get("matchFields") or ()
    if not expressions and not of_fields:
        return False
    return all(_expression_fits(labels, one) for one in expressions) and all(
        _expression_fits(fields, one) for one in of_fields
    )


def _expression_fits(values: dict[str, Any], expression: ApiObject) -> bool:
    own = values.get(str(expression.get("key")))
    given: list[Any] = list(expression.get("values") or ())
    operator = expression.get("operator")
    if operator in {"Gt", "Lt"}:
        try:
            left, right = int(str(own)), int(str(given[0]))
        except (ValueError, IndexError):
            return False
        return left > right if operator == "Gt" else left < right
    return {
        "In": own in given,
        "NotIn": own not in given,
        "Exists": own is not None,
        "DoesNotExist": own is None,
    }.get(str(operator), False)


# --- taints --------------------------------------------------------------------------------------


def _repelling_taint(node: ApiObject, spec: ApiObject, *, everywhere: bool) -> str:
    """Return the first taint that a pod of *spec* does not tolerate, or ``""``."""
    tolerations = spec.get("tolerations") or ()
    for taint in (node.get("spec") or {}).get("taints") or ():
        key = str(taint.get("key") or "")
        if taint.get("effect") not in _REPELLING:
            continue
        if everywhere and key.startswith(_OF_THE_CLUSTER):
            continue
        if not _is_tolerated(taint, tolerations):
            value = f"={taint['value']}" if taint.get("value") else ""
            return f"{key}{value}:{taint.get('effect')}"
    return ""


def _is_tolerated(taint: ApiObject, tolerations: Iterable[ApiObject]) -> bool:
    for one in tolerations:
        if (one.get("effect") or taint.get("effect")) != taint.get("effect"):
            continue
        if not one.get("key"):
            if one.get("operator") == "Exists":
                return True
        elif one["key"] == taint.get("key") and (
            one.get("operator") == "Exists"
            or (one.get("value") or "") == (taint.get("value") or "")
        ):
            return True
    return False


# --- size ----------------------------------------------------------------------------------------


def _too_small(node: ApiObject, spec: ApiObject) -> str:
    holds = quantities((node.get("status") or {}).get("allocatable"))
    if not holds:
        return ""
    for resource, wanted in taken_by_pod(spec).requests.items():
        if wanted > holds.get(resource, 0.0):
            return f"too small for {amount_text(resource, wanted)} of {resource}"
    return ""
