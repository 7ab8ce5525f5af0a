"""A plan as JSON, read without its values: what would be done, and what has drifted.

``terraform show -json PLAN`` prints it, and so does ``tofu``. The state before, the values before
and after, and the variables are in it in clear text: none of them is looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from opsboard.adapter import Malformed
from opsboard_adapters.http.struct_types import decoder_of
from opsboard_adapters.terraform.records import Mode, PlannedAction
from opsboard_adapters.terraform.structs import PlanBody, PlanChange
from opsboard_adapters.times import as_utc

MAX_CHANGES: Final = 20_000
_HINT: Final = "write it by `terraform show -json PLAN > FILE` (or `tofu show -json`)"
_ACTIONS: Final[Mapping[tuple[str, ...], PlannedAction]] = {
    ("create",): PlannedAction.CREATE,
    ("update",): PlannedAction.UPDATE,
    ("delete",): PlannedAction.DELETE,
    ("delete", "create"): PlannedAction.REPLACE,
    ("create", "delete"): PlannedAction.REPLACE,
    ("forget",): PlannedAction.FORGET,
    ("create", "forget"): PlannedAction.REPLACE,
}
"""What is not listed changes nothing: ``no-op``, ``read``."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What a plan says of one address."""

    address: str
    type: str
    module: str
    provider: str
    mode: Mode
    action: PlannedAction


@dataclass(frozen=True, slots=True)
class TerraformPlan:
    """A plan. *changes* and *drift* are by address. *skipped* counts what could not be read."""

    made_at: datetime | None = None
    terraform_version: str = ""
    errored: bool = False
    changes: Mapping[str, PlannedChange] = field(default_factory=dict)
    drift: Mapping[str, PlannedChange] = field(default_factory=dict)
    skipped: int = 0

    def count(self, action: PlannedAction) -> int:
        """Return how many addresses *action* would be done to."""
        return sum(one.action is action for one in self.changes.values())


def read_plan(body: bytes, written_at: datetime | None = None) -> TerraformPlan:
    """Return what may be told of the plan *body*. Raises :exc:`Malformed` where it is none.

    Before Terraform 1.5 a plan does not say when it was made: then it was when it was *written_at*.
    """
    if body[:2] == b"PK":
        raise Malformed("it is a saved plan, and not one as JSON", _HINT)
    try:
        read = decoder_of(PlanBody).decode(body)
    except msgspec.ValidationError:
        raise Malformed("it is no plan: a field is missing, or of another type", _HINT) from None
    except (ValueError, RecursionError):
        raise Malformed(f"it is no whole JSON: {len(body):,} bytes", _HINT) from None
    changes, odd = _by_address(read.resource_changes or ())
    drift, odd_drift = _by_address(read.resource_drift or ())
    return TerraformPlan(
        _time(read.timestamp) or written_at,
        read.terraform_version or "",
        bool(read.errored),
        changes,
        drift,
        odd + odd_drift,
    )


def _by_address(raws: Sequence[msgspec.Raw]) -> tuple[dict[str, PlannedChange], int]:
    found: dict[str, PlannedChange] = {}
    odd = max(len(raws) - MAX_CHANGES, 0)
    for raw in raws[:MAX_CHANGES]:
        try:
            change = decoder_of(PlanChange).decode(raw)
        except (ValueError, RecursionError):
            odd += 1
            continue
        action = _action((change.change.actions if change.change else None) or ())
        if action is not PlannedAction.NOTHING and not change.deposed:
            found[change.address] = PlannedChange(
                change.address,
                change.type or "",
                change.module_address or "",
                change.provider_name or "",
                Mode.DATA if change.mode == "data" else Mode.MANAGED,
                action,
            )
    return found, odd


def _action(actions: Iterable[str]) -> PlannedAction:
    return _ACTIONS.get(tuple(actions), PlannedAction.NOTHING)


def _time(text: str | None) -> datetime | None:
    try:
        return as_utc(datetime.fromisoformat(text)) if text else None
    except ValueError:
        return None


def is_outdated(plan: TerraformPlan, applied_at: datetime | None) -> bool:
    """Tell whether the state was written after *plan* was made."""
    return applied_at is not None and plan.made_at is not None and applied_at > plan.made_at
