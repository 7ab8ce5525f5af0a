"""What reaches the board: a change of a source, and when it came."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from opsboard.adapter import Change
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Activity, AnyRecord


@frozen_unchecked
class Member(Frozen):
    """A source on the board's list. *key* tells its settings and credential apart, hashed."""

    title: str
    key: str = ""


@frozen_unchecked
class Roster(Frozen):
    """These are all the sources, by name and in this order; any other is gone.

    Sent once the sources are known, which may be after the first frame. What was restored from
    the cache under another key belongs to another login, and is dropped. *sealed* lets the next
    start tell by itself that these logins still hold (:mod:`opsboard.collect.recall`).
    """

    members: Mapping[str, Member]
    sealed: str = ""


@frozen_unchecked
class Restored(Frozen):
    """What the cache knows of *scope*. Shown as old until the source has listed the scope."""

    scope: str
    records: Sequence[AnyRecord]
    member: Member


@frozen_unchecked
class Happened(Frozen):
    """These acts on the world have begun, or gone on. Sent by the program itself."""

    activities: Sequence[Activity]


Arriving: TypeAlias = Change | Roster | Restored | Happened


@frozen_unchecked
class Arrival(Frozen):
    """A change of *source*, which came at *at*. A :class:`Roster` is of no source, nor
    is what :class:`Happened`: ``""``.
    """

    source: str
    change: Arriving
    at: datetime
