"""Deployments, StatefulSets and DaemonSets as records: how far the roll-out is, and what blocks it.

Source of the roll-out's status: ``kubectl rollout status``, that is
``pkg/polymorphichelpers/rollout_status.go`` of kubectl (1.36).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from opsboard.records import Claim, Deployment, Status, Strength, stated
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, Diagnosis, common_fields
from opsboard_adapters.kubernetes.parse.called_services import called_services, own_address
from opsboard_adapters.kubernetes.parse.configs import read_configs
from opsboard_adapters.kubernetes.parse.declarations import (
    commit_of,
    declared_commits,
    declared_labels,
    rolled_out_by,
)
from opsboard_adapters.kubernetes.parse.images import (
    PodImages,
    image_places,
    workload_image_claims,
)
from opsboard_adapters.kubernetes.parse.served_models import served_models
from opsboard_adapters.kubernetes.structs import V1Workload, controller_of, find_condition

REVISION_ANNOTATION: Final = "deployment.kubernetes.io/revision"
TEMPLATE_GENERATION_ANNOTATION: Final = "deprecated.daemonset.template.generation"
DEADLINE_EXCEEDED: Final = "ProgressDeadlineExceeded"
ROLLED_OUT: Final = "NewReplicaSetAvailable"


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """Whether a roll-out is *done*, or has *failed* for good, and kubectl's sentence for it."""

    done: bool
    message: str
    failed: bool = False


def rollout_status(kind: str, item: V1Workload) -> RolloutStatus:
    """Return the roll-out status of a workload of that API *kind*."""
    return _STATUS_OF[kind](item)


def _deployment(item: V1Workload) -> RolloutStatus:
    status = item.status
    if not _observed(item):
        return RolloutStatus(False, "waiting for the spec update to be observed")
    progressing = find_condition(status.conditions, "Progressing")
    if progressing.reason == DEADLINE_EXCEEDED:
        return RolloutStatus(False, progressing.message or DEADLINE_EXCEEDED, failed=True)
    wanted, updated, replicas = item.spec.replicas, status.updated_replicas, status.replicas
    available = status.available_replicas or 0
    if updated < wanted:
        return RolloutStatus(False, f"{updated} of {wanted} new replicas have been updated")
    if replicas > updated:
        return RolloutStatus(False, f"{replicas - updated} old replicas are pending termination")
    if available < updated:
        return RolloutStatus(False, f"{available} of {updated} updated replicas are available")
    return RolloutStatus(True, "rolled out")


def _daemon_set(item: V1Workload) -> RolloutStatus:
    status = item.status
    wanted, updated = status.desired_number_scheduled, status.updated_number_scheduled
    available = status.number_available
    if not replaces_pods(item):
        return _by_hand(item, status.number_ready, wanted, updated)
    if not _observed(item):
        return RolloutStatus(False, "waiting for the spec update to be observed")
    if updated < wanted:
        return RolloutStatus(False, f"{updated} of {wanted} new pods have been updated")
    if available < wanted:
        return RolloutStatus(False, f"{available} of {wanted} updated pods are available")
    return RolloutStatus(True, "rolled out")


def _stateful_set(item: V1Workload) -> RolloutStatus:
    status = item.status
    wanted, ready, updated = item.spec.replicas, status.ready_replicas, status.updated_replicas
    if not replaces_pods(item):
        return _by_hand(item, ready, wanted, updated)
    if not status.observed_generation or not _observed(item):
        return RolloutStatus(False, "waiting for the spec update to be observed")
    if ready < wanted:
        return RolloutStatus(False, f"waiting for {_pods(wanted - ready)} to be ready")
    if "rollingUpdate" in item.spec.update_strategy:
        return _partitioned(wanted - partition_of(item), updated)
    if status.update_revision != status.current_revision:
        return RolloutStatus(False, f"{_pods(updated)} at revision {status.update_revision}")
    return RolloutStatus(True, "rolled out")


def _pods(count: int) -> str:
    return "1 pod" if count == 1 else f"{count} pods"


def _partitioned(new: int, updated: int) -> RolloutStatus:
    """Return the status by numbers alone, as kubectl does where ``rollingUpdate`` is set."""
    message = f"partitioned: {updated} of {new} new pods have been updated"
    return RolloutStatus(updated >= new, message)


def _by_hand(item: V1Workload, ready: int, wanted: int, updated: int) -> RolloutStatus:
    """Return the status of a workload whose pods are deleted by hand, which kubectl refuses."""
    if ready < wanted:
        return RolloutStatus(False, f"{ready} of {_pods(wanted)} ready")
    strategy = item.spec.update_strategy.get("type") or "no strategy"
    return RolloutStatus(True, f"{strategy}: {updated} of {wanted} pods are at the new revision")


