"""Any text is a filter or says what is wrong with it, and no filter ever breaks on a record."""

import itertools
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.records import Record
from opsboard.views.filter import SHORT, FilterError, fields, parse
from opsboard.views.panes import PaneSpec, panes
from tests.ui.app_harness import NOW
from tests.ui.sample_records import everything

RECORDS: dict[str, Sequence[Record]] = {
    pane.id: [record for record in everything() if record.kind is pane.kind] for pane in panes()
}
SHOWN = [pane for pane in panes() if RECORDS[pane.id]]

ANY = st.characters(exclude_categories=())
NAMES = sorted({name for pane in panes() for name in fields(pane)} | set(SHORT))
SIGNS = st.sampled_from(
    [*"/:!\"<>()[]*+?{}|^$ \\\x00\n", ">=", "<=", "(?", "(?P<", "\\N{", "(*", "(?i)", "[[:", "1h",
     "\ud800", "30s", "1e9", "9" * 40, "9" * 400 + "d", "nan", "inf", "-1", "{9999999}",
     "(a+)+$", "\\p{", "(?<="]
)  # fmt: skip
FILTERS = st.text(ANY, max_size=40) | st.lists(
    SIGNS | st.sampled_from(NAMES) | st.text(ANY, max_size=4), max_size=12
).map("".join)


@pytest.mark.parametrize("pane", SHOWN, ids=lambda pane: pane.id)
def test_every_field_in_every_pane(pane: PaneSpec) -> None:
    """``restarts:0`` broke the builds, which have none."""
    names = [*NAMES, "restarts", "number", "id", "name", "kind", "url"]
    for name, value in itertools.product(names, ("0", ">0", "<1h", "x", "")):
        with suppress(FilterError):
            chosen = parse(f"{name}:{value}", pane)
            for record in RECORDS[pane.id]:
                assert chosen(record, NOW) in {True, False}


@given(FILTERS, st.sampled_from(SHOWN))
def test_a_filter_or_its_own_error(text: str, pane: PaneSpec) -> None:
    with suppress(FilterError):
        chosen = parse(text, pane)
        for record in RECORDS[pane.id]:
            assert chosen(record, NOW) in {True, False}


@given(st.sampled_from(NAMES), FILTERS, st.sampled_from(SHOWN))
def test_a_field_with_any_value(name: str, value: str, pane: PaneSpec) -> None:
    with suppress(FilterError):
        chosen = parse(f"{name}:{value}", pane)
        for record in RECORDS[pane.id]:
            assert chosen(record, NOW) in {True, False}
