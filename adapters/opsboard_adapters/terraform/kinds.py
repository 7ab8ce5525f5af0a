"""How workspaces and resources are shown, and when a workspace is an alert."""

from datetime import datetime
from typing import Final

from opsboard.kinds import (
    ENVIRONMENT,
    MESSAGE,
    NAME,
    REASON,
    SOURCE,
    STATUS,
    AlertRule,
    AlertRules,
    Cell,
    CellRole,
    ChangeRule,
    Column,
    RecordKind,
    age_column,
    number_column,
    text_column,
)
from opsboard.records.claims import (
    CLUSTER,
    IMAGE,
    IMAGE_REPOSITORY,
    IMAGE_TAG,
    RESOURCE,
    WORKLOAD,
)
from opsboard_adapters.terraform.records import RESOURCE as RESOURCE_KIND
from opsboard_adapters.terraform.records import WORKSPACE as WORKSPACE_KIND
from opsboard_adapters.terraform.records import Concern, ManagedResource, PlannedAction, Workspace

STATE: Final = "terraform-state"
"""The type of identity that joins a workspace and its resources: the lineage of the state."""


class WorkspaceAlertRule(AlertRule[Workspace]):
    """Drift, a plan that failed, and a lock that is held for long, or by nobody any more."""

    def series(self, record: Workspace, rules: AlertRules) -> tuple[str, ...]:
        return record.ref

    def has_verdict(self, record: Workspace) -> bool:
        return True

    def is_failing(self, record: Workspace) -> bool:
        return record.concern is not Concern.NONE

    def has_recovered(self, record: Workspace) -> bool:
        return record.concern is Concern.NONE

    def failure_id(self, record: Workspace) -> str:
        mark = record.lock_id if record.concern is Concern.LOCK else record.serial
        return f"{record.kind}:{record.id}:{record.concern}:{mark}"

    def since(self, record: Workspace) -> datetime | None:
        return record.locked_since if record.concern is Concern.LOCK else record.planned_at


class ApplyRule(ChangeRule[Workspace]):
    """A new serial is an apply; locks and plans only tell how it is doing."""

    word = "apply"

    def words(self, before: Workspace, after: Workspace) -> tuple[str, str] | None:
        if (before.serial, before.lineage) == (after.serial, after.lineage):
            return None
        was = f"serial {before.serial}" if before.serial is not None else ""
        now = signed(after.added, after.changed, after.removed)
        return was, f"{after.serial} {now}".strip() if after.serial is not None else "no state"

    def arrival(self, record: Workspace) -> str:
        return f"serial {record.serial}"

    def is_there(self, record: Workspace) -> bool:
        return record.serial is not None


class ResourceChangeRule(ChangeRule[ManagedResource]):
    """A resource is another one where its attributes are."""

    word = "apply"

    def words(self, before: ManagedResource, after: ManagedResource) -> tuple[str, str] | None:
        if before.fingerprint == after.fingerprint or not after.fingerprint:
            return None
        what = "changed" if before.fingerprint else "created"
        return "", f"{what} by serial {after.serial}"

    def is_there(self, record: ManagedResource) -> bool:
        return bool(record.fingerprint) or record.planned is not PlannedAction.CREATE


def signed(added: int | None, changed: int | None, removed: int | None) -> str:
    """Return counts of addresses as ``+3 ~1 -2``; ``""`` where they are not known."""
    if added is None or changed is None or removed is None:
        return ""
    told = ((added, "+"), (changed, "~"), (removed, "-"))
    return " ".join(f"{sign}{count:,}" for count, sign in told if count) or "no change"


def apply_text(record: Workspace) -> str:
    """Return the serial with what its apply has changed, as far as that is known."""
    if record.serial is None:
        return ""
    return f"#{record.serial} {signed(record.added, record.changed, record.removed)}".strip()


