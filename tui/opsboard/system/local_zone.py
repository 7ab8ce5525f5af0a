"""The time zone of this machine, with its changes between winter and summer."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final


class LocalZone(tzinfo):
    """What ``TZ`` or ``/etc/localtime`` says, at any time of the year.

    ``datetime.astimezone()`` knows it too, but yields the offset of that one time as a fixed zone:
    a time of another season that is worked out from it is wrong by an hour.
    """

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        return None if dt is None else _known(dt).utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        return None if dt is None else _known(dt).tzname()

    def fromutc(self, dt: datetime) -> datetime:
        known = dt.replace(tzinfo=UTC).astimezone()
        wall = known.replace(tzinfo=None)
        first = wall.replace(fold=0).astimezone().utcoffset() == known.utcoffset()
        return wall.replace(tzinfo=self, fold=0 if first else 1)

    def __repr__(self) -> str:
        return "LOCAL_ZONE"


LOCAL_ZONE: Final = LocalZone()


def _known(wall: datetime) -> datetime:
    """Return *wall*, a time on the clock here, with its offset; of two, ``fold`` says which."""
    return wall.replace(tzinfo=None).astimezone()
