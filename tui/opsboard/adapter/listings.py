"""Listings: what a server can list beyond the kinds of record that the board keeps.

A cluster has a hundred kinds of object, and the board a pane for six. The others are shown as the
server's own table, while somebody looks: ``:nodes`` opens the listing ``nodes`` of every source
that has one, which is watched until the screen is closed. Nothing of it is kept, alerted on or
remembered.

Columns only ever grow: a row keeps the places of its cells whatever comes later, and one that was
listed before a column came is blank there. So pages, clusters and versions of a server that differ
in their columns go into one table.
"""

from collections.abc import Sequence
from enum import StrEnum

from opsboard.frozen import Frozen, UtcDatetime, frozen, frozen_unchecked
from opsboard.records import Record, Ref, Status
from opsboard.text.sanitize import Text


@frozen
class ListingType(Frozen):
    """Something that can be listed.

    *name* is unique in its source and the word after ``:`` (``nodes``, ``rollouts.argoproj.io``);
    it has no blank and no slash. *aliases* are further words, the usual ones first; of two types
    with the same, the first counts. *group* is the API group, where the server has such. *scoped*
    says that its objects are in namespaces. *filter_language* names the language of a filter that
    the server applies itself (``MLflow search``); empty where the board filters alone. Where its
    rows are *compared*, :meth:`.Source.comparand` describes each. *order* names the column that
    it is sorted by at first, with ``-`` before it for the greatest, or newest, first
    (``-started``); empty for the names of the rows.
    """

    name: Text
    title: Text
    aliases: tuple[Text, ...] = ()
    group: Text = ""
    scoped: bool = False
    filter_language: Text = ""
    compared: bool = False
    order: Text = ""


@frozen
class ListingCatalog(Frozen):
    """All that a source can list, and in *notes* what kept it from knowing more.

    Such as a part of the server that does not answer: what is listed there is not known then.
    """

    types: tuple[ListingType, ...] = ()
    notes: tuple[Text, ...] = ()


class ListingColumnType(StrEnum):
    """What the cells of a column are, as far as it decides how they are drawn and sorted.

    Cells of ``time`` are in ISO 8601; they are shown as ages.
    """

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


@frozen
class ListingColumn(Frozen):
    """A column. *wide* ones are shown where there is room to spare, *essential* ones before others
    where there is little.
    """

    name: Text
    type: ListingColumnType = ListingColumnType.TEXT
    wide: bool = False
    essential: bool = False


@frozen
class ListingRow(Frozen):
    """An object as its table shows it.

    *key* is unique in the listing, and what :meth:`.Source.detail`, :meth:`.Source.raw` and
    :meth:`.Source.describe` are asked for it by (:func:`opsboard.records.listed_ref`). Where the
    object is one that the board has a kind for, *ref* is that record: it is what keys are about
    then. *record* is that record as it was read, where the board may not have it. *parent* is the
    key of the row that it belongs below, such as the run that has begun it: where that is listed
    too, the two stand together, one below the other.
    """

    key: Text
    name: Text
    cells: tuple[Text, ...] = ()
    status: Status | None = None
    namespace: Text = ""
    cluster: Text = ""
    environment: Text = ""
    created_at: UtcDatetime | None = None
    ref: Ref | None = None
    record: Record | None = None
    parent: Text = ""


@frozen_unchecked
class ListingQuery(Frozen):
    """What of a listing is wanted: of these *namespaces* and *clusters*, each of all where empty.

    *text* is a filter in the :attr:`ListingType.filter_language`.
    """

    namespaces: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    text: str = ""


@frozen_unchecked
class ListingUpdate(Frozen):
    """What has changed of a listing that is open.

    *columns* are all columns, where they have grown; *rows* are new or have changed, those of the
    keys in *removed* are gone. *complete* says that all has been listed that will be. *notes* are
    what is to be told now of what is missing, and replace the earlier ones; ``None`` leaves both.
    """

    rows: Sequence[ListingRow] = ()
    removed: Sequence[str] = ()
    columns: tuple[ListingColumn, ...] | None = None
    complete: bool | None = None
    notes: tuple[str, ...] | None = None
