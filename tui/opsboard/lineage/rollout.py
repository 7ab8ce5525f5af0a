"""What a workload runs while another revision of it is rolled out, and while it is scaled to 0.

A workload is made of its present revision. Until that has reached all of its pods, and where it is
stuck, others still run what was before: then the pods say what is live.
"""

from collections.abc import Iterator
from typing import Final

from opsboard.lineage.index import LineageIndex
from opsboard.lineage.origin import origin_of
from opsboard.records import Claim, Deployment, Identity, Pod, Status
from opsboard.records.claims import WORKLOAD

_WITH_REPLICAS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def is_rolling_out(workload: Deployment) -> bool:
    """Tell whether *workload* has not reached all of its pods, be it under way or stuck."""
    if workload.status is Status.RUNNING:
        return True
    begun = workload.updated > 0 or workload.available > 0 or workload.status is Status.FAILED
    return workload.updated < workload.desired and begun


def is_scaled_to_zero(workload: Deployment) -> bool:
    """Tell whether *workload* is to have no pods, and has none."""
    counts = (workload.desired, workload.updated, workload.ready, workload.available)
    return workload.workload in _WITH_REPLICAS and not any(counts)


def commits_of_pods(index: LineageIndex, workload: Deployment) -> list[Identity | None]:
    """Return the commits that the ready pods of *workload* are made of, each once.

    ``None`` among them stands for pods of which that is not known.
    """
    known: dict[tuple[Claim, ...], tuple[Identity | None, ...]] = {}
    for pod in _pods(index, workload):
        if pod.ready > 0 and pod.inputs not in known:
            known[pod.inputs] = origin_of(index, pod).commits or (None,)
    return list(dict.fromkeys(one for some in known.values() for one in some))


def _pods(index: LineageIndex, workload: Deployment) -> Iterator[Pod]:
    for identity in index.represented(workload):
        if identity.type == WORKLOAD:
            for ref in sorted(index.consumers(identity)):
                record = index.record(ref)
                if isinstance(record, Pod):
                    yield record
