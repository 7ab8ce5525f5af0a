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

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from opsboard.frozen import Frozen, coercer_of, field_hints, frozen_unchecked
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
from opsboard.kinds.names import cluster_or_source, within_namespace
from opsboard.kinds.rules import AlertRule, FailureRule
from opsboard.kinds.soundness import (
    LONGEST_WORD,
    class_fault,
    columns_fault,
    text_fault,
    words_fault,
)
from opsboard.records import Kind, Record, Ref

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_COMMON: Final = frozenset(Record.__dataclass_fields__)


class KindError(ValueError):
    """A kind is declared wrongly. The text says which one, what is wrong and how to fix it."""


@frozen_unchecked
class PaneSpec(Frozen):
    """The table of one kind.

    *id* is the word for it after ``:``, in ``--pane`` and in JSON; *aliases* are further words.
    *compact* are the columns where there is no room for titles; their ids are among the others'.
    *order* is the column it is sorted by at first. *search* names the fields that a word typed
    after ``/`` is looked for in. *number* is its key on the board; 0 for one that is opened by its
    name. *in_status* says that ``opsboard status`` prints it unless another one is asked for.
    """

    id: str
    title: str
    kind: Kind
    columns: tuple[Column, ...]
    order: str
    descending: bool
    search: tuple[str, ...]
    number: int = 0
    aliases: tuple[str, ...] = ()
    in_status: bool = True
    compact: tuple[Column, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return the column called *name*, by id or title."""
        return next((column for column in self.columns if name in (column.id, column.title)), None)


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
    the board remembers of versions that failed, for plans. With *cached*, records are kept on disk
    and painted at once by the next start. *in_status*: ``opsboard status`` prints it by default.
    *natural*: names hold numbers that people gave, so that ``v2`` is before ``v10``. *identities*
    are the types of what its records state as their inputs and outputs
    (:mod:`opsboard.records.claims`), by which the board joins them with others. *represents* are
    those of which a record *is* the thing that it states as its output: an image is its digests, a
    run of CI that made one is not. All that a record represents is one thing. *in_use*: its
    records stand for what runs or serves, so that what they are made of is in use.

    The history: that *heartbeat* fields alone differ is no change (ages, counters, sentences that
    hold them). *dated_by* are the fields that tell when a record became what it is, the surest
    first: the first of them that differs is the time of the change. *actor* is the field that says
    who or what made it so. With *recorded* false, no history is kept.

    *qualified_name* returns what a record is called where it must not be taken for a namesake, and
    *unique_in* where that name is unique. *from_sources* is false for what only the board makes.
    """

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
        cached: bool = True,
        in_status: bool = True,
        natural: bool = False,
        identities: Sequence[str] = (),
        represents: Sequence[str] = (),
        in_use: bool = False,
        heartbeat: Sequence[str] = ("updated_at", "message"),
        dated_by: Sequence[str] = (),
        actor: str = "",
        recorded: bool = True,
        from_sources: bool = True,
        qualified_name: Callable[[Any], str] = within_namespace,
        unique_in: Callable[[Any], str] = cluster_or_source,
    ) -> None:
        self.name = name
        self.record = record
        self.title = title
        self.plural = plural or str(title).lower()
        self.alert = alert
        self.failures = failures
        self.cached = cached
        self.natural = natural
        self.identities = frozenset(identities)
        self.represents = frozenset(represents)
        self.in_use = in_use
        self.heartbeat: Sequence[str] = heartbeat
        self.dated_by: Sequence[str] = dated_by
        self.actor = actor
        self.recorded = recorded
        self.from_sources = from_sources
        self.qualified_name = qualified_name
        self.unique_in = unique_in
        self.origin = ""
        """The object that declared it (``package:Adapter``); empty for the board's own."""
        self._check_class()
        self._check_rules()
        self._check_history()
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
            )
            self._check_pane(self.pane)

    def __repr__(self) -> str:
        return f"RecordKind({str(self.name)!r:.60})"

    # --- what may be wrong with a declaration ----------------------------------------------------

    def _wrong(self, what: str) -> KindError:
        return KindError(f"the kind {str(self.name)!r:.60}: {what}")

    def _check_class(self) -> None:
        name: object = self.name
        if (
            not isinstance(name, Kind)
            or not _NAME.fullmatch(name)
            or not 0 < len(name) <= LONGEST_WORD
        ):
            raise self._wrong(
                "its name must be a Kind of words of a-z and 0-9, joined by hyphens, of "
                f"{LONGEST_WORD} characters at most"
            )
        record: object = self.record
        if not (isinstance(record, type) and issubclass(record, Record)):
            raise self._wrong("`record` must be a subclass of opsboard.records.Record")
        kind = self.record.__dataclass_fields__["kind"].default
        if kind != self.name:
            found = f"{self.record.__name__}.kind is {str(kind)!r}"
            if not isinstance(kind, str):
                found = f"{self.record.__name__} sets no kind"
            raise self._wrong(
                f"{found}; write `kind: Kind = Kind({str(self.name)!r})` in the class, and "
                "@frozen above it"
            )
        if fault := class_fault(self.record):
            raise self._wrong(fault)
        for field, hint in _own_hints(self.record):
            if not _is_supported(hint, (self.record,)):
                raise self._wrong(
                    f"the field {field!r} has a type that JSON cannot keep ({hint}); use Text, "
                    "int, float, bool, UtcDatetime, a StrEnum, Ref, or tuples of these"
                )

    def _check_rules(self) -> None:
        for identity in self.identities:
            word: object = identity
            if not isinstance(word, str) or not _NAME.fullmatch(word):
                raise self._wrong(
                    f"`identities` has {word!r:.60}, which must be words of a-z and 0-9, joined by "
                    'hyphens, such as "commit"'
                )
        if more := sorted(map(str, self.represents - self.identities)):
            raise self._wrong(f"`represents` has {more[0]!r:.60}, which `identities` lacks")
        for argument, text in (("title", self.title), ("plural", self.plural)):
            if fault := text_fault(argument, text):
                raise self._wrong(fault)
        rules: tuple[tuple[str, object, type], ...] = (
            ("alert", self.alert, AlertRule),
            ("failures", self.failures, FailureRule),
        )
        for argument, rule, cls in rules:
            if rule is not None and not isinstance(rule, cls):
                raise self._wrong(
                    f"`{argument}` must be an object of a subclass of {cls.__name__}, such as "
                    f"{cls.__name__}(), not {rule!r:.60}"
                )

    def _check_history(self) -> None:
        """Check the fields that the history goes by."""
        fields = self.record.__dataclass_fields__
        hints = field_hints(self.record)
        actor = (self.actor,) if self.actor else ()
        rules: dict[str, Sequence[object]] = {
            "heartbeat": self.heartbeat, "dated_by": self.dated_by, "actor": actor,
        }  # fmt: skip
        for argument, names in rules.items():
            if isinstance(names, str) or not isinstance(names, list | tuple):
                raise self._wrong(f"`{argument}` must name fields, such as ('updated_at',)")
            if unknown := [one for one in names if not isinstance(one, str) or one not in fields]:
                raise self._wrong(
                    f"`{argument}` names the field {unknown[0]!r:.60}, which "
                    f"{self.record.__name__} does not have; there are {', '.join(fields)}"
                )
        for name in self.dated_by:
            if _bare(hints[name]) is not datetime:
                raise self._wrong(f"`dated_by` names {name!r}, which is no time")

    def _check_pane(self, pane: PaneSpec) -> None:
        columns = (*pane.columns, *pane.compact)
        if fault := words_fault((pane.id, *pane.aliases), _NAME) or columns_fault(columns):
            raise self._wrong(fault)
        self._check_column_ids(pane)
        fields = self.record.__dataclass_fields__
        for column in pane.columns:
            if column.field and column.field not in fields:
                raise self._wrong(
                    f"the column {column.id!r} shows the field {column.field!r}, which "
                    f"{self.record.__name__} does not have; there are {', '.join(fields)}"
                )
        texts = text_fields(self.record)
        for field in pane.search:
            if field not in texts:
                raise self._wrong(
                    f"`search` names {field!r}, which is no text field of {self.record.__name__}; "
                    f"there are {', '.join(texts)}"
                )

    def _check_column_ids(self, pane: PaneSpec) -> None:
        ids = [column.id for column in pane.columns]
        if doubled := sorted({one for one in ids if ids.count(one) > 1}):
            raise self._wrong(f"two columns have the id {doubled[0]!r}; give one another `name`")
        if pane.order not in ids:
            raise self._wrong(
                f"it is ordered by {pane.order!r}, which is no column; there are {', '.join(ids)}"
            )
        if strange := [column.id for column in pane.compact if column.id not in ids]:
            raise self._wrong(
                f"`compact` has the column {strange[0]!r}, which `columns` has not; there are "
                f"{', '.join(ids)}"
            )