def _observed(item: V1Workload) -> bool:
    return item.metadata.generation <= item.status.observed_generation


def replaces_pods(item: V1Workload) -> bool:
    """Return whether the controller of a StatefulSet or DaemonSet replaces pods by itself."""
    return item.spec.update_strategy.get("type") == "RollingUpdate"


def partition_of(item: V1Workload) -> int:
    """Return below which ordinal the pods of a StatefulSet keep the old revision."""
    rolling = item.spec.update_strategy.get("rollingUpdate")
    partition = rolling.get("partition") if isinstance(rolling, dict) else None
    return partition if isinstance(partition, int) else 0


_STATUS_OF: Final = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
}


# --- records -------------------------------------------------------------------------------------


class PodsOfWorkload(NamedTuple):
    """What the pods of a workload say.

    It is the worst *problem* of those that count, if any; the *images* of those of the present
    revision; the *template* that these are made of, ``""`` where it is not known; and what models
    the others serve, *older* ones: each time all those of one pod. *since* is when the revision was
    rolled out for the first and only time (RFC 3339), ``""`` where that is not known.
    """

    problem: Diagnosis | None = None
    images: frozenset[PodImages] = frozenset()
    template: str = ""
    older: frozenset[tuple[Claim, ...]] = frozenset()
    since: str = ""


NO_PODS: Final = PodsOfWorkload()


class Declared(NamedTuple):
    """What a workload declares about itself; *models* are those of its pod template."""

    models: tuple[Claim, ...]
    inputs: tuple[Claim, ...]
    labels: tuple[tuple[str, str], ...]
    commit: str
    actor: str


def parse_declarations(cluster: ClusterContext, kind: str, item: V1Workload) -> Declared:
    """Return what a workload of that API *kind* declares about itself."""
    owner = "/".join(filter(None, controller_of(item)))
    return Declared(
        served_models(item, cluster.model_env),
        stated(
            *declared_commits(item),
            *read_configs(cluster, item),
            *called_services(cluster, item),
            *cluster.workload(item.metadata.namespace, owner, "owner reference"),
            *image_places(item),
            *cluster.place(),
        ),
        declared_labels(item),
        commit_of(item),
        rolled_out_by(item),
    )


def deployed_at(
    cluster: ClusterContext, kind: str, item: V1Workload, pods: PodsOfWorkload
) -> datetime | None:
    """Return when a workload was last rolled out to its end, or ``None`` where nothing says so.

    A Deployment says it: its controller updates the condition when a roll-out is complete, also
    that of a rollback, whose ReplicaSet is older. It may be later than that, where a roll-out was
    paused and resumed without a change. The condition has to name the template that its pods are
    made of: it may be that of an earlier roll-out. Neither a StatefulSet nor a DaemonSet keeps such
    a time: of those it is when the only roll-out of their revision began, once it is through.
    """
    if kind != "Deployment":
        return cluster.time(pods.since) if has_reached_all(kind, item) else None
    progressing = find_condition(item.status.conditions, "Progressing")
    if progressing.reason != ROLLED_OUT or not _observed(item):
        return None
    status = item.status
    if (
        status.replicas != status.updated_replicas
        or f'"{pods.template}"' not in progressing.message
    ):
        return None
    return cluster.time(progressing.last_update_time or progressing.last_transition_time)


def has_reached_all(kind: str, item: V1Workload) -> bool:
    """Return whether all pods of a StatefulSet or DaemonSet are of its revision, ready or not."""
    status = item.status
    if kind == "DaemonSet":
        return _observed(item) and (
            status.updated_number_scheduled >= status.desired_number_scheduled
        )
    return (
        _observed(item)
        and status.current_revision == status.update_revision
        and status.updated_replicas >= status.replicas
    )


def parse_workload(
    cluster: ClusterContext,
    kind: str,
    item: V1Workload,
    pods: PodsOfWorkload = NO_PODS,
    declared: Declared | None = None,
) -> Deployment:
    """Return the record of a workload, given what its *pods* say.

    *declared* is what is known already of an *item* that has been slimmed since.
    """
    found = _diagnose(kind, item, pods.problem)
    declared = declared or parse_declarations(cluster, kind, item)
    meta = item.metadata
    fields = common_fields(cluster, item) | {
        "id": cluster.record_id(meta.namespace, f"{kind}/{meta.name}")
    }
    progressing = find_condition(item.status.conditions, "Progressing")
    labels = dict(declared.labels)
    return Deployment(
        **(fields | _counts(kind, item)),
        workload=kind,
        status=found.status,
        reason=found.reason,
        message=found.message,
        updated_at=cluster.time(progressing.last_update_time),
        revision=revision(kind, item),
        images=tuple(container.image for container in item.spec.template.spec.containers),
        commit=declared.commit,
        paused=item.spec.paused,
        deployed_at=deployed_at(cluster, kind, item, pods),
        app=labels.get("app.kubernetes.io/name", ""),
        part_of=labels.get("app.kubernetes.io/part-of", ""),
        instance=labels.get("app.kubernetes.io/instance", ""),
        labels=declared.labels,
        actor=declared.actor,
        inputs=stated(
            *workload_image_claims(item, pods.images),
            *live_models(item, declared.models, pods),
            *declared.inputs,
        ),
        outputs=(
            *cluster.workload(meta.namespace, f"{kind}/{meta.name}", kind),
            *own_address(cluster, item),
        ),
    )


