"""Columns of roll-outs.

Two things share this pane: workloads of a cluster, and what a CI server says it deployed. Both are
often called the same, so the one that has no replicas says in their place whose word it is.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from opsboard.kinds.ages import since_epoch
from opsboard.kinds.columns import (
    ENVIRONMENT,
    MESSAGE,
    NAME,
    REASON,
    SOURCE,
    STATUS,
    Cell,
    CellRole,
    Column,
    age_cell,
    text_column,
)
from opsboard.kinds.declaration import BoardKind
from opsboard.kinds.names import Place, place_of_fields, within, within_namespace
from opsboard.kinds.rules import AlertRule, FailureRule
from opsboard.kinds.sparkline import share_bar
from opsboard.records import Deployment, Kind, Status
from opsboard.records.commits import short_sha

_HASH = 7
"""Characters of a revision that is named by a hash, as git shortens its own."""


def _is_workload(record: Deployment) -> bool:
    """Tell whether it runs in a cluster: what a CI server deployed names no image."""
    return bool(record.images)


def _ready(record: Deployment, _: datetime) -> Cell:
    if not _is_workload(record):
        return Cell(record.workload, role=CellRole.MUTED)
    if not record.desired and not record.ready:
        return Cell("")
    short = record.ready < record.desired
    text, status = f"{record.ready}/{record.desired}", record.status if short else None
    role = CellRole.PLAIN if short else CellRole.MUTED
    bar = Cell(f"{share_bar(record.ready, record.desired)} ", status, role)
    return Cell(text, status, parts=(bar, Cell(text, status)))


def _share(record: Deployment) -> float:
    return record.ready / record.desired if record.desired else 1.0


def image_tag(image: str) -> str:
    """Return what tells versions of an image apart: its tag, or the start of its digest."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return tag or digest.rpartition(":")[2][:12]


def image_tags(images: Iterable[str]) -> str:
    """Return the versions of *images*, each once: a sidecar is often of the same one."""
    return ", ".join(dict.fromkeys(filter(None, map(image_tag, images))))


def deployed_version(record: Deployment) -> str:
    """Return what was deployed: the versions of the images, or where there are none, the commit."""
    return image_tags(record.images) or short_sha(record.commit)


def _version(record: Deployment, _: datetime) -> Cell:
    return Cell(deployed_version(record))


def _revision(record: Deployment, _: datetime) -> Cell:
    """A CI server's deployment ids tell nobody anything; a workload's revisions do."""
    shown = record.revision if _is_workload(record) else ""
    return Cell(shown if shown.isdigit() else shown[:_HASH], role=CellRole.MUTED)


def _revision_key(record: Deployment) -> tuple[int, str]:
    return (int(record.revision), "") if record.revision.isdigit() else (0, record.revision)


def _since(record: Deployment, now: datetime) -> Cell:
    """How long it has been as it is: a workload's own age says nothing of its roll-out."""
    return age_cell(record.updated_at or record.created_at, now)


def _since_key(record: Deployment) -> float:
    return since_epoch(record.updated_at or record.created_at)


def _workload(record: Deployment, _: datetime) -> Cell:
    return Cell(record.workload, role=CellRole.MUTED)


COLUMNS = (
    STATUS,
    NAME,
    ENVIRONMENT,
    Column("ready", "ready", _ready, _share, 8, 11, 1, right=True),
    Column("version", "version", _version, lambda r: r.images, 8, 24, 2),
    Column("revision", "rev", _revision, _revision_key, 4, _HASH, 3),
    REASON,
    text_column("cluster", "cluster", 14, 22, priority=4),
    text_column("namespace", "namespace", 10, 22, priority=5),
    Column("workload", "kind", _workload, lambda r: r.workload, 6, 12, 7),
    MESSAGE,
    Column("age", "since", _since, _since_key, 5, 6, 1, right=True, ticks=True),
    SOURCE,
)


WORKLOADS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""What Kubernetes rolls out; the deployments of a CI server have the server's own word."""
_STANDS_STILL: Final = frozenset({"", "Paused"})
"""Reasons of a roll-out that somebody has stopped: nothing is wrong with its version."""


class DeploymentAlertRule(AlertRule[Deployment]):
    """A roll-out at a warning has a verdict too: nothing of it goes on by itself."""

    def has_verdict(self, record: Deployment) -> bool:
        return record.status is not Status.RUNNING

    def failure_id(self, record: Deployment) -> str:
        return f"deployment:{record.id}:{record.revision}"


class DeploymentFailureRule(FailureRule[Deployment]):
    """A roll-out fails at a revision, and at the commit that it is made of."""

    ends_with_record = True

    def versions(self, record: Deployment) -> Iterable[str]:
        return (record.revision, record.commit)

    def fails(self, record: Deployment) -> bool:
        """Tell whether its version does not work.

        A roll-out of which the new pods crash is a warning for as long as the old ones serve and it
        has not run into its deadline: who is quick to go back has seen it crash all the same.
        """
        crashes = record.status is Status.WARNING and record.reason not in _STANDS_STILL
        return record.status is Status.FAILED or (crashes and record.desired > 0)

    def restart_number(self, record: Deployment) -> int | None:
        return int(record.revision) if record.revision.isdecimal() else None


def _qualified_name(record: Deployment) -> str:
    if record.workload in WORKLOADS:
        return within_namespace(record)
    return within(record.cluster, record.namespace) if record.cluster else record.name


def _unique_in(record: Deployment) -> str:
    return record.cluster or record.source if record.workload in WORKLOADS else record.source


_IN_CLUSTERS: Final = WORKLOADS | {"InferenceService"}


def _place(record: Deployment) -> Place:
    """Return where a workload is; for a CI server, neither field is a cluster or a namespace."""
    return place_of_fields(record) if record.workload in _IN_CLUSTERS else Place()


DEPLOYMENT: Final = BoardKind(
    Kind.DEPLOYMENT,
    Deployment,
    precedence=3,
    identities=(
        "workload", "image", "image-tag", "commit", "run", "pull-request", "model-version",
        "model-alias", "logged-model", "resource", "service-address", "cluster",
        "image-repository",
    ),
    represents=("workload",),
    in_use=True,
    title="Deployments",
    columns=COLUMNS,
    search=(
        "name", "namespace", "cluster", "reason", "message", "environment", "workload", "revision",
        "commit",
    ),
    aliases=("deployment", "deploy", "dp"),
    number=2,
    alert=DeploymentAlertRule(),
    failures=DeploymentFailureRule(),
    qualified_name=_qualified_name,
    unique_in=_unique_in,
    place=_place,
    heartbeat=("updated_at", "message", "updated", "ready", "available"),
    dated_by=("updated_at",),
)  # fmt: skip