def text_fields(record: type[Record]) -> tuple[str, ...]:
    """Return the names of the fields of *record* that hold one text, its own first."""
    hints = field_hints(record)
    found = [name for name in record.__dataclass_fields__ if _is_text(_bare(hints[name]))]
    own = [name for name in found if name not in _COMMON]
    return (*own, *(name for name in found if name in _COMMON - {"kind", "id", "url"}))


def default_columns(record: type[Record]) -> tuple[Column, ...]:
    """Return columns for the fields that *record* has beyond those of every record."""
    own = (_column_of(name, hint) for name, hint in _own_hints(record))
    common = (REASON, ENVIRONMENT, MESSAGE, age_column("updated_at"), SOURCE)
    return (STATUS, NAME, *filter(None, own), *common)


def _column_of(name: str, hint: Any) -> Column | None:
    title, bare = name.removesuffix("_at").replace("_", " "), _bare(hint)
    if bare is datetime:
        return age_column(name, title, name=name)
    if bare in {int, float}:
        return number_column(name, title, max(6, len(title)), priority=2)
    if _is_text(bare):
        return text_column(name, title, max(8, len(title)), 30, priority=2)
    return None


def _own_hints(record: type[Record]) -> Iterator[tuple[str, Any]]:
    hints = field_hints(record)
    yield from ((n, hints[n]) for n in record.__dataclass_fields__ if n not in _COMMON)


