"""What a Terraform or OpenTofu state holds, as records: workspaces, and the resources in them.

No value of an attribute or output is in any field: names, addresses, counts, times, and the few
identities that :mod:`.attributes` lists.
"""

from enum import StrEnum

from opsboard.frozen import Frozen, frozen
from opsboard.records import Kind, Record, Text, UtcDatetime

WORKSPACE: Kind = Kind("terraform-workspace")
RESOURCE: Kind = Kind("terraform-resource")


class Mode(StrEnum):
    """Whether Terraform manages a thing, or only reads it."""

    MANAGED = "managed"
    DATA = "data"


class PlannedAction(StrEnum):
    """What a plan would do to a resource, or what has become of it outside of Terraform."""

    NOTHING = ""
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    FORGET = "forget"


class Concern(StrEnum):
    """Why a workspace is an alert, if it is."""

    NONE = ""
    DRIFT = "drift"
    LOCK = "lock"
    PLAN = "plan"


@frozen
class Output(Frozen):
    """An output of a root module; its value is never read."""

    name: Text
    sensitive: bool = False


@frozen
class Workspace(Record):
    """A workspace: one state.

    *backend* is ``local``, ``http``, ``s3`` or ``kubernetes``, *location* the address of the state
    there. *state_version*, *serial*, *lineage* and *terraform_version* are as in the state;
    *applied_at* is when it was last written, where that is known. *resources* counts the instances
    of managed resources. *added*, *changed* and *removed* count addresses between the serial before
    and this one, where both were seen (``None``: they were not). *applied_by* is who held the lock
    for that, where a lock was seen.

    A lock: *locked_by*, *operation*, *locked_since*, *lock_id*; *lock_left_over* says that no
    process holds it any more.

    The latest plan: *planned_at*; how many addresses it would *create*, *update*, *delete* and
    *replace*; how many are *drifted*. *plan_outdated*: the state was written since.
    """

    kind: Kind = WORKSPACE
    backend: Text
    location: Text
    state_version: int = 0
    serial: int | None = None
    lineage: Text = ""
    terraform_version: Text = ""
    applied_at: UtcDatetime | None = None
    applied_by: Text = ""
    resources: int = 0
    tainted: int = 0
    deposed: int = 0
    failing_checks: int = 0
    workspace_outputs: tuple[Output, ...] = ()
    added: int | None = None
    changed: int | None = None
    removed: int | None = None
    locked_by: Text = ""
    operation: Text = ""
    locked_since: UtcDatetime | None = None
    lock_id: Text = ""
    lock_left_over: bool = False
    planned_at: UtcDatetime | None = None
    create: int = 0
    update: int = 0
    delete: int = 0
    replace: int = 0
    drifted: int = 0
    plan_outdated: bool = False
    concern: Concern = Concern.NONE

    @property
    def is_locked(self) -> bool:
        """Whether a lock is held, by anybody."""
        return bool(self.locked_by or self.operation or self.locked_since or self.lock_id)

    @property
    def pending(self) -> int:
        """How many addresses the latest plan would change."""
        return 0 if self.plan_outdated else self.create + self.update + self.delete + self.replace


@frozen
class ManagedResource(Record):
    """An instance of a resource, by its address: ``module.net.aws_subnet.a["eu-1"]``.

    *fingerprint* is a keyed hash of its attributes: that it is another one says that some attribute
    is. *serial* and *applied_at* are those of the state that it was read in.
    """

    kind: Kind = RESOURCE
    workspace: Text
    address: Text
    resource_type: Text
    module: Text = ""
    provider: Text = ""
    mode: Mode = Mode.MANAGED
    tainted: bool = False
    deposed: int = 0
    planned: PlannedAction = PlannedAction.NOTHING
    drift: PlannedAction = PlannedAction.NOTHING
    fingerprint: Text = ""
    serial: int | None = None
    applied_at: UtcDatetime | None = None
