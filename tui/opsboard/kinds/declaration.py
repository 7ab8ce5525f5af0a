"""A kind of record, declared once: its class, its table, its alerts, what is remembered of it.

The board's own kinds and those of any adapter are declared alike, and nothing else of the program
knows their names::

    BACKUP = RecordKind(
        Kind("backup"),
        Backup,
        title="Backups",
        columns=(STATUS, NAME, number_column("size", "MiB", 8), age_column("finished_at")),
        order="age",
    )

An adapter lists the kinds that it yields in :attr:`opsboard.adapter.Adapter.kinds`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from opsboard.kinds.columns import (
    ENVIRONMENT,
    MESSAGE,
    NAME,
    REASON,
    SOURCE,
    STATUS,
    Column,
    age_column,
    number_column,
    text_column,
)
from opsboard.kinds.field_types import bare_type, is_text, own_hints, text_fields
from opsboard.kinds.names import Place, cluster_or_source, place_of_fields, within_namespace
from opsboard.kinds.pane_spec import PaneSpec
from opsboard.kinds.rules import AlertRule, ChangeRule, FailureRule
from opsboard.records import Kind, Record, Ref


class RecordKind:
    """A kind of record.

    *name* is the word for it in references, in JSON and on the command line: lower case, with
    hyphens. *record* is its class, a subclass of :class:`~opsboard.records.Record` made by
    :func:`~opsboard.records.frozen`. *title* heads its pane (``Backups``), *plural* is used in
    sentences (``backups``).

    The table: *columns* are by default made from the fields of *record*; see
    :mod:`opsboard.kinds.columns`. *order* names the one that it is sorted by at first, the greatest
    first where it is *descending*. *search* are the text fields that the words of a filter are
    looked for in, by default all. *compact* are columns for a pane that is too low for titles, with
    ids of the others. *pane* is the word that opens the table, by default the plural, and *aliases*
    are further ones; with ``pane=None`` there is no table.

    *alert* says when a record is an alert and of what; without one, none is. *failures* says what
    the board remembers of versions that failed, for plans. *changes* says what a change means, for
    the history; by default the columns do. With *cached*, records are kept on disk
    and painted at once by the next start. *in_status*: ``opsboard status`` prints it by default.
    *natural*: names hold numbers that people gave, so that ``v2`` is before ``v10``. *identities*
    are the types of what its records state as their inputs and outputs
    (:mod:`opsboard.records.claims`), by which the board joins them with others. *represents* are
    those of which a record *is* the thing that it states as its output: an image is its digests, a
    run of CI that made one is not. All that a record represents is one thing. *in_use*: its
    records stand for what runs or serves, so that what they are made of is in use.

    With *from_sources* false, the board makes the records itself, of those of the kinds *made_of*,
    and they are as fresh as those are. Of several things of one name that a command may be about,
    those of the highest *precedence* are meant.

    The history: that *heartbeat* fields alone differ is no change (ages, counters, sentences
    that hold them). *momentary* ones are no change either, and are not kept at all: a
    measurement of then would be shown as that of any later time. *dated_by* are the fields that
    tell when a record became what it is, the surest first: the first of them that differs is
    the time of the change. *dated_until* are those that tell it at the latest, since they move
    on when it is touched later: the change lies between the look before and that. *actor* is
    the field that says who or what made it so. With *recorded* false, no history is kept.

    *facts*: its records are what a source has found out when it was asked: that one comes or goes
    says nothing of the world. *listed_in_part*: sources list the latest ones only; what is listed
    no longer may be there all the same.

    *place* returns the cluster and the namespace that a record is in, by which a scope narrows its
    table (:mod:`opsboard.views.scope`); by default they are the text fields of these names, where
    it has them. A record that *stands_for* others is where those are.

    *log_parts* are the words for what the lines of its log come from: groups, and parts of those.
    With *log_whole*, such a log can be read together with those of what it is a part of
    (:attr:`opsboard.adapter.LogQuery.whole`).

    *charted*: the detail of a record has the course of its figures, also while all is well.
    *alerted_first*: in the order that the table begins with, those that an open alert is about
    stand before the others, as where only the latest of a series counts.

    *qualified_name* returns what a record is called where it must not be taken for a namesake, and
    *unique_in* where that name is unique. *from_sources* is false for what only the board makes.
    """

    _is_checked: ClassVar = True

    def __init__(
        self,
        name: Kind,
        record: type[Record],
        *,
        title: str,
        plural: str = "",
        columns: Sequence[Column] = (),
        order: str = "status",
        descending: bool = True,
        search: Sequence[str] = (),
        pane: str | None = "",
        aliases: Sequence[str] = (),
        number: int = 0,
        compact: Sequence[Column] = (),
        alert: AlertRule[Any] | None = None,
        failures: FailureRule[Any] | None = None,
        changes: ChangeRule[Any] | None = None,
        cached: bool = True,
        in_status: bool = True,
        natural: bool = False,
        identities: Sequence[str] = (),
        represents: Sequence[str] = (),
        in_use: bool = False,
        heartbeat: Sequence[str] = ("updated_at", "message"),
        momentary: Sequence[str] = (),
        dated_by: Sequence[str] = (),
        dated_until: Sequence[str] = (),
        facts: bool = False,
        listed_in_part: bool = False,
        actor: str = "",
        recorded: bool = True,
        made_of: Sequence[Kind] = (),
        precedence: int = 0,
        from_sources: bool = True,
        place: Callable[[Any], Place] | None = None,
        stands_for: Callable[[Any], Sequence[Ref]] | None = None,
        log_parts: tuple[str, str] = ("pods", "containers"),
        log_whole: bool = False,
        charted: bool = False,
        alerted_first: bool = False,
        qualified_name: Callable[[Any], str] = within_namespace,
        unique_in: Callable[[Any], str] = cluster_or_source,
    ) -> None:
        self.name = name
        self.record = record
        self.title = title
        self.plural = plural or str(title).lower()
        self.alert = alert
        self.failures = failures
        self.changes = changes
        self.cached = cached
        self.natural = natural
        self.identities = frozenset(identities)
        self.represents = frozenset(represents)
        self.in_use = in_use
        self.heartbeat: Sequence[str] = heartbeat
        self.momentary: Sequence[str] = momentary
        self.dated_by: Sequence[str] = dated_by
        self.dated_until: Sequence[str] = dated_until
        self.facts = facts
        self.listed_in_part = listed_in_part or facts
        self.actor = actor
        self.recorded = recorded
        self.made_of = frozenset(made_of)
        self.precedence = precedence
        self.from_sources = from_sources
        self.stands_for = stands_for
        self.place = place
        self.log_parts = log_parts
        self.log_whole = log_whole
        self.charted = charted
        self.qualified_name = qualified_name
        self.unique_in = unique_in
        self.origin = ""
        """The object that declared it (``package:Adapter``); empty for the board's own."""
        if self._is_checked:
            from opsboard.kinds.soundness import check_declaration  # noqa: PLC0415 - see BoardKind

            check_declaration(self)
        texts = text_fields(record)
        if place is None and {"cluster", "namespace"} & {*texts}:
            self.place = place_of_fields
        self.is_in_namespaces = self.place is not None and "namespace" in texts
        self.pane: PaneSpec | None = None
        if pane is not None:
            self.pane = PaneSpec(
                pane or self.plural.replace(" ", "-"),
                title,
                name,
                tuple(columns) or default_columns(record),
                order,
                descending,
                tuple(search) or tuple(text_fields(record)),
                number,
                tuple(aliases),
                in_status,
                tuple(compact),
                alerted_first=alerted_first,
            )
            if self._is_checked:
                from opsboard.kinds.soundness import check_pane  # noqa: PLC0415 - see BoardKind

                check_pane(self, self.pane)

    def __repr__(self) -> str:
        return f"RecordKind({str(self.name)!r:.60})"


class BoardKind(RecordKind):
    """A kind of the board's own: checked by a test, and not by each start."""

    _is_checked: ClassVar = False


def default_columns(record: type[Record]) -> tuple[Column, ...]:
    """Return columns for the fields that *record* has beyond those of every record."""
    own = (_column_of(name, hint) for name, hint in own_hints(record))
    common = (REASON, ENVIRONMENT, MESSAGE, age_column("updated_at"), SOURCE)
    return (STATUS, NAME, *filter(None, own), *common)


def _column_of(name: str, hint: Any) -> Column | None:
    title, bare = name.removesuffix("_at").replace("_", " "), bare_type(hint)
    if bare is datetime:
        return age_column(name, title, name=name)
    if bare in {int, float}:
        return number_column(name, title, max(6, len(title)), priority=2)
    if is_text(bare):
        return text_column(name, title, max(8, len(title)), 30, priority=2)
    return None