def _without_marks(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _optional_part(hint: Any) -> Any:
    """Return what *hint* is where it is not ``None``."""
    some = [one for one in get_args(hint) if one is not type(None)]
    return some[0] if type(None) in get_args(hint) and len(some) == 1 else hint


def _bare(hint: Any) -> Any:
    return _without_marks(_optional_part(_without_marks(hint)))


def _is_text(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, str)


def _is_supported(hint: Any, within: tuple[type, ...] = ()) -> bool:
    """Tell whether a value of type *hint* goes to JSON and back, and is cleaned on its way in.

    *within* are the classes of which it is a part: none may hold itself.
    """
    hint = _optional_part(hint)
    if get_origin(hint) is Annotated:
        return coercer_of(hint) is not None
    if get_origin(hint) is tuple:
        each, *rest = get_args(hint) or (Any,)
        alike = all(part in (each, Ellipsis) for part in rest)  # the first stands for all
        return alike and _is_supported(each, within)
    if get_origin(hint) is Literal:
        return all(isinstance(value, str) for value in get_args(hint))
    return isinstance(hint, type) and (
        hint in {bool, int, float, Ref} or _is_supported_class(hint, within)
    )


def _is_supported_class(cls: type, within: tuple[type, ...]) -> bool:
    if issubclass(cls, StrEnum | Kind):
        return True
    if cls in within:
        return False
    if issubclass(cls, Frozen) or (issubclass(cls, tuple) and hasattr(cls, "_fields")):
        parts = field_hints(cls).values()
        return all(_is_supported(part, (*within, cls)) for part in parts)
    return False
