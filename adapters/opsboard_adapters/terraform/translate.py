"""A state, its lock and the latest plan as records."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from opsboard.records import Status, stated
from opsboard.records.claims import Claim, Strength
from opsboard_adapters.terraform.applies import Apply
from opsboard_adapters.terraform.backends.backend import StateAddress
from opsboard_adapters.terraform.kinds import STATE
from opsboard_adapters.terraform.locks import Lock
from opsboard_adapters.terraform.plan import PlannedChange, TerraformPlan, is_outdated
from opsboard_adapters.terraform.records import (
    Concern,
    ManagedResource,
    Mode,
    PlannedAction,
    Workspace,
)
from opsboard_adapters.terraform.settings import WORKSPACE_PLACE
from opsboard_adapters.terraform.state import State, StateInstanceRead
from opsboard_adapters.terraform.stated_identities import identities_of


@dataclass(frozen=True, slots=True)
class WorkspaceState:
    """What is known of one workspace: *state* is ``None`` where there is none yet."""

    address: StateAddress
    state: State | None = None
    changed_at: datetime | None = None
    apply: Apply = field(default_factory=Apply)
    lock: Lock | None = None
    plan: TerraformPlan | None = None

    @property
    def plan_outdated(self) -> bool:
        """Whether the state was written after the plan was made."""
        return self.plan is not None and is_outdated(self.plan, self.changed_at)

    @property
    def valid_plan(self) -> TerraformPlan | None:
        """The plan, unless it is outdated."""
        return None if self.plan_outdated else self.plan


class Translator:
    """Makes records of the source *source*, whose states are in *backend*."""

    def __init__(
        self,
        source: str,
        backend: str,
        environment_of: Callable[..., str],
        *,
        lock_warning: timedelta,
        cluster: str = "",
    ) -> None:
        self._source = source
        self._backend = backend
        self._environment_of = environment_of
        self._lock_warning = lock_warning
        self._cluster = cluster

    def workspace(self, known: WorkspaceState, now: datetime) -> Workspace:
        """Return the record of a workspace, as of *now*."""
        address, plan, lock = known.address, known.plan, known.lock
        state = known.state or State()
        concern = self._concern(known, now)
        status, reason = _judged(known, concern)
        return Workspace(
            source=self._source,
            id=address.id,
            name=address.name,
            status=status,
            reason=reason,
            message=_message(known, concern),
            environment=self._environment(address),
            updated_at=known.changed_at,
            backend=self._backend,
            location=address.location,
            state_version=state.version,
            serial=state.serial,
            lineage=state.lineage,
            terraform_version=state.terraform_version,
            applied_at=known.changed_at,
            applied_by=known.apply.by,
            resources=state.managed,
            tainted=state.tainted,
            deposed=state.deposed,
            failing_checks=state.failing_checks,
            workspace_outputs=state.outputs,
            added=known.apply.added,
            changed=known.apply.changed,
            removed=known.apply.removed,
            locked_by=lock.who if lock else "",
            operation=lock.operation if lock else "",
            locked_since=lock.since if lock else None,
            lock_id=lock.id if lock else "",
            lock_left_over=lock.left_over if lock else False,
            planned_at=plan.made_at if plan else None,
            create=plan.count(PlannedAction.CREATE) if plan else 0,
            update=plan.count(PlannedAction.UPDATE) if plan else 0,
            delete=plan.count(PlannedAction.DELETE) if plan else 0,
            replace=plan.count(PlannedAction.REPLACE) if plan else 0,
            drifted=len(plan.drift) if plan else 0,
            plan_outdated=known.plan_outdated,
            concern=concern,
            outputs=stated(_lineage(state, "state: lineage")),
        )

    def resources(self, known: WorkspaceState) -> Iterator[ManagedResource]:
        """Yield the records of the resources of a workspace: those there are, then those planned.

        What a plan says of an address is told on its record, until the state is written again.
        """
        state, plan = known.state or State(), known.valid_plan
        changes = plan.changes if plan else {}
        drift = plan.drift if plan else {}
        there = set[str]()
        for one in state.instances:
            there.add(one.address)
            yield self._resource(known, one, changes.get(one.address), drift.get(one.address))
        if state.more:
            return  # one that is left out must not come as new
        for address, change in changes.items():
            if change.action is PlannedAction.CREATE and address not in there:
                new = StateInstanceRead(
                    address, change.type, change.module, change.provider, change.mode
                )
                yield self._resource(known, new, change, None)

    def _resource(
        self,
        known: WorkspaceState,
        one: StateInstanceRead,
        change: PlannedChange | None,
        drift: PlannedChange | None,
    ) -> ManagedResource:
        state = known.state or State()
        planned = change.action if change else PlannedAction.NOTHING
        drifted = drift.action if drift else PlannedAction.NOTHING
        status, reason = _judged_resource(one, planned, drifted)
        is_new = not one.fingerprint and planned is PlannedAction.CREATE
        made = identities_of(one, self._cluster.replace(WORKSPACE_PLACE, known.address.workspace))
        return ManagedResource(
            source=self._source,
            id=f"{known.address.id}:{one.address}",
            name=one.address,
            status=status,
            reason=reason,
            environment=self._environment(known.address),
            updated_at=known.changed_at,
            workspace=known.address.name,
            address=one.address,
            resource_type=one.type,
            module=one.module,
            provider=one.provider,
            mode=one.mode,
            tainted=one.tainted,
            deposed=one.deposed,
            planned=planned,
            drift=drifted,
            fingerprint=one.fingerprint,
            serial=state.serial,
            applied_at=None if is_new else known.changed_at,
            inputs=stated(_lineage(state, "resource of the state"), *made.inputs),
            outputs=stated(*made.outputs),
        )

    def _environment(self, address: StateAddress) -> str:
        folders = reversed(address.id.split("/")[:-1])
        return self._environment_of(address.workspace, *folders, *_path_names(address))

    def _concern(self, known: WorkspaceState, now: datetime) -> Concern:
        plan, lock = known.valid_plan, known.lock
        if plan is not None and plan.errored:
            return Concern.PLAN
        if lock is not None and (lock.left_over or self._is_long(lock, now)):
            return Concern.LOCK
        return Concern.DRIFT if plan is not None and plan.drift else Concern.NONE

    def _is_long(self, lock: Lock, now: datetime) -> bool:
        return lock.since is not None and now - lock.since >= self._lock_warning


def _lineage(state: State, rule: str) -> Claim | None:
    return Claim(STATE, "", state.lineage, rule, Strength.SHA) if state.lineage else None


def _path_names(address: StateAddress) -> list[str]:
    return list(reversed(address.folder.parts[-3:])) if address.folder else []


def _judged(known: WorkspaceState, concern: Concern) -> tuple[Status, str]:
    """Return how a workspace is doing, the gravest first, and a word for it."""
    state, plan, lock = known.state or State(sealed="no state yet"), known.valid_plan, known.lock
    left = lock is not None and lock.left_over
    planned = plan is not None and bool(plan.changes)
    told: tuple[tuple[bool, Status, str], ...] = (
        (concern is Concern.PLAN, Status.FAILED, "plan failed"),
        (concern is Concern.LOCK, Status.WARNING, "lock left over" if left else "locked for long"),
        (concern is Concern.DRIFT, Status.WARNING, "drift"),
        (bool(state.sealed), Status.UNKNOWN, state.sealed),
        (lock is not None, Status.RUNNING, (lock.operation if lock else "") or "locked"),
        (state.failing_checks > 0, Status.WARNING, "check failed"),
        (state.tainted > 0, Status.WARNING, "tainted"),
        (planned, Status.OK, "changes planned"),
    )
    return next(((status, word) for holds, status, word in told if holds), (Status.OK, ""))


def _judged_resource(
    one: StateInstanceRead, planned: PlannedAction, drift: PlannedAction
) -> tuple[Status, str]:
    if drift:
        word = "gone" if drift is PlannedAction.DELETE else "changed"
        return Status.WARNING, f"drift: {word}"
    if one.tainted:
        return Status.WARNING, "tainted"
    if one.deposed:
        return Status.WARNING, "deposed"
    if one.mode is Mode.DATA:
        return Status.OK, ""
    return Status.OK, f"to {planned}" if planned else ""


def _message(known: WorkspaceState, concern: Concern) -> str:
    state, plan, lock = known.state or State(), known.valid_plan, known.lock
    drift, changes = (list(plan.drift), list(plan.changes)) if plan else ([], [])
    if concern is Concern.PLAN:
        return "the latest plan ended with an error: what it says is not whole"
    if lock is not None:
        left = " (no process holds it any more)" if lock.left_over else ""
        return f"{lock.operation or 'locked'} by {lock.who}{left}"
    if drift:
        return f"changed outside of Terraform: {_few(drift)}"
    if state.sealed:
        return _SEALED.get(state.sealed, "written before Terraform 0.12: what is in it is not read")
    return f"planned: {_few(changes)}" if changes else known.apply.text


_SEALED: Final = {
    "encrypted": "the state is encrypted: serial and lineage are all that can be read"
}


def _few(addresses: list[str]) -> str:
    more = f" and {len(addresses) - 3:,} more" if len(addresses) > 3 else ""
    return f"{', '.join(addresses[:3])}{more}"
