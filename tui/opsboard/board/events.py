"""What reaches the board: a change of a source, and when it came."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from opsboard.adapter import Change
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Activity, Record


@frozen_unchecked
class SourceInfo(Frozen):
    """A source on the board's list. *key* tells its settings and credential apart, hashed."""

    title: str
    key: str = ""


@frozen_unchecked
class SourceList(Frozen):
    """These are all the sources, by name and in this order; any other is gone.

    Sent once the sources are known, which may be after the first frame. What was restored from
    the cache under another key belongs to another login, and is dropped. *sealed* lets the next
    start tell by itself that these logins still hold (:mod:`opsboard.startup.first_frame`).
    """

    sources: Mapping[str, SourceInfo]
    snapshot: str = ""


@frozen_unchecked
class RestoredScope(Frozen):
    """What the cache knows of *scope*. Shown as old until the source has listed the scope."""

    scope: str
    records: Sequence[Record]
    source: SourceInfo


@frozen_unchecked
class ActivityUpdate(Frozen):
    """These acts on the world have begun, or gone on. Sent by the program itself."""

    activities: Sequence[Activity]


BoardChange: TypeAlias = Change | SourceList | RestoredScope | ActivityUpdate


@frozen_unchecked
class BoardEvent(Frozen):
    """A change of *source*, which came at *at*. A :class:`SourceList` is of no source, nor
    is what :class:`ActivityUpdate`: ``""``.
    """

    source: str
    change: BoardChange
    at: datetime
