"""What the cells of a server's table are sorted by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.records import ListedObject
from opsboard.views.listing_order import amount, cell_key, cell_key_descending


def ordered(column: str, *cells: str) -> list[str]:
    records = [
        ListedObject(source="s", id=str(at), name=str(at), listing="x", cells=(cell,))
        for at, cell in enumerate(cells)
    ]
    return [one.cells[0] for one in sorted(records, key=lambda one: cell_key(0, column, one))]


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("capacity", ("500Mi", "2Gi", "10Gi", "1Ti")),
        ("cpu", ("100m", "1", "1500m", "2")),
        ("last-seen", ("90s", "10m", "3h5m", "2d")),
        ("ready", ("0/3", "1/3", "2/3", "3/3")),
        ("restarts", ("0", "5 (3m ago)", "12 (2h ago)")),
        ("targets", ("5%", "50%", "120%")),
        ("status", ("node-2", "node-10", "ready")),
        ("ip", ("10", "abc", "")),
        ("loss", ("-inf", "-0.5", "1e-05", "0.001", "1.5e+06", "inf", "nan", "")),
    ],
)
def test_amounts_are_in_the_order_of_what_they_amount_to(
    column: str, cells: tuple[str, ...]
) -> None:
    assert ordered(column, *reversed(cells)) == list(cells)


def test_the_greatest_come_first_and_blanks_last_all_the_same() -> None:
    cells = ("inf", "2", "1e-05", "-inf", "nan", "")
    records = [
        ListedObject(source="s", id=str(at), name=str(at), listing="x", cells=(cell,))
        for at, cell in enumerate(reversed(cells))
    ]
    records.sort(key=lambda one: cell_key_descending(0, "auc", one), reverse=True)
    assert [one.cells[0] for one in records] == list(cells)


@given(st.lists(st.text(max_size=40), max_size=20), st.sampled_from(["age", "cpu"]))
def test_any_cells_can_be_sorted(cells: list[str], column: str) -> None:
    assert len(ordered(column, *cells)) == len(cells)


@given(st.text(max_size=2_000))
def test_an_amount_is_a_number_or_none(text: str) -> None:
    assert isinstance(amount(text, is_span=True), float | int | None)
