"""The records that a command prints: those of some panes that pass a filter."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from opsboard.board.state import Board
from opsboard.commands.setup import warn
from opsboard.config.registry import load_all_adapters
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Record, Ref
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.views.filter import EVERYTHING, Filter, FilterError, parse, suggested_value
from opsboard.views.panes import PaneSpec, pane_named, panes, panes_in_status
from opsboard.views.rows import RowModel


@frozen_unchecked
class SelectedRecords(Frozen):
    """The *records* of *pane* that pass the filter, in the board's order, out of *total*.

    *fault* says why none can pass: the filter names a field that this pane does not have.
    """

    pane: PaneSpec
    records: Sequence[Record]
    total: int
    fault: str = ""


class UnknownPaneError(ValueError):
    """There is no table of that name. The text says which there are."""


def chosen_panes(word: str | None) -> list[PaneSpec]:
    """Return the table called *word*; by default those that are printed unless one is asked for."""
    if not word:
        return list(panes_in_status())
    try:
        return [pane_named(word)]
    except KeyError:
        load_all_adapters()  # it may be of a kind that an adapter declares
    try:
        return [pane_named(word)]
    except KeyError:
        known = did_you_mean_or_list(word, [pane.id for pane in panes()])
        raise UnknownPaneError(f"no such table; {known}") from None


def is_understood(pane: str | None, text: str, now: datetime) -> bool:
    """Tell whether *pane* and the filter *text* mean something; warn of what does not.

    For a command to ask before it asks any source.
    """
    try:
        select(Board(), chosen_panes(pane), text, now)
    except FilterError as error:
        warn(f"--filter {text!r}: {error}")
    except UnknownPaneError as error:
        warn(f"--pane {pane!r}: {error}")
    else:
        return True
    return False


def select(
    board: Board, panes: Sequence[PaneSpec], text: str, now: datetime
) -> Sequence[SelectedRecords]:
    """Return the records of *panes* that pass the filter *text*; all of them if it is empty.

    A pane that does not have a field of the filter has no such records. Raises
    :exc:`~opsboard.views.filter.FilterError` where no pane understands it.
    """
    parsed = [(pane, *_parsed(text, pane)) for pane in panes]
    if parsed and all(fault for _, _, fault in parsed):
        raise FilterError(_nearest_fault([fault for _, _, fault in parsed]))
    return [_selected(board, pane, chosen, fault, now) for pane, chosen, fault in parsed]


def _parsed(text: str, pane: PaneSpec) -> tuple[Filter, str]:
    try:
        return (parse(text, pane), "") if text.strip() else (EVERYTHING, "")
    except FilterError as error:
        return EVERYTHING, str(error)


def _nearest_fault(faults: Sequence[str]) -> str:
    """Return the most helpful of *faults*: one with a suggestion."""
    return next((fault for fault in faults if "did you mean" in fault), faults[0])


def _selected(
    board: Board, pane: PaneSpec, chosen: Filter, fault: str, now: datetime
) -> SelectedRecords:
    model = RowModel(pane, board.records(pane.kind))
    if fault:
        return SelectedRecords(pane, (), model.total, fault)
    model.set_filter(chosen, now)
    if chosen.problem:
        raise FilterError(chosen.problem)
    return SelectedRecords(pane, tuple(selected_rows(model)), model.total)


def selected_rows(model: RowModel) -> Iterator[Record]:
    """Yield the records that *model* shows, in its order."""
    for row in range(len(model)):
        if (record := model.record(row)) is not None:
            yield record


def nothing_matches(board: Board, selected: Sequence[SelectedRecords], text: str) -> str:
    """Return a message if the filter *text* lets nothing through at all, or ``""``."""
    if not text.strip() or any(one.records for one in selected):
        return ""
    understood = [one for one in selected if not one.fault]
    hints = (
        suggested_value(text, one.pane, board.records(one.pane.kind).values()) for one in understood
    )
    hint = next(filter(None, hints), "")
    return f"nothing matches {text.strip()!r}" + (f"; {hint}" if hint else "")


def chosen_refs(selected: Sequence[SelectedRecords], text: str) -> frozenset[Ref] | None:
    """Return the records that the exit code counts; ``None`` for all, without a filter."""
    if not text.strip():
        return None
    return frozenset(record.ref for one in selected for record in one.records)
