"""The offers, and when they make no sense. Imports nothing heavy: menus are made of this."""

from collections.abc import Callable, Mapping
from typing import Final

from opsboard.adapter import Offer
from opsboard.records import Deployment, Kind, Record

_WORKLOADS: Final = frozenset({Kind.DEPLOYMENT})

ROLLBACK: Final = Offer(
    "rollback",
    "Roll back",
    "Go back to an earlier revision: by default the last one that was healthy.",
    _WORKLOADS,
)

OFFERS: Final = (ROLLBACK,)


def why_not(offer: Offer, record: Record) -> str:
    """Return why *offer* makes no sense for *record* now, or ``""``."""
    told = _WHY_NOT.get(offer.id)
    return told(record) if told is not None else ""


def _paused(record: Record) -> str:
    paused = isinstance(record, Deployment) and record.paused
    return "it is paused: resume it first" if paused else ""


_WHY_NOT: Final[Mapping[str, Callable[[Record], str]]] = {
    ROLLBACK.id: _paused,
}
