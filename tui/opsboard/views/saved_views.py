"""Saved views: what ``[[views]]`` of the config make of the tables that there are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, Protocol

from opsboard.config.problems import ConfigFault
from opsboard.kinds.columns import Column
from opsboard.kinds.declaration import RecordKind
from opsboard.kinds.field_columns import UnknownColumnError, field_column, named_column
from opsboard.kinds.pane_spec import opened_by
from opsboard.kinds.registry import COMMAND_WORDS, KINDS
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.views.filter import FilterError, parse
from opsboard.views.listing_view import as_wanted
from opsboard.views.panes import (
    FIRST_VIEW_KEY,
    ListingView,
    ListingViewColumn,
    PaneSpec,
    SavedView,
)

_FIRST: Final = "status"
"""The column that is there although nobody names it: what is wrong is seen in every view."""


class ColumnFields(Protocol):
    """A column of a view, as the config has it: one of the pane, or a *field* of its records."""

    @property
    def name(self) -> str: ...

    @property
    def field(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def width(self) -> int: ...


class ViewFields(Protocol):
    """The fields of :class:`opsboard.config.board_rules.ViewRule`, without importing it."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def pane(self) -> str: ...

    @property
    def listing(self) -> str: ...

    @property
    def search(self) -> str: ...

    @property
    def filter(self) -> str: ...

    @property
    def columns(self) -> Sequence[ColumnFields]: ...

    @property
    def sort(self) -> str: ...

    @property
    def alias(self) -> Sequence[str]: ...

    @property
    def number(self) -> int: ...


class ReadViews(NamedTuple):
    """The views that can be shown, and what is wrong with the others."""

    views: tuple[SavedView, ...]
    faults: tuple[ConfigFault, ...]


class _ViewError(ValueError):
    """A key of a view is wrong. *path* is where, below the table of the view."""

    def __init__(self, path: tuple[str, ...], message: str, hint: str = "") -> None:
        super().__init__(message)
        self.path, self.hint = path, hint


def read_views(rules: Iterable[ViewFields]) -> ReadViews:
    """Return the views of *rules*. One that is wrong takes none of the others with it.

    The kinds of all adapters that are used must be known by then.
    """
    views: list[SavedView] = []
    faults: list[ConfigFault] = []
    for at, rule in enumerate(rules):
        try:
            _check_words(rule, views)
            views.append(_listing(rule) if rule.listing else _pane(rule))
        except _ViewError as error:
            faults.append(ConfigFault(("views", str(at), *error.path), str(error), error.hint))
    return ReadViews(tuple(views), tuple(faults))


# --- words ---------------------------------------------------------------------------------------


def _check_words(rule: ViewFields, views: Sequence[SavedView]) -> None:
    """Raise :exc:`_ViewError` where a word of *rule*, or its number, is another's already."""
    for key, word in (("name", rule.name), *(("alias", alias) for alias in rule.alias)):
        if owner := _owner_of(word, views):
            raise _ViewError((key,), f"the word {word!r} {owner} already", "choose another one")
    if 0 < rule.number < FIRST_VIEW_KEY:
        raise _ViewError(
            ("number",), f"{rule.number} opens a pane of the board", "take 6, 7, 8 or 9, or none"
        )
    number = (one.title for one in views if rule.number and one.key == rule.number)
    if other := next(number, ""):
        raise _ViewError(("number",), f"{rule.number} opens {other!r} already", "choose another")


def _owner_of(word: str, views: Sequence[SavedView]) -> str:
    """Return what *word* stands for already, as the end of a sentence."""
    if word in COMMAND_WORDS:
        return "is a command"
    panes: tuple[SavedView, ...] = (*KINDS.panes(), *views)
    owner = opened_by(word, panes) or next((one for one in panes if _kind_of(one) == word), None)
    return f"opens {owner.title!r}" if owner is not None else ""


def _kind_of(view: SavedView) -> str:
    """Return the name of the kind of records in *view*, which stands for its pane elsewhere."""
    return str(view.kind) if isinstance(view, PaneSpec) else ""


