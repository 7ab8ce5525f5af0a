"""What the ledger says of a version at a time: rolled out, live, failing, or gone."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum

from opsboard.delivery.versions import (
    DeliveredVersion,
    version_of_alias,
    version_of_deployment,
)
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import Transition
from opsboard.kinds.deployments import DEPLOYMENT
from opsboard.lineage.rollout import is_rolling_out, is_scaled_to_zero
from opsboard.records import Deployment, Model, Record, Ref, Status
from opsboard.records.claims import WORKLOAD


class SightingState(Enum):
    """How a version does."""

    ROLLING = "rolling out"
    FAILING = "failing"
    LIVE = "live"
    """It has reached all of its pods, and is healthy."""
    GONE = "gone"


@frozen_unchecked
class Sighting(Frozen):
    """*version* was in *state* by *ref* at *at*; with *earliest*, it became so between the two.

    *act* is the plan's id where it was done from here. *backfilled*: nobody saw it; the source told
    it later. *record* is what says so; its commits are worked out where they are asked for.
    """

    ref: Ref
    at: datetime
    state: SightingState
    version: DeliveredVersion | None = None
    earliest: datetime | None = None
    actor: str = ""
    act: str = ""
    backfilled: bool = False
    record: Record | None = None

    @property
    def is_exact(self) -> bool:
        """Whether it is known when it became so, to the second."""
        return self.earliest is None


def is_workload(record: Record) -> bool:
    """Tell whether *record* is what a cluster runs, rather than what a CI server says it did."""
    stated = any(claim.type == WORKLOAD for claim in record.outputs)
    return stated or bool(getattr(record, "images", ()))


def deployment_sightings(transitions: Iterable[Transition]) -> Iterator[Sighting]:
    """Yield what *transitions* of one workload, or of one environment of a CI server, say."""
    for one in transitions:
        record = one.after
        if record is None:
            yield _sighting(one, SightingState.GONE, None)
        elif isinstance(record, Deployment):
            version = version_of_deployment(record)
            if version is not None:
                yield _sighting(one, _state_of(record), version)


def _state_of(record: Deployment) -> SightingState:
    if DEPLOYMENT.failures is not None and DEPLOYMENT.failures.fails(record):
        return SightingState.FAILING
    if record.status is not Status.OK or is_rolling_out(record) or is_scaled_to_zero(record):
        return SightingState.ROLLING
    return SightingState.LIVE


def alias_sightings(transitions: Iterable[Transition]) -> dict[str, list[Sighting]]:
    """Return what *transitions* of one model say of each of its aliases, in the order of time."""
    found: dict[str, list[Sighting]] = {}
    known: dict[str, str] = {}
    for one in transitions:
        record = one.after
        aliases = {each.name: each.version for each in getattr(record, "aliases", ())}
        name = record.name if isinstance(record, Model) else one.ref.id
        for alias in dict.fromkeys((*known, *aliases)):
            version = aliases.get(alias, "")
            if known.get(alias) == version:
                continue
            state = SightingState.LIVE if version else SightingState.GONE
            what = version_of_alias(name, version) if version else None
            found.setdefault(alias, []).append(_sighting(one, state, what))
        known = aliases
    return found


def _sighting(one: Transition, state: SightingState, version: DeliveredVersion | None) -> Sighting:
    return Sighting(
        one.ref,
        one.shown_at,
        state,
        version,
        None if one.is_exact else one.earliest,
        one.actor,
        one.act,
        one.backfilled,
        one.after,
    )
