"""All checks of whether the pods of a revision would start, each asked for by itself."""

import math
from collections.abc import Sequence
from functools import partial

from opsboard.adapter import SourceError, StartCheck, StartReport
from opsboard_adapters.kubernetes.actions.target import TargetObject
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.revisions import WorkloadRevision
from opsboard_adapters.kubernetes.starting.configs import check_configs
from opsboard_adapters.kubernetes.starting.images import image_needs
from opsboard_adapters.kubernetes.starting.named_objects import (
    check_named_objects,
    check_pull_secrets,
)
from opsboard_adapters.kubernetes.starting.nodes import check_nodes
from opsboard_adapters.kubernetes.starting.quota import (
    PodReplacement,
    check_limit_ranges,
    check_quotas,
)
from opsboard_adapters.kubernetes.starting.schema import schema_findings


def revision_checks(target: TargetObject, wanted: WorkloadRevision) -> Sequence[StartCheck]:
    """Return the checks of *wanted*, an old revision of *target*."""
    connection, namespace = target.connection, target.namespace
    spec: ApiObject = wanted.template.get("spec") or {}
    everywhere = target.resource.kind == "DaemonSet"

    async def images() -> StartReport:
        pods = [pod for pod in await _pods(target) if wanted.runs(pod)]
        return await image_needs(connection, spec, pods)

    async def quotas() -> StartReport:
        return await check_quotas(connection, await replacement_of(target, spec))

    async def schema() -> StartReport:
        return StartReport(schema_findings(target.template, wanted.template))

    return (
        StartCheck("its images", images),
        StartCheck("its config", partial(check_configs, connection, namespace, spec)),
        StartCheck("what it names", partial(check_named_objects, connection, namespace, spec)),
        StartCheck("its pull secrets", partial(check_pull_secrets, connection, namespace, spec)),
        StartCheck("limit ranges", partial(check_limit_ranges, connection, namespace, spec)),
        StartCheck("quotas", quotas),
        StartCheck(
            "nodes that could take it",
            partial(check_nodes, connection, spec, everywhere=everywhere),
        ),
        StartCheck("its schema revision", schema),
    )


async def replacement_of(target: TargetObject, spec: ApiObject) -> PodReplacement:
    """Return what is to be admitted for pods of *spec* to take the place of those of *target*."""
    kind = target.resource.kind
    desired = parse_workload(target.connection.cluster, kind, target.workload).desired
    pods = await target.pods()
    surge = desired > 0 and _surges(target, desired)
    return PodReplacement(target.namespace, spec, desired, pods, surge)


async def _pods(target: TargetObject) -> Sequence[ApiObject]:
    try:
        return await target.pods()
    except SourceError:
        return ()


def _surges(target: TargetObject, desired: int) -> bool:
    """Return whether no pod of a Deployment ends before a new one is there.

    Source: *Deployments* in the Kubernetes documentation: 25 % both ways by default, of which what
    may be unavailable is rounded down. Where there may be no pod more either, one is ended first
    (``ResolveFenceposts`` of its controller).
    """
    strategy = target.spec.get("strategy") or {}
    if target.resource.kind != "Deployment" or strategy.get("type") == "Recreate":
        return False
    rolling = strategy.get("rollingUpdate") or {}
    if str(rolling.get("maxSurge", "25%")) in {"0", "0%"}:  # it is rounded up
        return False
    return _is_none(rolling.get("maxUnavailable", "25%"), desired)


def _is_none(given: object, desired: int) -> bool:
    """Return whether *given*, pods or a percentage of *desired*, is none when rounded down."""
    share = str(given).removesuffix("%")
    if share != str(given) and share.isdigit():
        return math.floor(desired * int(share) / 100) == 0
    return share == "0"
