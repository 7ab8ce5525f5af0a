"""Records and transitions to keep, at times that are counted in minutes from 12:00."""

from datetime import UTC, datetime, timedelta

from opsboard.history.model import NewTransition, SourceId
from opsboard.records import Deployment, Record, Ref, Status

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ALICE = SourceId("https://cluster.example", "alice")
BOB = SourceId("https://cluster.example", "bob")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def deployment(
    revision: str = "1", status: Status = Status.OK, name: str = "shop", source: str = "prod"
) -> Deployment:
    return Deployment(
        source=source, id=f"shop/{name}", name=name, workload="Deployment", revision=revision,
        status=status, cluster="prod-eu", namespace="shop",
    )  # fmt: skip


def new(
    source: int,
    minutes: float,
    after: Record | None,
    *,
    ref: Ref | None = None,
    earliest: float | None = None,
    seen: float | None = None,
    scope: str = "all",
    baseline: bool = False,
    backfilled: bool = False,
    actor: str = "",
    act: str = "",
) -> NewTransition:
    """Return that the record became *after* at *minutes*, since *earliest* at the earliest."""
    whose = ref if ref is not None else after.ref if after is not None else deployment().ref
    return NewTransition(
        source, scope, whose, at(minutes), at(minutes if seen is None else seen), after,
        None if earliest is None else at(earliest), actor, act,
        baseline=baseline, backfilled=backfilled,
    )  # fmt: skip
