"""A pane without rows tells why: none are there, or none can come."""

from datetime import datetime, timedelta

import pytest

from opsboard.adapter import Condition, Health, Report, listing
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.board.state import Board
from opsboard.history.historical_board import historical_board
from opsboard.history.model import Gap, GapReason
from opsboard.history.state import HistoricalState
from opsboard.records import Kind
from opsboard.ui.render.table_placeholder import empty_table_text
from opsboard.views.panes import pane_named
from tests.board import NOW, events

MODELS = SourceInfo("MLflow", kinds=frozenset({Kind.MODEL, Kind.MODEL_VERSION}))


def _text(pane: str, **sources: SourceInfo) -> str:
    board = Board()
    board.apply([BoardEvent("", SourceList(sources), NOW)])
    for name in sources:
        live = Report(Health(condition=Condition.LIVE))
        board.apply(events(name, live, *listing("all", [])))
    return empty_table_text(pane_named(pane), board.sources())


@pytest.mark.parametrize("pane", ["builds", "deployments"])
def test_what_no_source_can_have_is_told_with_the_way_to_sources_that_can(pane: str) -> None:
    text = _text(pane, registry=MODELS, second=MODELS)
    assert text.startswith(f"No source has {pane}: there is MLflow alone.\n`opsboard init")


def test_where_a_source_may_have_them_there_are_just_none() -> None:
    ci = SourceInfo("CI", kinds=frozenset({Kind.BUILD}))
    assert _text("builds", registry=MODELS, ci=ci) == "No builds."
    assert _text("builds", registry=MODELS, ci=SourceInfo("not known what it has")) == "No builds."
    assert _text("models", registry=MODELS) == "No models."


def _earlier(pane: str, since: datetime | None = None, missing: str = "") -> str:
    """Return what is read on the board as of 01:00, recorded until now or only *since* then."""
    state = HistoricalState(NOW, as_seen=False, entities=(), gaps=())
    if since is not None:
        gap = Gap("ci", "builds", None, since, GapReason.NO_BOARD)
        state = HistoricalState(NOW, as_seen=False, entities=(), gaps=(gap,))
    found = historical_board(state, {"ci": "CI"}, [("ci", "builds")], missing=missing)
    return empty_table_text(pane_named(pane), found.board.sources(), "01:00")


def test_an_earlier_board_without_rows_says_of_when_that_is_and_since_when_it_is_known() -> None:
    assert _earlier("builds") == "No builds as of 01:00."
    assert _earlier("alerts") == "Nothing was wrong as of 01:00."
    first, why = _earlier("builds", since=NOW + timedelta(hours=1)).split("\n")
    assert first == "No builds are known as of 01:00."
    assert why.startswith("ci: recorded since ")


def test_an_earlier_board_does_not_say_that_there_was_none_of_what_it_cannot_have() -> None:
    assert _earlier("builds", missing="the rest is being read") == (
        "No builds yet: the rest is being read."
    )
    assert _earlier("events") == "Events are not recorded: the board as of 01:00 has none."
    assert _earlier("activity").endswith(":timeline tells what was done.")


def test_what_the_board_itself_makes_needs_no_source_of_it() -> None:
    assert _text("alerts", registry=MODELS) == "Nothing is wrong."
    assert _text("services", registry=MODELS) == "No services."
