"""One entry of the audit trail, as a model."""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from opsboard.acting.actor import Actor
from opsboard.acting.audit.line import NO_PREVIOUS, canonical, folded, hash_of
from opsboard.adapter import Plan, Receipt
from opsboard.text.sanitize import Text

__all__ = ["NO_PREVIOUS", "AuditEntry", "AuditEvent", "AuditResult"]


class AuditEvent(StrEnum):
    """What an entry records.

    An *intent* is written before anything is sent, an *outcome* once the server has answered or
    failed to. A *verdict* is the result of observing. *settled* is what a later session found out
    about an intent without outcome. *torn* names an incomplete line that a crash left.
    *discontinued* says for good that the trail did not continue from the head that was noted.
    """

    INTENT = "intent"
    OUTCOME = "outcome"
    VERDICT = "verdict"
    SETTLED = "settled"
    TORN = "torn"
    DISCONTINUED = "discontinued"


class AuditResult(StrEnum):
    """The result of an outcome, a verdict or a settlement.

    ``done``: the server has taken it. ``not done``: nothing was changed. ``unknown``: it may have
    been changed. The others are verdicts.
    """

    DONE = "done"
    NOT_DONE = "not done"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"


_FIRST_MATCH: Final = Field(union_mode="left_to_right")


class AuditEntry(BaseModel):
    """An entry. *plan* is whole in an intent, and only named by *plan_id* in what comes after.

    *hash* is the SHA-256 of the entry as JSON without it, keys sorted, no spaces: it covers
    *previous*, the hash of the entry before. An event or a result that only a later version knows
    is kept as it is; fields that only a later version knows are left out.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    at: AwareDatetime
    event: Annotated[AuditEvent | Text, _FIRST_MATCH]
    plan_id: Text = ""
    action: Text = ""
    target: Text = ""
    environment: Text = ""
    actor: Actor
    reason: Text = ""
    result: Annotated[AuditResult | Text | None, _FIRST_MATCH] = None
    message: Text = ""
    receipt: Receipt | None = None
    plan: Plan | None = None
    previous: str = NO_PREVIOUS
    hash: str = ""

    def chained(self, number: int, previous: str) -> "AuditEntry":
        """Return this entry as the one with *number*, after the one with the hash *previous*."""
        bare = self.model_copy(update={"number": number, "previous": previous, "hash": ""})
        return bare.model_copy(update={"hash": hash_of(folded(bare.as_json()))})

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON has it."""
        return self.model_dump(mode="json")

    def line(self) -> bytes:
        """Return the entry as a line of the file."""
        return canonical(folded(self.as_json())) + b"\n"


def entry_of(data: dict[str, Any]) -> AuditEntry | None:
    """Return the entry in *data*, an unfolded line, without fields that this version does not know.

    Returns ``None`` where it is no entry.
    """
    try:
        return AuditEntry.model_validate(data)
    except ValidationError as error:
        unknown = [one["loc"] for one in error.errors() if one["type"] == "extra_forbidden"]
    for place in unknown:
        data = _without(data, place)
    try:
        return AuditEntry.model_validate(data) if unknown else None
    except ValidationError:
        return None


def _without(data: Any, place: tuple[int | str, ...]) -> Any:
    """Return *data* without what is at *place* in it."""
    if not place:
        return data
    key, *rest = place
    if isinstance(data, list) and isinstance(key, int):
        return [_without(one, tuple(rest)) if at == key else one for at, one in enumerate(data)]
    if not isinstance(data, dict) or key not in data:
        return data
    if not rest:
        return {name: data[name] for name in data if name != key}
    return {**data, key: _without(data[key], tuple(rest))}