def live_models(
    item: V1Workload, models: tuple[Claim, ...], pods: PodsOfWorkload
) -> tuple[Claim, ...]:
    """Return the models that a workload serves; *models* are those of its template.

    While pods of another template serve another one, theirs are what is known to be served, and
    that of the template is a candidate: the roll-out may be stuck, or taken back.
    """
    own = {claim.identity for claim in models}
    others = [some for some in pods.older if {claim.identity for claim in some} != own]
    unseen = (
        not (pods.older or pods.template) and item.status.replicas > item.status.updated_replicas
    )
    if not (others or unseen):
        return models
    coming = (
        one._replace(strength=Strength.CANDIDATE, rule=f"{one.rule}, being rolled out")
        for one in models
        if not any(one.identity == other.identity for some in others for other in some)
    )
    running = {
        one._replace(rule=f"{one.rule} of pods that are to be replaced")
        for some in others
        for one in some
    }
    return stated(*sorted(running), *coming)


def revision(kind: str, item: V1Workload) -> str:
    """Return the revision that a rollback would name, as far as the object itself has it."""
    meta = item.metadata
    if kind == "Deployment":
        return meta.annotations.get(REVISION_ANNOTATION, "")
    if kind == "DaemonSet":
        return meta.annotations.get(TEMPLATE_GENERATION_ANNOTATION, "")
    return item.status.update_revision.removeprefix(f"{meta.name}-")


def _diagnose(kind: str, item: V1Workload, problem: Diagnosis | None) -> Diagnosis:
    rollout = rollout_status(kind, item)
    blocked = _blocked(item)
    if rollout.done:
        return _done(problem, rollout)
    cause = problem or blocked
    if rollout.failed:
        reason = cause.reason if cause else DEADLINE_EXCEEDED
        return Diagnosis(Status.FAILED, reason, _sentence(rollout.message, cause))
    if cause is not None:
        down = _counts(kind, item)["available"] == 0
        status = Status.FAILED if down else Status.WARNING
        return Diagnosis(status, cause.reason, _sentence(rollout.message, cause))
    if item.spec.paused:
        return Diagnosis(Status.WARNING, "Paused", rollout.message)
    return Diagnosis(Status.RUNNING, "Progressing", rollout.message)


def _done(problem: Diagnosis | None, rollout: RolloutStatus) -> Diagnosis:
    """A roll-out that is done may still have a pod that restarts over and over."""
    if problem is not None:
        return Diagnosis(Status.WARNING, problem.reason, problem.message)
    return Diagnosis(Status.OK, "", rollout.message)


def _blocked(item: V1Workload) -> Diagnosis | None:
    """Return why no pod can be created at all (quota, admission), or ``None``."""
    failure = find_condition(item.status.conditions, "ReplicaFailure")
    if not failure.holds:
        return None
    exceeded = "exceeded quota" in failure.message
    return Diagnosis(
        Status.FAILED,
        "QuotaExceeded" if exceeded else failure.reason or "Blocked",
        failure.message,
    )


def _sentence(status: str, cause: Diagnosis | None) -> str:
    return with_cause(status, cause.message if cause else "")


def with_cause(status: str, cause: str) -> str:
    """Return *status* with its *cause* after it; a server ends some of its words with a stop."""
    return f"{status.removesuffix('.')}: {cause}" if cause else status


def _counts(kind: str, item: V1Workload) -> dict[str, int]:
    status = item.status
    if kind == "DaemonSet":
        return {
            "desired": status.desired_number_scheduled,
            "updated": status.updated_number_scheduled,
            "ready": status.number_ready,
            "available": status.number_available,
        }
    available = status.available_replicas
    if available is None:
        available = status.ready_replicas if kind == "StatefulSet" else 0
    return {
        "desired": item.spec.replicas,
        "updated": status.updated_replicas,
        "ready": status.ready_replicas,
        "available": available,
    }