def _plan(record: Workspace, _: datetime) -> Cell:
    if record.planned_at is None and not (record.pending or record.drifted):
        return Cell("")
    if record.plan_outdated:
        return Cell("outdated", role=CellRole.MUTED)
    counts = signed(record.create, record.update + record.replace, record.delete)
    return Cell(counts, role=CellRole.MUTED if counts == "no change" else CellRole.PLAIN)


def _drift(record: Workspace, _: datetime) -> Cell:
    count = 0 if record.plan_outdated else record.drifted
    return Cell(str(count) if count else "", record.display_status if count else None)


def lock_text(record: Workspace) -> str:
    """Return who holds the lock, and for what; ``""`` for nobody."""
    if not record.is_locked:
        return ""
    return f"{record.operation or 'locked'} by {record.locked_by or 'somebody'}"


WORKSPACE_COLUMNS: Final = (
    STATUS,
    NAME,
    REASON,
    Column(
        "serial", "apply", lambda record, _: Cell(apply_text(record)),
        lambda record: -1 if record.serial is None else record.serial, 10, 18, 1,
    ),
    age_column("applied_at", "applied", name="applied"),
    number_column("resources", "resources", 9, priority=2),
    Column("plan", "plan", _plan, lambda record: record.pending, 9, 14, 2),
    Column("drifted", "drift", _drift, lambda record: record.drifted, 5, 5, 1, right=True),
    Column(
        "lock", "lock", lambda record, _: Cell(lock_text(record)), lock_text, 8, 30, 3,
    ),
    text_column("terraform_version", "version", 7, 10, priority=5),
    text_column("backend", "backend", 7, 10, priority=6),
    ENVIRONMENT,
    MESSAGE,
    text_column("location", "location", 12, 60, priority=9),
    SOURCE,
)  # fmt: skip


def _planned(record: ManagedResource, _: datetime) -> Cell:
    return Cell(record.planned)


def _drifted(record: ManagedResource, _: datetime) -> Cell:
    return Cell(record.drift, record.display_status if record.drift else None)


RESOURCE_COLUMNS: Final = (
    STATUS,
    text_column("address", "address", 40, 70, priority=0),
    text_column("workspace", "workspace", 9, 24, priority=1),
    REASON,
    Column("planned", "plan", _planned, lambda record: record.planned, 7, 8, 2),
    Column("drift", "drift", _drifted, lambda record: record.drift, 6, 8, 2),
    text_column("resource_type", "type", 12, 34, priority=3),
    text_column("provider", "provider", 9, 44, priority=6),
    Column("mode", "mode", lambda record, _: Cell(record.mode), lambda it: it.mode, 7, 7, 7),
    ENVIRONMENT,
    SOURCE,
)

WORKSPACE: Final = RecordKind(
    WORKSPACE_KIND,
    Workspace,
    title="Workspaces",
    aliases=("workspace", "terraform", "tofu"),
    columns=WORKSPACE_COLUMNS,
    alert=WorkspaceAlertRule(),
    changes=ApplyRule(),
    identities=(STATE,),
    represents=(STATE,),
    # what a look has seen beside the state itself is no change of it: a restart has not seen it
    heartbeat=(
        "updated_at", "message", "applied_at", "applied_by", "added", "changed", "removed",
        "planned_at", "create", "update", "delete", "replace",
    ),
    dated_by=("applied_at",),
    actor="applied_by",
    in_status=False,
)  # fmt: skip
RESOURCE_OF_STATE: Final = RecordKind(
    RESOURCE_KIND,
    ManagedResource,
    title="Infrastructure",
    plural="resources",
    pane="infrastructure",
    aliases=("tf-resources", "iac"),
    columns=RESOURCE_COLUMNS,
    search=("address", "resource_type", "provider", "workspace", "reason", "environment"),
    identities=(STATE, WORKLOAD, RESOURCE, IMAGE, IMAGE_TAG, CLUSTER, IMAGE_REPOSITORY),
    heartbeat=("updated_at", "message", "serial", "applied_at", "planned", "drift"),
    dated_by=("applied_at",),
    changes=ResourceChangeRule(),
    cached=False,
    in_status=False,
)
