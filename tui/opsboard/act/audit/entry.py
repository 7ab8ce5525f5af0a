"""One line of the audit trail."""

import json
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

from opsboard.act.actor import Actor
from opsboard.adapter import Plan, Receipt
from opsboard.clean import Text

FIRST: Final = "0" * 64
"""What stands for the hash of the entry before the first one."""


class Event(StrEnum):
    """What an entry tells of.

    An *intent* is written before anything is sent, and an *outcome* once the server has answered,
    or has not. A *verdict* is what following led to. *settled* is what a later session found out
    about an intent without outcome. *torn* names what a crash left of a line.
    """

    INTENT = "intent"
    OUTCOME = "outcome"
    VERDICT = "verdict"
    SETTLED = "settled"
    TORN = "torn"


class Result(StrEnum):
    """What an outcome, a verdict or a settlement says.

    ``done``: the server has taken it. ``not done``: nothing was changed. ``unknown``: it may have
    been changed. The others are verdicts.
    """

    DONE = "done"
    NOT_DONE = "not done"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"


class Entry(BaseModel):
    """An entry. *plan* is whole in an intent, and only named by *plan_id* in what comes after.

    *hash* is the SHA-256 of the entry as JSON without it, keys sorted, no spaces: it covers
    *previous*, the hash of the entry before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    at: AwareDatetime
    event: Event
    plan_id: Text = ""
    action: Text = ""
    target: Text = ""
    environment: Text = ""
    actor: Actor
    reason: Text = ""
    result: Result | None = None
    message: Text = ""
    receipt: Receipt | None = None
    plan: Plan | None = None
    previous: str = FIRST
    hash: str = ""

    def chained(self, number: int, previous: str) -> "Entry":
        """Return this entry as the one with *number*, after the one with the hash *previous*."""
        bare = self.model_copy(update={"number": number, "previous": previous, "hash": ""})
        return bare.model_copy(update={"hash": hash_of(bare.as_json())})

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON has it."""
        return self.model_dump(mode="json")

    def line(self) -> bytes:
        """Return the entry as a line of the file."""
        return canonical(self.as_json()) + b"\n"


def hash_of(told: dict[str, Any]) -> str:
    """Return the hash of the entry *told*, whatever it says its hash is."""
    return sha256(canonical({key: told[key] for key in told if key != "hash"})).hexdigest()


def canonical(told: dict[str, Any]) -> bytes:
    """Return *told* as JSON in which nothing is left to choice."""
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")