# --- the table -----------------------------------------------------------------------------------


def _pane(rule: ViewFields) -> PaneSpec:
    base, kind = _base(rule.pane)
    columns = tuple(_columns(rule.columns, base, kind)) or base.columns
    own = {column.id for column in columns}
    order, descending = rule.sort.removeprefix("-") or base.order, rule.sort.startswith("-")
    view = PaneSpec(
        rule.name,
        rule.title or rule.name,
        base.kind,
        columns,
        order,
        descending if rule.sort else base.descending,
        base.search,
        aliases=tuple(rule.alias),
        in_status=False,
        filter=rule.filter.strip(),
        hidden=tuple(column for column in base.columns if column.id not in own),
        key=rule.number,
        alerted_first=base.alerted_first and not rule.sort,
    )
    return _checked(_sorted(view, kind))


def _listing(rule: ViewFields) -> ListingView:
    """Return the view of what servers list, whose columns nobody knows before they are asked."""
    columns: list[ListingViewColumn] = []
    for one in rule.columns:
        if one.field:
            raise _ViewError(
                ("columns",),
                f"{one.field!r} is a field, and what servers list has columns alone",
                f'write "{one.field}", or {{ name = "{one.field}" }}',
            )
        if one.name.casefold() in {known.name.casefold() for known in columns}:
            raise _ViewError(("columns",), f"the column {one.name!r} is there twice")
        columns.append(ListingViewColumn(one.name, one.title, one.width))
    if " " in (word := rule.listing.strip()):
        hint = f"write listing = {word.partition(' ')[0]!r}, and what it is narrowed to as `filter`"
        raise _ViewError(("listing",), f"{word!a} is more than one word", hint)
    return ListingView(
        rule.name,
        rule.title or rule.name,
        word,
        rule.search.strip(),
        rule.filter.strip(),
        tuple(columns),
        rule.sort.removeprefix("-"),
        rule.sort.startswith("-"),
        tuple(rule.alias),
        rule.number,
    )


def _sorted(view: PaneSpec, kind: RecordKind) -> PaneSpec:
    """Return *view* with the column that it is sorted by among those that it knows."""
    column = view.column(view.order)
    if column is not None:
        return replace(view, order=column.id)
    try:
        return replace(view, hidden=(*view.hidden, named_column(view.order, kind, view)))
    except UnknownColumnError as error:
        raise _ViewError(("sort",), str(error)) from None


def _checked(view: PaneSpec) -> PaneSpec:
    try:
        parse(view.filter, view)
    except FilterError as error:
        raise _ViewError(("filter",), f"{view.filter!a}: {error}") from None
    return view


def _base(word: str) -> tuple[PaneSpec, RecordKind]:
    """Return the pane that *word* opens, and its kind."""
    for kind in KINDS:
        if kind.pane is not None and word in kind.pane.words:
            return kind.pane, kind
    known = [pane.id for pane in KINDS.panes()]
    raise _ViewError(("pane",), f"there is no pane {word!r}", did_you_mean_or_list(word, known))


def _columns(wanted: Sequence[ColumnFields], base: PaneSpec, kind: RecordKind) -> Iterator[Column]:
    """Yield the *wanted* columns, what is named first being left out last."""
    known: set[str] = set()
    status = base.column(_FIRST)
    if wanted and status is not None and _FIRST not in {one.name for one in wanted}:
        known.add(_FIRST)
        yield replace(status, priority=0)
    for at, one in enumerate(wanted):
        column = _column(one, base, kind)
        if column.id in known:
            raise _ViewError(("columns",), f"the column {column.id!r} is there twice")
        known.add(column.id)
        yield replace(column, priority=0 if column.id == _FIRST else at)


def _column(wanted: ColumnFields, base: PaneSpec, kind: RecordKind) -> Column:
    try:
        if wanted.field:
            column = field_column(wanted.field, kind)
        else:
            column = named_column(wanted.name, kind, base)
    except UnknownColumnError as error:
        raise _ViewError(("columns",), str(error)) from None
    return as_wanted(column, wanted.width, wanted.title)
