"""What reaches the board: changes of sources, and what the program itself has to say."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import TypeAlias

from opsboard.adapter import Change
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Activity, Kind, Record


@frozen_unchecked
class SourceInfo(Frozen):
    """A source on the list. *key* is its login key (:mod:`opsboard.startup.login_keys`).

    *kinds* are those that it may have records of; none where that is not known.
    """

    title: str
    key: str = ""
    kinds: Set[Kind] = frozenset()


@frozen_unchecked
class SourceList(Frozen):
    """These are all the sources, by name and in this order; any other is gone.

    Sent once the sources are known, which may be after the first frame. What was restored from
    the cache under another key belongs to another login, and is dropped. *snapshot* is what
    the next start needs for its first frame (:mod:`opsboard.startup.snapshot`), as JSON; *words*
    is what completion needs (:mod:`opsboard.collect.command_words`). *reset* are those of which all
    that is known is forgotten: they are others than before, under the same names.
    """

    sources: Mapping[str, SourceInfo]
    snapshot: str = ""
    words: str = ""
    reset: tuple[str, ...] = ()


@frozen_unchecked
class RestoredScope(Frozen):
    """What the cache has of *scope*; marked as old until the source has listed the scope."""

    scope: str
    records: Sequence[Record]
    source: SourceInfo


@frozen_unchecked
class ActivityUpdate(Frozen):
    """These runs of actions have begun, or have changed. Sent by the program itself."""

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
